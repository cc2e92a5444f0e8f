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

    def critical(self, step: int) -> Critical:
        """What was busy longest in `step`; of equals the lower core, neurons before synapses before links."""
        found = [
            Critical(name, int(busy.argmax()), int(busy.max()))
            for name, busy in (
                ("neurons", self.neuron_busy[step].sum(axis=1)),
                ("synapses", self.synapse_busy[step].sum(axis=1)),
            )
        ]
        busy = self.link_busy[step]
        way, column, row = (int(part) for part in np.unravel_index(busy.argmax(), busy.shape))
        found.append(Critical("link", link(way, column, row), int(busy.max())))
        return max(found, key=lambda each: each.busy)

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
