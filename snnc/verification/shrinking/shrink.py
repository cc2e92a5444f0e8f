"""The smallest network and input on which two executors still differ, as far as a bounded search finds it.

First the diverging neuron is tried alone, on what its sources sent by the reference: a fault of a neuron's
arithmetic shows there. If it does not, the whole network is tried, then fewer of its populations. Then
synapses, neurons, steps and events are left out by delta debugging (`ddmin.py`) until no single one can be.

The search is deterministic, unless its time runs out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.batches import batch_size
from snnc.stages import QuantizedGraph, Trace
from snnc.verification.compare import VARIABLES, Place
from snnc.verification.shrinking import cases
from snnc.verification.shrinking.cases import Case, Spikes
from snnc.verification.shrinking.graphs.reductions import OF_GRAPHS
from snnc.verification.shrinking.graphs.start import find_a_start
from snnc.verification.shrinking.reducing import compact_at_once
from snnc.verification.shrinking.reductions import OF_CHAINS
from snnc.verification.shrinking.search import FirstSteps, Search, SpentError

RUNS = 4000
SECONDS = 22.0


@dataclass(frozen=True, slots=True)
class Shrunk:
    """`case` is the smallest found, None if the fault showed in none.

    `runs`: how often the executors ran. `stopped` says what ended the search early, None if nothing did: then
    no event, synapse, neuron, population or input line can be left out.
    """

    case: Case | None
    runs: int
    stopped: str | None


def differing_steps(expected: Trace, found: Trace) -> npt.NDArray[np.intp]:
    """For each sample, the first step in which a u, w, v or spike differs anywhere, T if none does."""
    steps = expected.layers[0].v.shape[1]
    differs = np.zeros((expected.samples, steps + 1), np.bool_)
    differs[:, steps] = True
    for one, other in zip(expected, found, strict=True):
        for name in VARIABLES:
            if getattr(one, name) is not None:
                differs[:, :steps] |= (getattr(one, name) != getattr(other, name)).any(axis=2)
    return differs.argmax(axis=1)


def shrink(
    graph: QuantizedGraph,
    inputs: Spikes,
    place: Place,
    expected: Trace,
    first_steps: FirstSteps,
    *,
    runs: int = RUNS,
    seconds: float = SECONDS,
) -> Shrunk:
    """Search for the smallest case in which what differs at `place` still shows.

    Parameters
    ----------
    inputs : uint8 [1 or 2, T, inputs]; the last sample diverges. One before it is kept only where the
        fault needs it.
    expected : the reference's trace of `inputs`.
    runs, seconds : whichever is used up first ends the search. One more run may then confirm the result.
    """
    search = Search(first_steps, runs, seconds)
    start, how = (_find_a_start, OF_CHAINS) if graph.is_chain else (find_a_start, OF_GRAPHS)
    stopped = None
    try:
        start(search, graph, inputs, place, expected)
        compact_at_once(search, how.silence)  # in a run of its own: so it confirms the start if it succeeds
        if not search.confirm():  # what showed only in a batch came from the sample before it
            search.forget()
            start(search, graph, inputs, place, expected)
        how.reduce(search)
    except SpentError as spent:
        stopped = str(spent)
    if search.best is not None and not search.confirm(bounded=False):
        search.best = search.sure
    return Shrunk(search.best, search.runs, stopped)


def _find_a_start(
    search: Search, graph: QuantizedGraph, inputs: Spikes, place: Place, expected: Trace
) -> None:
    """A first case of a chain that differs, if there is one: the neuron alone, else few layers."""
    contexts = [1] if len(inputs) == 1 else [1, 2]
    for samples in contexts:
        given, trace = inputs[-samples:], _last(expected, samples)
        case = cases.with_steps(
            cases.neuron_alone(graph, given, trace, place.layer, place.neuron), place.step + 1
        )
        if search.take_one(case.graph, _histories(case, trace, place), batch_size(graph)) is not None:
            return
    for samples in contexts:
        given, trace = inputs[-samples:], _last(expected, samples)
        if search.take(Case(graph, given)):
            for first in range(place.layer, -1, -1):
                if search.take(cases.part(graph, given, trace, first, place.layer, place.neuron)):
                    return
            return


def _histories(case: Case, expected: Trace, place: Place) -> list[Spikes]:
    """The events that arrive at a neuron in the step of `place`, since its last reset, and all up to then.

    With a sample before, all only.
    """
    if len(case.inputs) > 1:
        return [case.inputs]
    fired = np.flatnonzero(expected.layers[place.layer].spikes[-1, : place.step, place.neuron])
    starts = [place.step, int(fired[-1]) + 1 if len(fired) else 0, 0]
    return [cases.arrivals(case, first, place.step) for first in starts]


def _last(trace: Trace, samples: int) -> Trace:
    return Trace(
        trace.executor,
        tuple(layer.part(slice(-samples, None)) for layer in trace),
    )
