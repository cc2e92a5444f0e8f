"""What is left out of a case that differs, step by step (`ddmin.py`), as long as it still does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from snnc.verification.shrinking import cases
from snnc.verification.shrinking.cases import Case, Indices, Spikes
from snnc.verification.shrinking.ddmin import Still, fewest
from snnc.verification.shrinking.search import Search

COARSE = 8
"""Parts that neurons are first cut into."""
DELAYS_TRIED = 64
"""Most synapses of a case whose delays are shortened one by one."""


def reduce_case(search: Search) -> None:
    """Leave out what can be, until nothing more can."""
    while search.best is not None:
        before = search.best.size
        for reduction in REDUCTIONS:
            reduction(search)
        if search.best.size == before:
            return


def _compactions(search: Search) -> tuple[Callable[[Case], Case], ...]:
    """Nothing after the divergence, no common delays, nothing silent."""
    return (
        lambda case: cases.with_steps(case, search.step + 1),
        cases.without_common_delays,
        cases.without_silent_lines,
        cases.from_first_event,
    )


def compact_at_once(search: Search) -> bool:
    smallest = search.best
    for change in _compactions(search):
        smallest = None if smallest is None else change(smallest)
    return smallest is not None and search.take(smallest)


def _compact(search: Search) -> None:
    if not compact_at_once(search):
        for change in _compactions(search):
            search.take(change(_best(search)))


def _fewer_events(search: Search) -> None:
    case = _best(search)
    events = np.argwhere(case.inputs)
    _fewest_inputs(search, case, len(events), lambda kept: cases.with_events(case, events[kept]))


def _fewer_steps(search: Search) -> None:
    """Steps between others: what follows moves up."""
    case = _best(search)
    samples, steps = case.inputs.shape[:2]

    def build(kept: Indices) -> Spikes:
        return cases.moved_up(case, [kept[kept // steps == n] % steps for n in range(samples)])

    _fewest_inputs(search, case, samples * steps, build)


def _fewest_inputs(search: Search, case: Case, count: int, build: Callable[[Indices], Spikes]) -> None:
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


def _still(search: Search, build: Callable[[Indices], Case]) -> Still:
    return lambda selections: next((kept for kept in selections if search.take(build(kept))), None)


def _fewer_synapses(search: Search) -> None:
    case = _best(search)
    present = cases.synapses(case.graph)
    fewest(len(present), _still(search, lambda kept: cases.with_synapses(case, present[kept])))


def _fewer_neurons(search: Search, finest: int | None = None) -> None:
    """From the last layer on, for the neurons of a layer serve those behind it."""
    for index in reversed(range(len(_best(search).graph.layers))):
        keep = partial(cases.with_neurons, index=index)
        _fewest_but_one(search, _best(search).graph.layers[index].neurons, keep, finest)


def _fewer_lines(search: Search, finest: int | None = None) -> None:
    _fewest_but_one(search, _best(search).graph.inputs, cases.with_lines, finest)


def _coarsely(search: Search) -> None:
    """Large parts of the neurons and lines, so that the many runs that follow are of a small graph."""
    if all(layer.neurons == 1 for layer in _best(search).graph.layers):
        return  # lines go with their events
    _fewer_neurons(search, COARSE)
    _fewer_lines(search, COARSE)


def _fewest_but_one(search: Search, count: int, keep: Callable[..., Case], finest: int | None = None) -> None:
    """As few of `count` as will do, but not none: a graph needs one."""
    case = _best(search)
    still = _still(search, lambda kept: keep(case, kept))
    fewest(count, lambda selections: still(kept for kept in selections if len(kept)), finest=finest)


def _shorter_delays(search: Search) -> None:
    if sum(np.count_nonzero(layer.delay) for layer in _best(search).graph.layers) > DELAYS_TRIED:
        return
    while any(search.take(case) for case in cases.shorter_delays(_best(search))):
        pass


def _shorter_run(search: Search) -> None:
    """Where a fault comes with the last step, there is no step after it to cut."""
    while (steps := _best(search).graph.time_steps) > 1:
        if not any(
            search.take(cases.with_steps(_best(search), fewer)) for fewer in sorted({steps // 2, steps - 1})
        ):
            return


def _best(search: Search) -> Case:
    assert search.best is not None
    return search.best


REDUCTIONS: tuple[Callable[[Search], None], ...] = (
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
