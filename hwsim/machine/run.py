"""One sample on the chip: counts, times and energies of every step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from snnc.hwsim.machine import counts, timing
from snnc.hwsim.machine.activity import Activity
from snnc.hwsim.machine.layout import Layout
from snnc.operation_costs import OperationCosts

IntArray = npt.NDArray[np.int64]

STEP = ((1, 0), (-1, 0), (0, 1), (0, -1))
"""Columns and rows to the next tile, for the first index of a table of links: east, west, south, north.

Row 0 is drawn at the top, so south is where rows rise.
"""


class Link(NamedTuple):
    """From one tile, (column, row), to the next."""

    start: tuple[int, int]
    end: tuple[int, int]


class Critical(NamedTuple):
    """What was busy longest in a step: "neurons" or "synapses" of a core (its number), or a link."""

    unit: str
    place: int | Link
    busy: int


@dataclass(frozen=True, slots=True)
class ChipRun:
    """`counts` int64 [chip steps, cores + 1, operations] as of `counts.count`; `timing` in picoseconds."""

    layout: Layout
    costs: OperationCosts
    counts: IntArray
    timing: timing.Timing

    @property
    def energy(self) -> IntArray:
        """Femtojoules, of the shape of `counts`."""
        return counts.weigh(self.counts, self.costs.energy)

    @property
    def neuron_busy(self) -> IntArray:
        """[chip steps, cores, operations of `counts.NEURON_UNIT`] in picoseconds."""
        return self._busy(counts.NEURON_UNIT)

    @property
    def synapse_busy(self) -> IntArray:
        """[chip steps, cores, operations of `counts.SYNAPSE_UNIT`] in picoseconds."""
        return self._busy(counts.SYNAPSE_UNIT)

    @property
    def link_busy(self) -> IntArray:
        """[chip steps, 4, columns, rows] in picoseconds."""
        return self.timing.crossed * self.costs.link_time

    @property
    def latency(self) -> int:
        """Picoseconds of the whole sample."""
        return int(self.timing.steps.sum())

    @property
    def busy(self) -> IntArray:
        """[chip steps, units] in picoseconds: neuron units of the cores, their synapse units, links."""
        units = [self.neuron_busy.sum(axis=2), self.synapse_busy.sum(axis=2)]
        return np.concatenate([*units, self.link_busy.reshape(self.layout.steps, -1)], axis=1)

    @property
    def critical(self) -> list[Critical]:
        """What was busy longest in each step; of equals neurons before synapses before links, lower first."""
        busy = self.busy
        units = busy.argmax(axis=1).tolist()
        return [self._unit(unit, int(row[unit])) for unit, row in zip(units, busy, strict=True)]

    def _unit(self, unit: int, busy: int) -> Critical:
        """Column `unit` of `busy`."""
        cores = self.layout.cores
        if unit < 2 * cores:
            return Critical("neurons" if unit < cores else "synapses", unit % cores, busy)
        at = np.unravel_index(unit - 2 * cores, self.timing.crossed.shape[1:])
        return Critical("link", link(*(int(part) for part in at)), busy)

    def _busy(self, names: tuple[str, ...]) -> IntArray:
        spent = counts.weigh(self.counts, self.costs.time)
        return spent[:, :-1, counts.columns_of(names)]


def link(way: int, column: int, row: int) -> Link:
    """The link at [way, column, row] of a table of links."""
    across, along = STEP[way]
    return Link((column, row), (column + across, row + along))


def run(layout: Layout, activity: Activity, costs: OperationCosts) -> ChipRun:
    """`activity` of one sample on the chip, each operation at its price in `costs`."""
    return ChipRun(layout, costs, counts.count(layout, activity), timing.time(layout, activity, costs))
