"""What can be said of a first divergence: its causes, what happened around it, and a reproducer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from snnc.executors import REFERENCE, load_executor
from snnc.one_executor import Case
from snnc.stages import Artifact, Diagnosis, Divergence, Trace

if TYPE_CHECKING:
    from snnc.hwsim.diagnosis import State


def explained(artifact: Artifact, divergence: Divergence, case: Case, reproducer: Path | None) -> Divergence:
    """`divergence` with its diagnosis and vicinity; and a reproducer, written to the folder of that name.

    `case` holds the diverging sample last. Where the search itself breaks down, the diagnosis says so: the
    verdict is known by then, and must not be lost.
    """
    try:
        return _explained(artifact, divergence, case, reproducer)
    except Exception as error:
        why = " ".join(f"the search broke down: {type(error).__name__}: {error}".split())
        return replace(divergence, diagnosis=Diagnosis(unknown=why))


def _explained(artifact: Artifact, divergence: Divergence, case: Case, reproducer: Path | None) -> Divergence:
    from snnc.hwsim.diagnosis import diagnose, vicinity

    graph, sample = artifact.graph, len(case.inputs) - 1
    layer = [one.name for one in graph.layers].index(divergence.layer)
    where = layer, divergence.neuron, divergence.step
    expected, found = (_states(trace, sample) for trace in (case.expected, case.found))
    before = [(one.u[0, -1], one.v[0, -1]) for one in case.found] if sample else None
    known = replace(
        divergence,
        diagnosis=diagnose(graph, *where, case.inputs[sample], expected, found, before),
        vicinity=vicinity(graph, *where, expected, found),
    )
    if reproducer is None:
        return known
    from snnc.reproducer import reproduce

    here = replace(divergence, sample=sample)
    reference = load_executor(REFERENCE)
    made = reproduce(artifact, case.executor, reference, here, case.inputs, case.expected, reproducer)
    return replace(known, reproducer=made)


def _states(trace: Trace, sample: int) -> list[State]:
    return [{"u": one.u[sample], "v": one.v[sample], "spikes": one.spikes[sample]} for one in trace]
