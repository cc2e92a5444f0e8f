"""What can be said of a first divergence: its causes, and what happened around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from snnc.batches import batches
from snnc.executor import FixedPointExecutor, OwnArithmeticExecutor
from snnc.plugins.executors import REFERENCE, load_executor
from snnc.stages import Artifact, Breakdown, Cause, Diagnosis, Divergence, Trace
from snnc.verification.breakdown import Raised, attempt, breakdown
from snnc.verification.diagnosis import diagnose, diagnose_graph, neuron_context, run_observed
from snnc.verification.diagnosis.fixed_point import fixed_point
from snnc.verification.diagnosis.real_numbers import real_numbers
from snnc.verification.one_executor import Deviation

if TYPE_CHECKING:
    from snnc.verification.diagnosis import GraphSuspects, Observed, Suspects

UNREPEATABLE = (
    "run again on the same input, it gives something else; so it depends on what ran before, or on chance"
)

_Chosen: TypeAlias = tuple[npt.NDArray[np.uint8], list[int]]


def explained(artifact: Artifact, divergence: Divergence, case: Deviation) -> Divergence:
    """`divergence` with its diagnosis and context; `case` holds the diverging sample last.

    The verdict is known by then and must not be lost: where a search breaks down, its result says so.
    """
    graph, sample = artifact.graph, len(case.inputs) - 1
    where = graph.trace_index(divergence.layer), divergence.neuron, divergence.step
    samples = run_observed(case.inputs, case.expected, case.found)
    observed = samples[-1]
    known = replace(divergence, vicinity=neuron_context(graph, *where, observed.expected, observed.found))
    if isinstance(case.executor, OwnArithmeticExecutor):
        own = attempt(partial(_of_own_arithmetic, artifact, divergence, case.executor, observed))
        if isinstance(own, Raised):
            return replace(known, diagnosis=Diagnosis(unknown=f"the search broke down: {own.text}"))
        if own:
            return replace(known, diagnosis=Diagnosis(own, len(own)))
    made: list[_Tests] = []

    def further(suspects: Suspects) -> Sequence[Observed]:
        made.append(_tests(artifact, case, *_chosen(artifact, case, suspects, sample)))
        return made[-1].samples

    def further_of_graph(suspects: GraphSuspects) -> Sequence[Observed]:
        if not graph.inputs:  # every input is the same
            return ()
        made.append(_tests(artifact, case, *_chosen_of_graph(artifact, case, suspects, sample)))
        return made[-1].samples

    if graph.is_chain:
        diagnosis = attempt(partial(diagnose, graph, *where, observed, further))
    else:
        place = divergence.layer, divergence.neuron, divergence.step
        diagnosis = attempt(partial(diagnose_graph, graph, *place, observed, further_of_graph))
    if isinstance(diagnosis, Raised):
        return replace(known, diagnosis=Diagnosis(unknown=f"the search broke down: {diagnosis.text}"))
    for tests in made:
        diagnosis = replace(diagnosis, broke=tests.broke)
        if not tests.repeated:  # then what a cause gave again says nothing
            untested = tuple(replace(cause, tests=0) for cause in diagnosis.causes)
            diagnosis = replace(diagnosis, causes=untested, unknown=None if untested else UNREPEATABLE)
    return replace(known, diagnosis=diagnosis)


def _of_own_arithmetic(
    artifact: Artifact, divergence: Divergence, executor: OwnArithmeticExecutor, observed: Observed
) -> tuple[Cause, ...]:
    """The causes that lie in its arithmetic, none where its record is not what that gives."""
    d = divergence
    if isinstance(executor, FixedPointExecutor):
        numbers = executor.numbers(artifact, d.layer)
        at = d.neuron, d.step, d.variable, d.expected
        return fixed_point(artifact.graph, numbers, d.layer, observed, *at)
    cause = real_numbers(artifact.graph, d.layer, d.neuron, observed)
    return () if cause is None else (cause,)


@dataclass(frozen=True, slots=True)
class _Tests:
    """Both sides on further inputs, and whether they gave again what is known to differ; or what broke."""

    samples: Sequence[Observed] = ()
    repeated: bool = True
    broke: Breakdown | None = None


def _chosen(artifact: Artifact, case: Deviation, suspects: Suspects, sample: int) -> _Chosen:
    """Inputs that tell the suspects apart, and which of those made they are."""
    from snnc.verification.diagnosis import chosen, made

    reference = case.reference or load_executor(REFERENCE)
    inputs = made(artifact.graph, case.inputs[sample], suspects.symptom.step)
    signals: Sequence[npt.NDArray[Any]] = list(inputs)
    if suspects.index:
        parts = (reference.run(artifact, inputs[part]) for part in batches(artifact.graph, len(inputs)))
        signals = [spikes for trace in parts for spikes in trace.layers[suspects.index - 1].spikes]
    numbers = chosen(suspects, signals)
    return inputs[numbers], numbers


def _chosen_of_graph(artifact: Artifact, case: Deviation, suspects: GraphSuspects, sample: int) -> _Chosen:
    from snnc.verification.diagnosis import chosen_of_graph, made, run_observed

    reference = case.reference or load_executor(REFERENCE)
    inputs = made(artifact.graph, case.inputs[sample], suspects.step)
    observed: list[Observed] = []
    for part in batches(artifact.graph, len(inputs)):
        trace = reference.run(artifact, inputs[part])
        observed += run_observed(inputs[part], trace, trace)
    numbers = chosen_of_graph(suspects, observed)
    return inputs[numbers], numbers


def _tests(artifact: Artifact, case: Deviation, more: npt.NDArray[np.uint8], numbers: list[int]) -> _Tests:
    """Both sides on inputs, made with these numbers, in one run behind the inputs of `case`."""
    reference, known = case.reference or load_executor(REFERENCE), len(case.inputs)
    inputs = np.concatenate([case.inputs, more])
    inputs.flags.writeable = False
    traces = []
    for executor in (reference, case.executor):
        trace = attempt(partial(executor.run, artifact, inputs))
        if isinstance(trace, Raised):  # then nothing more is known of it, and what fits is only possible
            return _Tests(broke=breakdown(executor, artifact, inputs[known:], numbers, trace))
        traces.append(trace)
    expected, found = traces
    repeated = all(
        _same(first, again.part(slice(known)))
        for first, again in ((case.expected, expected), (case.found, found))
    )
    return _Tests(run_observed(inputs, expected, found)[known:], repeated)


def _same(one: Trace, other: Trace) -> bool:
    return all(
        np.array_equal(getattr(a, name), getattr(b, name))
        for a, b in zip(one, other, strict=True)
        for name in ("u", "v", "spikes", "w")
    )
