"""The order in which the populations of one step are computed."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence

from snnc.errors import StageError


def contract_order(names: Sequence[str], at_once: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """`names` in the contract order; `at_once` are source and destination of synapses of delay 0.

    Of those not yet taken, the first in the list is taken whose sources of delay 0 are all taken.

    Raises
    ------
    StageError
        If they form a cycle.
    """
    place = {name: number for number, name in enumerate(names)}
    before: dict[str, set[str]] = {name: set() for name in names}
    after: dict[str, set[str]] = {name: set() for name in names}
    for source, destination in at_once:
        before[destination].add(source)
        after[source].add(destination)
    ready = [place[name] for name in names if not before[name]]
    taken: list[str] = []
    while ready:
        name = names[heapq.heappop(ready)]
        taken.append(name)
        for other in after[name]:
            before[other].discard(name)
            if not before[other]:
                heapq.heappush(ready, place[other])
    if len(taken) < len(names):
        cycle = _cycle({name: sources for name, sources in before.items() if sources}, place)
        raise StageError(
            f"graph: synapses of delay 0 go round through {' -> '.join([*cycle, cycle[0]])}; give all of one "
            "projection of these a delay of at least 1"
        )
    return tuple(taken)


def _cycle(before: Mapping[str, set[str]], place: Mapping[str, int]) -> list[str]:
    """Names that lead one to the next and the last to the first; each of `before` has a source in it."""
    way = [min(before, key=place.__getitem__)]
    while True:
        source = min(before[way[-1]], key=place.__getitem__)
        if source in way:
            return way[way.index(source) :][::-1]
        way.append(source)
