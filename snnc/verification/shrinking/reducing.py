"""What is left out of any case that differs, step by step (`ddmin.py`), as long as it still does.

`reductions.py` has what chains need besides, `graphs/reductions.py` what other graphs need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from snnc.verification.shrinking import cases
from snnc.verification.shrinking.cases import Case, Indices, Spikes
from snnc.verification.shrinking.ddmin import Still, fewest
from snnc.verification.shrinking.search import Search

Reduction = Callable[[Search], None]
COARSE = 8
"""Parts that neurons are first cut into."""
DELAYS_TRIED = 64
"""Most synapses of a case whose delays are shortened one by one."""


@dataclass(frozen=True, slots=True)
class Reductions:
    """What can be left out: `silence`, of which all is tried at once, and what takes a search, in turn.

    In the search, the cheap ones stand first: where a run takes seconds, few are made.
    """

    silence: Sequence[Callable[[Case], Case]]
    searched: Sequence[Reduction]

    def reduce(self, search: Search) -> None:
        """Leave out what can be, until nothing more can."""
        while search.best is not None:
            before = search.best
            for reduction in self.searched:
                reduction(search)
            if search.best.same_as(before):
                return


def compactions(search: Search, silence: Sequence[Callable[[Case], Case]]) -> list[Callable[[Case], Case]]:
    """Nothing after the divergence, and nothing silent."""
    return [lambda case: cases.with_steps(case, search.step + 1), *silence]


def compact_at_once(search: Search, silence: Sequence[Callable[[Case], Case]]) -> bool:
    smallest = search.best
    for change in compactions(search, silence):
        smallest = None if smallest is None else change(smallest)
    return smallest is not None and search.take(smallest)


def compact(search: Search, silence: Sequence[Callable[[Case], Case]]) -> None:
    if not compact_at_once(search, silence):
        for change in compactions(search, silence):
            search.take(change(best(search)))


def fewer_events(search: Search) -> None:
    case = best(search)
    events = np.argwhere(case.inputs)
    fewest_inputs(search, case, len(events), lambda kept: cases.with_events(case, events[kept]))


def fewer_steps(search: Search) -> None:
    """Steps between others: what follows moves up."""
    case = best(search)
    samples, steps = case.inputs.shape[:2]

    def build(kept: Indices) -> Spikes:
        return cases.moved_up(case, [kept[kept // steps == n] % steps for n in range(samples)])

    fewest_inputs(search, case, samples * steps, build)


def fewest_inputs(search: Search, case: Case, count: int, build: Callable[[Indices], Spikes]) -> None:
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


def still(search: Search, build: Callable[[Indices], Case]) -> Still:
    return lambda selections: next((kept for kept in selections if search.take(build(kept))), None)


def fewest_but_one(search: Search, count: int, keep: Callable[..., Case], finest: int | None = None) -> None:
    """As few of `count` as will do, but not none: a graph needs one."""
    case = best(search)
    differs = still(search, lambda kept: keep(case, kept))
    fewest(count, lambda selections: differs(kept for kept in selections if len(kept)), finest=finest)


def shorter_run(search: Search) -> None:
    """Where a fault comes with the last step, there is no step after it to cut."""
    while (steps := best(search).graph.time_steps) > 1:
        if not any(
            search.take(cases.with_steps(best(search), fewer)) for fewer in sorted({steps // 2, steps - 1})
        ):
            return


def best(search: Search) -> Case:
    assert search.best is not None
    return search.best
