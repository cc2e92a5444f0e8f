"""The passes of an export, in order. Whatever runs some of them runs a part of this list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from snnc.errors import PassError
from snnc.exporter.passes.base import After, Before, Pass, Plan, Stage
from snnc.exporter.passes.discretise import Discretise as Discretise
from snnc.exporter.passes.legalise import Legalise as Legalise
from snnc.exporter.passes.place import Place as Place
from snnc.exporter.passes.prune import Prune as Prune
from snnc.exporter.passes.quantise import Quantise as Quantise
from snnc.exporter.passes.quantise_graph import QuantiseGraph as QuantiseGraph
from snnc.exporter.passes.whole_bias import WholeBias as WholeBias

Kinds = Sequence[type[Pass[Any, Any]]]
Done = TypeVar("Done", bound=Pass[Any, Any])

PASSES: tuple[type[Pass[Any, Any]], ...] = (
    Discretise,
    Quantise,
    QuantiseGraph,
    Prune,
    WholeBias,
    Legalise,
    Place,
)
"""A stage goes through those that take it: a chain in real numbers past `QuantiseGraph`, and so on."""


def before(kind: type[Pass[Any, Any]]) -> Kinds:
    """The passes before `kind`."""
    return PASSES[: PASSES.index(kind)]


@dataclass(frozen=True, slots=True)
class Step(Generic[Before, After]):
    """One pass that ran, the stage that it took, and the one that it made."""

    done: Pass[Before, After]
    before: Before
    after: After


class Steps(tuple[Step[Any, Any], ...]):
    """Passes that ran one after another."""

    __slots__ = ()

    def of(self, kind: type[Done]) -> Done:
        """The pass of this `kind`, with its fields."""
        return next(step.done for step in self if isinstance(step.done, kind))

    def after(self, kind: type[Pass[Any, After]]) -> After:
        """What the pass of this `kind` made."""
        made: After = next(step.after for step in self if isinstance(step.done, kind))
        return made

    @property
    def computed(self) -> Any:
        """The last stage that computes something else than the one before it: the one to measure."""
        return [step.after for step in self if not step.done.exact][-1]


def promised(step: Step[Any, Any]) -> None:
    """Raise `PassError` if the pass of `step` does not keep what it promises, with its name."""
    try:
        step.done.check(step.before, step.after)
    except PassError as error:
        raise PassError(
            f"pass {step.done.name}: {error}; the pass is at fault, not the model: please report it"
        ) from error


def run_passes(
    stage: Stage,
    plan: Plan,
    kinds: Kinds = PASSES,
    seen: Callable[[Step[Any, Any]], None] = lambda step: None,
) -> Steps:
    """Run `kinds`, which follow each other in `PASSES`, from `stage` on, as `plan` asks for them.

    A pass that does not take the stage that has been made is left out. `seen` gets every step as it is done.

    Raises
    ------
    SnncError
        What the passes and `seen` raise.
    """
    steps = []
    for kind in kinds:
        if not isinstance(stage, kind.takes):
            continue
        later = [other for other in PASSES[PASSES.index(kind) + 1 :] if not other.exact]

        def exported(made: Any, later: Kinds = later) -> Any:
            return run_passes(made, plan, later).computed if later else made

        done = kind.planned(stage, plan, exported)
        steps.append(Step(done, stage, done.run(stage)))
        seen(steps[-1])
        stage = steps[-1].after
    return Steps(steps)
