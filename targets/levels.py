"""Retiming: in which step of the chip each population computes a step of the contract.

On Loihi and in Lava a spike takes a step for every hop, beside its delay. So each population gets a *level*
and computes step t of the contract in step t + level of the chip. A synapse of delay D then delays by

    D + level(destination) - level(source) - 1

steps on the chip, which must lie within the chip's delays. These are difference constraints: `retime` finds
the levels with the least memory for spikes in flight, or names what cannot be solved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.errors import LimitError, PassError
from snnc.stages import QuantizedGraph
from snnc.target import Limits

Ints = npt.NDArray[np.int64]
NAMED = 6
"""Most projections that an error names."""


@dataclass(frozen=True, slots=True)
class Hop:
    """A projection that has synapses: the least and the longest of their delays in the contract."""

    source: str
    destination: str
    least: int
    longest: int


@dataclass(frozen=True, slots=True)
class _Bound:
    """level(`above`) <= level(`below`) + `room`, since `hop` has its longest, or its least, delay."""

    above: int
    below: int
    room: int
    hop: Hop
    longest: bool

    @property
    def text(self) -> str:
        what, delay = ("longest", self.hop.longest) if self.longest else ("least", self.hop.least)
        return f"{self.hop.source} -> {self.hop.destination} ({what} delay {delay})"


def hops_of(graph: QuantizedGraph) -> list[Hop]:
    """One of each projection that has a synapse, in their order."""
    lists = ((each, each.synapses.as_list().delay) for each in graph.projections if each.synapses.count)
    return [Hop(each.source, each.destination, int(delay.min()), int(delay.max())) for each, delay in lists]


def fitting(graph: QuantizedGraph, limits: Limits) -> dict[str, int]:
    """The level of each population with which all delays are within `limits`, checked.

    Raises `LimitError` as `retime`.
    """
    hops = hops_of(graph)
    neurons = {each.name: each.neurons for each in graph.populations}
    found = retime(neurons, hops, limits.delay_min, limits.delay_max)
    check(hops, found, limits.delay_min, limits.delay_max)
    return found


def retime(neurons: Mapping[str, int], hops: Sequence[Hop], delay_min: int, delay_max: int) -> dict[str, int]:
    """Population -> level, 0 or more.

    The memory is a slot for each neuron and each step up to the longest delay on the chip that leads to it.
    Of the levels with the least memory those with the least sum are taken; there is one such solution.

    Parameters
    ----------
    neurons : population -> how many neurons it has.
    hops : between these populations.
    delay_min, delay_max : what the chip can delay by.

    Raises
    ------
    LimitError
        If no levels exist; it names populations, delays, the limit and what to change.
    """
    place = {name: number for number, name in enumerate(neurons)}
    _check_possible(place, _bounds(place, hops, delay_min, delay_max), delay_min, delay_max)
    level = _least(place, np.array(list(neurons.values())), hops, delay_min, delay_max)
    return {name: int(level[number]) for name, number in place.items()}


def check(hops: Sequence[Hop], levels: Mapping[str, int], delay_min: int, delay_max: int) -> None:
    """Raise `PassError` if a level is negative, or a delay on the chip is not within its limits."""
    for name, level in levels.items():
        if level < 0:
            raise PassError(f"{name}: its level is {level}, expected 0 or more")
    for hop in hops:
        first = levels[hop.destination] - levels[hop.source] - 1
        for delay in (hop.least + first, hop.longest + first):
            if not delay_min <= delay <= delay_max:
                raise PassError(
                    f"{hop.source} -> {hop.destination}: with its levels a delay on the chip is {delay}, the "
                    f"limits are {delay_min}..{delay_max}"
                )


def summary(neurons: Mapping[str, int], hops: Sequence[Hop], levels: Mapping[str, int]) -> dict[str, int]:
    """The highest level, the longest delay in the contract and on the chip, and the slots of all neurons."""
    longest: dict[str, int] = {}
    for hop in hops:
        delay = hop.longest + levels[hop.destination] - levels[hop.source] - 1
        longest[hop.destination] = max(delay, longest.get(hop.destination, 0))
    return {
        "levels": max(levels.values(), default=0),
        "longest_delay": max((hop.longest for hop in hops), default=0),
        "longest_on_chip": max(longest.values(), default=0),
        "slots": sum((delay + 1) * neurons[name] for name, delay in longest.items()),
    }


def _bounds(place: Mapping[str, int], hops: Sequence[Hop], least: int, most: int) -> list[_Bound]:
    """Two of each hop: its least delay stays within the limits on the chip, and so does its longest."""
    found = []
    for hop in hops:
        source, destination = place[hop.source], place[hop.destination]
        found.append(_Bound(source, destination, hop.least - 1 - least, hop, longest=False))
        found.append(_Bound(destination, source, most + 1 - hop.longest, hop, longest=True))
    return found


def _check_possible(place: Mapping[str, int], bounds: Sequence[_Bound], least: int, most: int) -> None:
    """Bellman-Ford: raise `LimitError` with a cycle of bounds that no levels hold."""
    if not bounds:
        return
    above, below, room = (
        np.array([getattr(each, name) for each in bounds], np.int64) for name in ("above", "below", "room")
    )
    level, by = np.zeros(len(place), np.int64), np.full(len(place), -1)
    for _ in range(len(place) + 1):
        found = level[below] + room
        lowered = level.copy()
        np.minimum.at(lowered, above, found)
        binding = np.flatnonzero((found == lowered[above]) & (found < level[above]))
        if not len(binding):
            return
        by[above[binding]] = binding
        level = lowered
    at = int(above[binding[0]])
    for _ in place:  # so far back it is on the cycle itself
        at = bounds[by[at]].below
    cycle = [bounds[by[at]]]
    while cycle[-1].below != at:
        cycle.append(bounds[by[cycle[-1].below]])
    raise LimitError(_impossible(cycle, least, most))


def _impossible(cycle: Sequence[_Bound], least: int, most: int) -> str:
    missing = -sum(each.room for each in cycle)
    steps = f"{missing} step{'s' if missing > 1 else ''}"
    if not any(each.longest for each in cycle):
        # Each bound leads from a source to its destination, the next one on from there.
        names = [each.hop.source for each in cycle] + [cycle[-1].hop.destination]
        delays = " + ".join(str(each.hop.least) for each in cycle)
        return (
            f"cycle {' -> '.join(names)}: the least delays of its projections add up to {delays} = "
            f"{sum(each.hop.least for each in cycle)} steps, but on the chip each of its {len(cycle)} hops "
            f"takes a step and a delay of {least} or more; lengthen the least delays by {steps} in all"
        )
    named = "; ".join(each.text for each in sorted(cycle, key=lambda each: not each.longest)[:NAMED])
    more = f"; and {len(cycle) - NAMED} more" if len(cycle) > NAMED else ""
    return (
        f"{named}{more}: on the chip each hop takes a step and a delay of "
        f"{least}..{most}, and whatever the levels these go beyond by {steps} in all; shorten the longest "
        "delays named, or lengthen the least, by so many steps, or put a population between"
    )


def _least(place: Mapping[str, int], neurons: Ints, hops: Sequence[Hop], least: int, most: int) -> Ints:
    """int64 [populations], the levels, which exist.

    Two linear programmes over the levels and, for each population, the step on the chip whose spikes its
    longest delay brings: memory is the span between. Their constraints are differences, so that corners of
    what they allow are whole numbers.
    """
    from scipy.optimize import linprog  # takes long to load

    count = len(place)
    if not hops:
        return np.zeros(count, np.int64)
    rows, room = [], []
    for hop in hops:
        source, destination = place[hop.source], place[hop.destination]
        rows += [(source, destination), (count + destination, source)]
        room += [hop.least - 1 - least, 1 - hop.longest]
    reached = sorted({place[hop.destination] for hop in hops})
    rows += [(number, count + number) for number in reached]
    room += [most] * len(reached)
    differences = _matrix(rows, 2 * count)
    memory = np.zeros(2 * count)
    memory[reached], memory[count + np.array(reached)] = neurons[reached], -neurons[reached]
    levels = np.repeat([1.0, 0.0], count)
    within: list[tuple[int | None, int | None]] = [(0, None)] * count
    within += [(None, None) if number in reached else (0, 0) for number in range(count)]
    first = linprog(memory, differences, room, bounds=within)
    needed = round(first.fun) if first.success else 0
    found = linprog(levels, differences, room, _row(memory), [needed], within)
    if not found.success:
        raise PassError(f"retime: no levels were found, though they exist ({found.message})")
    whole: Ints = np.rint(found.x).astype(np.int64)
    left = np.array(room) - differences @ whole
    if (left < 0).any() or memory @ whole != needed:
        raise PassError("retime: the levels that were found are no whole numbers within the limits")
    return whole[:count]


def _matrix(rows: Sequence[tuple[int, int]], columns: int):  # type: ignore[no-untyped-def]  # of scipy
    """Sparse [rows, columns]: 1 in the first column of a row and -1 in the second; of a loop nothing."""
    from scipy.sparse import csr_array

    at = np.repeat(np.arange(len(rows)), 2)
    return csr_array((np.tile([1.0, -1.0], len(rows)), (at, np.ravel(rows))), (len(rows), columns))


def _row(values: npt.NDArray[np.float64]):  # type: ignore[no-untyped-def]  # of scipy
    from scipy.sparse import csr_array

    return csr_array(values[None])
