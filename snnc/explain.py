"""What can be said of a first divergence: its causes, what happened around it, and a reproducer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from snnc.batches import batches
from snnc.executors import REFERENCE, load_executor
from snnc.one_executor import Case
from snnc.stages import Artifact, Diagnosis, Divergence, Reproducer, Trace

if TYPE_CHECKING:
    from snnc.hwsim.diagnosis import Observed, State, Suspects

UNREPEATABLE = (
    "run again on the same input, it gives something else; so it depends on what ran before, or on chance"
)


def explained(artifact: Artifact, divergence: Divergence, case: Case, reproducer: Path | None) -> Divergence:
    """`divergence` with its diagnosis and vicinity; and a reproducer, written to the folder of that name.

    `case` holds the diverging sample last. The verdict is known by then and must not be lost: where a search
    breaks down, its result says so, and the other stands.
    """
    known = _diagnosed(artifact, divergence, case)
    if reproducer is None:
        return known
    return replace(known, reproducer=_smallest(artifact, divergence, case, reproducer))


def _diagnosed(artifact: Artifact, divergence: Divergence, case: Case) -> Divergence:
    from snnc.hwsim.diagnosis import diagnose, vicinity

    graph, sample = artifact.graph, len(case.inputs) - 1
    layer = [one.name for one in graph.layers].index(divergence.layer)
    where = layer, divergence.neuron, divergence.step
    samples = _observed(case.inputs, case.expected, case.found)
    observed = samples[-1]
    known = replace(divergence, vicinity=vicinity(graph, *where, observed.expected, observed.found))

    runs: list[bool] = []

    def further(suspects: Suspects) -> Sequence[Observed]:
        tests, repeated = _tests(artifact, case, suspects, sample)
        runs.append(repeated)
        return tests

    try:
        diagnosis = diagnose(graph, *where, observed, further)
    except Exception as error:
        return replace(known, diagnosis=Diagnosis(unknown=_broke_down(error)))
    if not all(runs):  # then what a cause gave again says nothing
        untested = tuple(replace(cause, tests=0) for cause in diagnosis.causes)
        diagnosis = replace(diagnosis, causes=untested, unknown=None if untested else UNREPEATABLE)
    return replace(known, diagnosis=diagnosis)


def _tests(
    artifact: Artifact, case: Case, suspects: Suspects, sample: int
) -> tuple[Sequence[Observed], bool]:
    """Both sides on inputs that tell the suspects apart, and whether they gave again what is known to differ.

    All in one run, behind the inputs of `case`.
    """
    from snnc.hwsim.diagnosis import chosen, made

    reference = case.reference or load_executor(REFERENCE)
    inputs = made(artifact.graph, case.inputs[sample], suspects.case.step)
    signals: Sequence[npt.NDArray[Any]] = list(inputs)
    if suspects.index:
        parts = (reference.run(artifact, inputs[part]) for part in batches(artifact.graph, len(inputs)))
        signals = [spikes for trace in parts for spikes in trace.layers[suspects.index - 1].spikes]
    inputs = np.concatenate([case.inputs, inputs[chosen(suspects, signals)]])
    inputs.flags.writeable = False
    try:
        expected, found = reference.run(artifact, inputs), case.executor.run(artifact, inputs)
    except Exception:  # then nothing more is known of it, and what fits is only possible
        return (), True
    known = slice(len(case.inputs))
    repeated = _same(case.expected, expected.part(known)) and _same(case.found, found.part(known))
    return _observed(inputs, expected, found)[len(case.inputs) :], repeated


def _same(one: Trace, other: Trace) -> bool:
    return all(
        np.array_equal(getattr(a, name), getattr(b, name))
        for a, b in zip(one, other, strict=True)
        for name in ("u", "v", "spikes")
    )


def _smallest(artifact: Artifact, divergence: Divergence, case: Case, folder: Path) -> Reproducer:
    from snnc.reproducer import reproduce

    here, reference = replace(divergence, sample=len(case.inputs) - 1), load_executor(REFERENCE)
    try:
        return reproduce(artifact, case.executor, reference, here, case.inputs, case.expected, folder)
    except Exception as error:
        return Reproducer(absent=_broke_down(error))


def _broke_down(error: Exception) -> str:
    return " ".join(f"the search broke down: {type(error).__name__}: {error}".split())


def _observed(inputs: npt.NDArray[np.uint8], expected: Trace, found: Trace) -> list[Observed]:
    """The samples of one run, in its order."""
    from snnc.hwsim.diagnosis import Observed

    samples: list[Observed] = []
    for k, spikes in enumerate(inputs):
        before = samples[-1] if samples else None
        samples.append(Observed(spikes, _states(expected, k), _states(found, k), before))
    return samples


def _states(trace: Trace, sample: int) -> list[State]:
    return [{"u": one.u[sample], "v": one.v[sample], "spikes": one.spikes[sample]} for one in trace]
