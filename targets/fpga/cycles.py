"""How many cycles each step takes, from the spikes alone: the core's control as sums and maxima.

The times of a step count from its first cycle. The constants are distances in the pipeline, as the modules in
`rtl/` draw them. Every time is a sum or a maximum of earlier ones, so one more spike makes no later time
smaller: no step takes longer than one in which all that may spike does (`most_cycles`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
import numpy.typing as npt

from snnc.stages import LayerTrace
from snnc.stages.population import INPUT
from snnc.targets.fpga.layout import Layout, Level

SPIKE_KNOWN = 14
"""From the update of a group to its mask in the queue."""
EVENT_READ, MASK_READ = 3, 4
"""From the choice of an event, or of a lane of a mask, to its row."""
CREDITS = 8
"""Sources between their choice and the fetch of their words."""
DISTANCE = 13
"""From the last update of a step to the end of the next step's events, at least."""


class _Rows:
    """The rows of one phase: from the choice of a source to the last of its words."""

    def __init__(self, count: Sequence[int], read: int) -> None:
        self._count, self._read = count, read
        self._taken: list[int] = []
        self._dropped: list[int] = []
        self._used = [0, 0]  # of the credits that came back: how many of each list
        self._chosen = 0
        self.free = 0  # the first cycle in which another row may be taken

    def choose(self, row: int | None, at: int) -> int:
        """The cycle, `at` or later, in which `row` (None: one that is dropped) is chosen."""
        if self._chosen >= CREDITS:
            at = max(at, self._credit() + 1)
        self._chosen += 1
        known = at + self._read
        words = 0 if row is None else self._count[row]
        if words:
            begin = max(known + 1, self.free)
            self._taken.append(begin)
            self.free = begin + words
        else:
            self._dropped.append(known)
        return at

    def _credit(self) -> int:
        """The cycle in which the next credit came back: the earliest that is not used."""
        i, j = self._used
        if j == len(self._dropped) or (i < len(self._taken) and self._taken[i] <= self._dropped[j]):
            self._used[0] += 1
            return self._taken[i]
        self._used[1] += 1
        return self._dropped[j]

    def drained(self) -> int:
        """The first cycle in which no row is left and the last word is fetched."""
        last = max(self._taken[-1:] + self._dropped[-1:], default=-1)
        return max(last + 1, self.free)


def _step(
    levels: Sequence[Level],
    lanes: int,
    count: Sequence[int],
    chosen: Sequence[int | None],
    spikes: Iterator[Sequence[int]],
    idle: int,
) -> int:
    """The cycles of one step.

    `chosen` are the rows of its events in their order; None for one after the end of its population.
    `spikes`: for each group of the levels that spike, in order, its lanes that spike. `idle`: cycles from the
    last update of the step before to the begin of this one; `DISTANCE` or more at the start.
    """
    rows = _Rows(count, EVENT_READ)
    at = -1
    for row in chosen:
        at = rows.choose(row, at + 1)
    now = max(at + 2, rows.drained(), DISTANCE - idle)
    for level in levels:
        first = now + 1
        last = first + level.last - level.first
        if not level.spikes:
            return last + 1
        rows, at = _Rows(count, MASK_READ), -1
        rows.free = last + 1  # updates go first
        for number, mask in enumerate(islice(spikes, level.last - level.first + 1)):
            at = max(at, first + number + SPIKE_KNOWN) if mask else at
            for lane in mask:
                at = rows.choose((level.first + number) * lanes + lane, at + 1)
        now = max(last + SPIKE_KNOWN, at + 1, rows.drained())
    return now + 1


def cycles(of: Layout, events: npt.NDArray[np.uint8], layers: Sequence[LayerTrace]) -> npt.NDArray[np.int64]:
    """int64 [samples, T], the cycles of each step for `events` [samples, T, inputs] and a run's trace."""
    samples, steps, _ = events.shape
    taken = np.full((samples, steps), 0, np.int64)
    ends = np.full(of.graph.inputs, of.graph.time_steps)
    for population in of.graph.populations:
        if population.model == INPUT:
            ends[of.graph.lines(population.name)] = of.graph.end(population.name)
    spiking = [level for level in of.levels if level.spikes]
    groups = sum(level.last - level.first + 1 for level in spiking)
    masks = np.zeros((samples, steps, groups * of.lanes), bool)
    for place in of.places:
        if place.population.spikes:
            trace = layers[of.graph.trace_index(place.population.name)]
            begin = place.first * of.lanes
            masks[:, :, begin : begin + place.population.neurons] = trace.spikes
    by_group = masks.reshape(samples, steps, groups, of.lanes)
    count = of.words.count.tolist()
    waited = (
        DISTANCE if of.levels[-1].spikes else 1
    )  # it spikes: all has been drained; or it was the last cycle
    idle = DISTANCE
    for sample in range(samples):
        for t in range(steps):
            lines = np.flatnonzero(events[sample, t])
            chosen = [int(of.input_row + line) if t < ends[line] else None for line in lines]
            spikes = (np.flatnonzero(mask).tolist() for mask in by_group[sample, t])
            taken[sample, t] = _step(of.levels, of.lanes, count, chosen, spikes, idle)
            idle = waited
    return taken


def most_cycles(of: Layout) -> int:
    """More cycles than this no step takes, whatever the input."""
    every = [of.input_row + line for line in range(of.graph.inputs)]
    masks = []
    for place in of.places:
        if any(level.spikes and level.first <= place.first <= level.last for level in of.levels):
            for group in range(place.groups):
                neurons = min(of.lanes, place.population.neurons - group * of.lanes)
                masks.append(list(range(neurons)) if place.population.spikes else [])
    return _step(of.levels, of.lanes, of.words.count.tolist(), every, iter(masks), 1)
