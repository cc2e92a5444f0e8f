"""Hypotheses are tried: which of them give what was found, and of how many neurons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from snnc.hwsim.diagnosis import neuron_faults, synapse_faults
from snnc.hwsim.diagnosis.hypothesis import Hypothesis, replaced
from snnc.hwsim.diagnosis.layer_model import (
    Columns,
    Integers,
    LayerModel,
    Rules,
    columns,
    joined,
    run,
)
from snnc.hwsim.diagnosis.one_synapse import one_synapse

COLUMNS_AT_ONCE = 4096
"""Neurons that are run side by side, which bounds memory."""

Held: TypeAlias = Mapping[str, Integers]
"""What is held of one layer, by variable, int64 [T, neurons]."""
Mask: TypeAlias = npt.NDArray[np.bool_]
Start: TypeAlias = tuple[npt.NDArray[Any], npt.NDArray[Any]]
"""u and v [neurons] of a layer at the end of the sample before."""


@dataclass(frozen=True, slots=True)
class Case:
    """A layer of the contract that gives something else than `held` in `neuron`, first in `step`."""

    model: LayerModel
    held: Held
    neuron: int
    step: int
    right: Held
    """What the contract gives."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A hypothesis that fits up to the divergence, and which neurons it explains in all steps."""

    hypothesis: Hypothesis
    explained: Mask


def case(model: LayerModel, held: Held, neuron: int, step: int) -> Case | None:
    """The case, or None if the contract gives `held` in `neuron` up to `step`."""
    everyone = np.arange(len(model.weight))
    right = run(columns(model, everyone, len(model.signal)), model.rules)
    found = Case(model, held, neuron, step, right)
    return None if _agrees(right, held, everyone, step + 1)[neuron] else found


def hypotheses(given: Case, previous: Start | None) -> list[Hypothesis]:
    """All that are worth a trial, in no order of merit."""
    return [
        *_whole_layer(given.model),
        *_surviving_state(previous),
        *one_synapse(given.model, given.neuron, given.step, given.right, given.held),
        *_permuted(given),
    ]


def fits(given: Case, tried: Sequence[Hypothesis]) -> list[Fit]:
    """Those that reproduce the neuron up to the divergence, in the order of `tried`."""
    alone = np.array([given.neuron])
    trials = ((hypothesis.change(given.model), alone) for hypothesis in tried)
    matches = _run_each(trials, given.held, given.step + 1)
    survivors = [hypothesis for hypothesis, match in zip(tried, matches, strict=True) if match[0]]
    return [
        Fit(hypothesis, mask)
        for hypothesis, mask in zip(
            survivors, explained(given.model, given.held, survivors, given.right), strict=True
        )
    ]


def explained(
    model: LayerModel, held: Held, tried: Sequence[Hypothesis], right: Held | None = None
) -> Iterator[Mask]:
    """For each hypothesis the neurons that it reproduces in all steps; `right` is what the contract gives."""
    everyone, steps = np.arange(len(model.weight)), len(model.signal)
    right = run(columns(model, everyone, steps), model.rules) if right is None else right
    unchanged = _agrees(right, held, everyone, steps)
    rows = [model.changed_rows(hypothesis.change(model)) for hypothesis in tried]
    trials = ((hypothesis.change(model), row) for hypothesis, row in zip(tried, rows, strict=True))
    for row, match in zip(rows, _run_each(trials, held, steps), strict=True):
        mask = unchanged.copy()
        mask[row] = match
        yield mask


def _run_each(trials: Iterator[tuple[LayerModel, Integers]], held: Held, steps: int) -> Iterator[Mask]:
    """For each model and its rows, which of these agree with `held` in the first `steps` steps."""
    waiting: list[tuple[Columns, Rules, Integers]] = []
    width = 0
    for model, rows in trials:
        waiting.append((columns(model, rows, steps), model.rules, rows))
        width += len(rows)
        if width >= COLUMNS_AT_ONCE:
            yield from _run_together(waiting, held, steps)
            waiting, width = [], 0
    yield from _run_together(waiting, held, steps)


def _run_together(
    waiting: Sequence[tuple[Columns, Rules, Integers]], held: Held, steps: int
) -> Iterator[Mask]:
    """Those of the same rules in one go."""
    groups: dict[Rules, list[int]] = {}
    for index, (_, rules, _) in enumerate(waiting):
        groups.setdefault(rules, []).append(index)
    masks: dict[int, Mask] = {}
    for rules, members in groups.items():
        rows = [waiting[index][2] for index in members]
        record = run(joined([waiting[index][0] for index in members]), rules)
        agrees = _agrees(record, held, np.concatenate(rows), steps)
        bounds = np.cumsum([len(part) for part in rows])[:-1]
        masks |= dict(zip(members, np.split(agrees, bounds), strict=True))
    return (masks[index] for index in range(len(waiting)))


def _agrees(record: Held, held: Held, rows: Integers, steps: int) -> Mask:
    """Which columns of `record` are the `rows` of `held`, in all variables held and the first steps."""
    same = np.ones(len(rows), np.bool_)
    for name, values in held.items():
        same &= (record[name][:steps] == values[:steps, rows]).all(axis=0)
    return same


def _whole_layer(model: LayerModel) -> Iterator[Hypothesis]:
    for name, variants in (neuron_faults.FAULTS | synapse_faults.FAULTS).items():
        for where, change in variants(model):
            yield Hypothesis(name, where, change, name not in synapse_faults.ABOUT_THE_SOURCE)


def _surviving_state(previous: Start | None) -> Iterator[Hypothesis]:
    if previous is None:
        return
    u, v = (values.astype(np.int64) for values in previous)
    states = {"u and v": {"start_u": u, "start_v": v}, "u": {"start_u": u}, "v": {"start_v": v}}
    for where, start in states.items():
        yield Hypothesis("state-survives-sample", where, replaced(**start), anywhere=False)


def _permuted(given: Case) -> Iterator[Hypothesis]:
    """That neurons which give what others should have changed places with them."""
    wrong = [_signatures(side, given.held) for side in (given.right, given.held)]
    moved = [i for i, (a, b) in enumerate(zip(*wrong, strict=True)) if a != b]
    free = {i: wrong[0][i] for i in moved}
    order = np.arange(len(given.model.weight))
    for i in moved:
        taken = next((k for k, signature in free.items() if signature == wrong[1][i]), None)
        if taken is not None:
            order[i] = taken
            del free[taken]
    if order[given.neuron] != given.neuron:
        names = ("weight", "delay", "bias_mant", "start_u", "start_v")
        yield Hypothesis(
            "neurons-permuted",
            f"neuron {given.neuron} gives what neuron {order[given.neuron]} should",
            lambda model: replace(model, **{name: getattr(model, name)[order] for name in names}),
            anywhere=False,
        )


def _signatures(side: Held, held: Held) -> list[bytes]:
    """All that is held of each neuron, as bytes."""
    together = np.concatenate([side[name] for name in held])
    return [column.tobytes() for column in np.ascontiguousarray(together.T)]
