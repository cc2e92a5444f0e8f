"""What can be said of a first divergence: its causes, what happened around it, and a reproducer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from snnc.executors import REFERENCE, load_executor
from snnc.one_executor import Case
from snnc.stages import Artifact, Diagnosis, Divergence, Reproducer, Trace

if TYPE_CHECKING:
    from snnc.hwsim.diagnosis import State


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
    expected, found = (_states(trace, sample) for trace in (case.expected, case.found))
    before = [(one.u[0, -1], one.v[0, -1]) for one in case.found] if sample else None
    known = replace(divergence, vicinity=vicinity(graph, *where, expected, found))
    try:
        return replace(known, diagnosis=diagnose(graph, *where, case.inputs[sample], expected, found, before))
    except Exception as error:
        return replace(known, diagnosis=Diagnosis(unknown=_broke_down(error)))


def _smallest(artifact: Artifact, divergence: Divergence, case: Case, folder: Path) -> Reproducer:
    from snnc.reproducer import reproduce

    here, reference = replace(divergence, sample=len(case.inputs) - 1), load_executor(REFERENCE)
    try:
        return reproduce(artifact, case.executor, reference, here, case.inputs, case.expected, folder)
    except Exception as error:
        return Reproducer(absent=_broke_down(error))


def _broke_down(error: Exception) -> str:
    return " ".join(f"the search broke down: {type(error).__name__}: {error}".split())


def _states(trace: Trace, sample: int) -> list[State]:
    return [{"u": one.u[sample], "v": one.v[sample], "spikes": one.spikes[sample]} for one in trace]
