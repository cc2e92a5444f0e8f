"""The smallest network and input on which two executors still differ, as far as a bounded search finds it.

First the diverging neuron is tried alone, on what the layer before it sent by the reference: a fault of a
neuron's arithmetic shows there. If it does not, the whole network is tried, then fewer of its layers. Then
synapses, neurons, steps and events are left out by delta debugging (`delta.py`) until no single one can be.

The search is deterministic, unless its time runs out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from itertools import islice

import numpy as np
import numpy.typing as npt

from snnc.batches import batch_size
from snnc.hwsim import cases
from snnc.hwsim.cases import Case, Indices, Spikes
from snnc.hwsim.compare import Place
from snnc.hwsim.delta import Still, fewest
from snnc.provenance import graph_hash
from snnc.stages import LayerTrace, QuantizedGraph, Trace

RUNS = 4000
SECONDS = 22.0
COARSE = 8
"""Parts that neurons are first cut into."""
DELAYS_TRIED = 64
"""Most synapses of a case whose delays are shortened one by one."""

FirstSteps = Callable[[QuantizedGraph, Spikes], npt.NDArray[np.intp]]
"""Runs both executors on uint8 [samples, T, inputs], in a row; gives for each sample the first step in which
a u, v or spike differs, T if none does. Where one of the two cannot run that graph, that is T for all."""


@dataclass(frozen=True, slots=True)
class Shrunk:
    """`case` is the smallest found, None if the fault showed in none.

    `runs`: how often the executors ran. `stopped` says what ended the search early, None if nothing did: then
    no event, synapse, neuron or input line can be left out.
    """

    case: Case | None
    runs: int
    stopped: str | None


class _SpentError(Exception):
    """The runs or the seconds are used up."""


def differing_steps(expected: Trace, found: Trace) -> npt.NDArray[np.intp]:
    """For each sample, the first step in which a u, v or spike of any layer differs, T if none does."""
    steps = expected.layers[0].v.shape[1]
    differs = np.zeros((expected.samples, steps + 1), np.bool_)
    differs[:, steps] = True
    for one, other in zip(expected, found, strict=True):
        for name in ("u", "v", "spikes"):
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
    search = _Search(first_steps, runs, seconds)
    stopped = None
    try:
        _find_a_start(search, graph, inputs, place, expected)
        _compact_at_once(search)  # in a run of its own, so that it confirms the start if it succeeds
        if not search.confirm():  # what showed only in a batch came from the sample before it
            search.forget()
            _find_a_start(search, graph, inputs, place, expected)
        _reduce(search)
    except _SpentError as spent:
        stopped = str(spent)
    if search.best is not None and not search.confirm(bounded=False):
        search.best = search.sure
    return Shrunk(search.best, search.runs, stopped)


class _Search:
    """The smallest case so far, and what may still be spent.

    `step` is the first step in which `best` differs. `sure` is the last that differed in a run of its own;
    where samples are `batched`, one before it in the batch may be to blame.
    """

    def __init__(self, first_steps: FirstSteps, runs: int, seconds: float) -> None:
        self._first_steps, self._most, self._seconds = first_steps, runs, seconds
        self._end = time.monotonic() + seconds
        self._quickest = 0.0
        self.runs = 0
        self.batched = True
        self.best: Case | None = None
        self.sure: Case | None = None
        self.step = 0
        # What agreed once is not run again, so that the last look whether anything can go is cheap.
        self._agreed: set[tuple[str, bytes]] = set()

    @property
    def at_once(self) -> int:
        """How many inputs of the best case's graph may be tried in one run."""
        assert self.best is not None
        single = self.batched and len(self.best.inputs) == 1
        return batch_size(self.best.graph) if single else 1

    def take(self, case: Case) -> bool:
        """Whether `case` is another than the best, and differs; then it is the best."""
        if self.best is not None and case.size == self.best.size:
            return False
        return self.take_one(case.graph, [case.inputs]) is not None

    def take_one(self, graph: QuantizedGraph, inputs: Iterable[Spikes], at_once: int = 1) -> int | None:
        """Make the best of those `inputs` of `graph` that differ in the first run in which any does.

        Of several in a run, it is one with the fewest events. Returns its number.
        """
        name = graph_hash(graph)
        new = ((number, each) for number, each in enumerate(inputs) if (name, _key(each)) not in self._agreed)
        while batch := list(islice(new, at_once)):
            if len(batch) == 1:
                steps = self._run(graph, batch[0][1]).min(keepdims=True)
            else:
                steps = self._run(graph, np.concatenate([each for _, each in batch]))
            differing = np.flatnonzero(steps < graph.time_steps).tolist()
            if differing:
                at = min(differing, key=lambda at: np.count_nonzero(batch[at][1]))
                self.best, self.step = Case(graph, batch[at][1]), int(steps[at])
                if len(batch) == 1:
                    self.sure = self.best
                return batch[at][0]
            self._agreed.update((name, _key(each)) for _, each in batch)
        return None

    def confirm(self, *, bounded: bool = True) -> bool:
        """Whether the best case, if there is one, differs in a run of its own."""
        if self.best is self.sure:
            return True
        assert self.best is not None
        if not (self._run(self.best.graph, self.best.inputs, bounded) < self.best.graph.time_steps).any():
            return False
        self.sure = self.best
        return True

    def forget(self) -> None:
        """Start again, each sample in a run of its own."""
        self.batched, self.best = False, None
        self._agreed.clear()

    def _run(self, graph: QuantizedGraph, inputs: Spikes, bounded: bool = True) -> npt.NDArray[np.intp]:
        if bounded and self.runs >= self._most:
            raise _SpentError(f"{self._most} runs were made")
        began = time.monotonic()
        # One more is needed to confirm what showed in a batch.
        needed = self._quickest * (1 if self.best is self.sure else 2)
        if bounded and began + needed >= self._end:
            raise _SpentError(f"{self._seconds:g} s were used up")
        self.runs += 1
        steps = self._first_steps(graph, inputs)
        took = time.monotonic() - began
        self._quickest = took if self.runs == 1 else min(took, self._quickest)
        return steps


def _key(inputs: Spikes) -> bytes:
    return sha256(repr(inputs.shape).encode() + inputs.tobytes()).digest()


def _find_a_start(
    search: _Search, graph: QuantizedGraph, inputs: Spikes, place: Place, expected: Trace
) -> None:
    """A first case that differs, if there is one: the neuron alone, else few layers."""
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
        tuple(LayerTrace(x.u[-samples:], x.v[-samples:], x.spikes[-samples:]) for x in trace),
    )


def _reduce(search: _Search) -> None:
    """Leave out what can be, until nothing more can."""
    while search.best is not None:
        before = search.best.size
        for reduction in REDUCTIONS:
            reduction(search)
        if search.best.size == before:
            return


def _compactions(search: _Search) -> tuple[Callable[[Case], Case], ...]:
    """Nothing after the divergence, no common delays, nothing silent."""
    return (
        lambda case: cases.with_steps(case, search.step + 1),
        cases.without_common_delays,
        cases.without_silent_lines,
        cases.from_first_event,
    )


def _compact_at_once(search: _Search) -> bool:
    smallest = search.best
    for change in _compactions(search):
        smallest = None if smallest is None else change(smallest)
    return smallest is not None and search.take(smallest)


def _compact(search: _Search) -> None:
    if not _compact_at_once(search):
        for change in _compactions(search):
            search.take(change(_best(search)))


def _fewer_events(search: _Search) -> None:
    case = _best(search)
    events = np.argwhere(case.inputs)
    _fewest_inputs(search, case, len(events), lambda kept: cases.with_events(case, events[kept]))


def _fewer_steps(search: _Search) -> None:
    """Steps between others: what follows moves up."""
    case = _best(search)
    samples, steps = case.inputs.shape[:2]

    def build(kept: Indices) -> Spikes:
        return cases.moved_up(case, [kept[kept // steps == n] % steps for n in range(samples)])

    _fewest_inputs(search, case, samples * steps, build)


def _fewest_inputs(search: _Search, case: Case, count: int, build: Callable[[Indices], Spikes]) -> None:
    at_once = search.at_once

    def still(selections: Iterator[Indices]) -> Indices | None:
        tried: list[Indices] = []

        def inputs() -> Iterator[Spikes]:
            for selection in selections:
                tried.append(selection)
                yield build(selection)

        number = search.take_one(case.graph, inputs(), at_once)
        return None if number is None else tried[number]

    fewest(count, still, at_once)


def _still(search: _Search, build: Callable[[Indices], Case]) -> Still:
    return lambda selections: next((kept for kept in selections if search.take(build(kept))), None)


def _fewer_synapses(search: _Search) -> None:
    case = _best(search)
    present = cases.synapses(case.graph)
    fewest(len(present), _still(search, lambda kept: cases.with_synapses(case, present[kept])))


def _fewer_neurons(search: _Search, finest: int | None = None) -> None:
    """From the last layer on, for the neurons of a layer serve those behind it."""
    for index in reversed(range(len(_best(search).graph.layers))):
        keep = partial(cases.with_neurons, index=index)
        _fewest_but_one(search, _best(search).graph.layers[index].neurons, keep, finest)


def _fewer_lines(search: _Search, finest: int | None = None) -> None:
    _fewest_but_one(search, _best(search).graph.inputs, cases.with_lines, finest)


def _coarsely(search: _Search) -> None:
    """Large parts of the neurons and lines, so that the many runs that follow are of a small graph."""
    if all(layer.neurons == 1 for layer in _best(search).graph.layers):
        return  # lines go with their events
    _fewer_neurons(search, COARSE)
    _fewer_lines(search, COARSE)


def _fewest_but_one(
    search: _Search, count: int, keep: Callable[..., Case], finest: int | None = None
) -> None:
    """As few of `count` as will do, but not none: a graph needs one."""
    case = _best(search)
    still = _still(search, lambda kept: keep(case, kept))
    fewest(count, lambda selections: still(kept for kept in selections if len(kept)), finest=finest)


def _shorter_delays(search: _Search) -> None:
    if sum(np.count_nonzero(layer.delay) for layer in _best(search).graph.layers) > DELAYS_TRIED:
        return
    while any(search.take(case) for case in cases.shorter_delays(_best(search))):
        pass


def _shorter_run(search: _Search) -> None:
    """Where a fault comes with the last step, there is no step after it to cut."""
    while (steps := _best(search).graph.time_steps) > 1:
        if not any(
            search.take(cases.with_steps(_best(search), fewer)) for fewer in sorted({steps // 2, steps - 1})
        ):
            return


def _best(search: _Search) -> Case:
    assert search.best is not None
    return search.best


REDUCTIONS: tuple[Callable[[_Search], None], ...] = (
    _compact,
    _coarsely,
    _fewer_events,
    _compact,
    _fewer_synapses,
    _fewer_neurons,
    _fewer_lines,
    _fewer_steps,
    _compact,
    _shorter_delays,
    _shorter_run,
)
"""The cheap ones first: where a run takes seconds, few are made."""
