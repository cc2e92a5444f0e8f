"""Synapses of a projection as tables with a row a neuron."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.stages import SynapseList, SynapseMatrix

Whole = npt.NDArray[np.int64]
Stored = SynapseList | SynapseMatrix


@dataclass(frozen=True, slots=True)
class SynapseTable:
    """Which past spikes each neuron reads, and what they weigh.

    Attributes
    ----------
    rows
        int64 [rows]: the neurons, in ascending order.
    place
        int32 [rows, fan_in]: `delay * inputs + input`, a place in a history with the newest step first.
    weight
        int8, int16 or int32, whichever holds it, [rows, fan_in]; 0 where a neuron has fewer synapses.
    """

    rows: Whole
    place: npt.NDArray[np.int32]
    weight: npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class LiveSynapses:
    """Synapses whose spikes can arrive within T steps (clauses 1 and 2), sorted by `post`, then `pre`."""

    post: Whole
    pre: Whole
    weight: npt.NDArray[np.int32]
    delay: npt.NDArray[np.int32]
    post_neurons: int

    @property
    def reach(self) -> int:
        """The longest delay."""
        return int(self.delay.max(initial=0))

    def fan_ins(self) -> Whole:
        """int64 [post_neurons]: how many each neuron has."""
        return np.bincount(self.post, minlength=self.post_neurons)


def live_synapses(synapses: Stored, time_steps: int) -> LiveSynapses:
    """`synapses`, but for those whose delay is `time_steps` or more: nothing arrives there."""
    if isinstance(synapses, SynapseMatrix):
        post, pre = np.nonzero((synapses.weight != 0) & (synapses.delay < time_steps))
        weight, delay = synapses.weight[post, pre], synapses.delay[post, pre]
    else:
        live = np.flatnonzero(synapses.delay < time_steps)
        live = live[np.argsort(synapses.post[live], kind="stable")]
        post, pre = (each[live].astype(np.int64) for each in (synapses.post, synapses.pre))
        weight, delay = synapses.weight[live], synapses.delay[live]
    return LiveSynapses(post, pre, weight, delay, synapses.post_neurons)


def synapse_tables(
    synapses: Stored, inputs: int, time_steps: int, *, together: bool, sooner: int = 0
) -> list[SynapseTable]:
    """The live synapses of `synapses`, from `inputs` neurons, in one table if `together`, else in several.

    Their places are those in a history whose newest step is `sooner` steps ago.
    """
    live = live_synapses(synapses, time_steps)
    fan_ins, kind = live.fan_ins(), weight_type(synapses.weight)
    first = np.cumsum(fan_ins) - fan_ins
    column = np.arange(len(live.post)) - first[live.post]
    place = (live.delay.astype(np.int64) - sooner) * inputs + live.pre
    tables = []
    for rows in row_groups(fan_ins, together=together):
        at = np.full(len(fan_ins), -1)
        at[rows] = np.arange(len(rows))
        row = at[live.post]
        here = row >= 0
        shape = (len(rows), width(fan_ins[rows]))
        table = SynapseTable(rows, np.zeros(shape, np.int32), np.zeros(shape, kind))
        table.place[row[here], column[here]] = place[here]
        table.weight[row[here], column[here]] = live.weight[here]
        tables.append(table)
    return tables


def row_groups(fan_ins: Whole, *, together: bool) -> list[Whole]:
    """The neurons of each table: all, or those of 1, 2, 3 or 4, 5 to 8, 9 to 16, ... synapses.

    So at most half of a table is empty, even where one neuron has far more synapses than the others.
    """
    kind = np.zeros_like(fan_ins) if together else np.frexp(np.maximum(fan_ins, 1) - 0.5)[1]
    return [np.flatnonzero(kind == each) for each in np.unique(kind)]


def table_places(fan_ins: Whole, *, together: bool) -> int:
    """How many elements all tables have."""
    return sum(len(rows) * width(fan_ins[rows]) for rows in row_groups(fan_ins, together=together))


def width(fan_ins: Whole) -> int:
    """Most synapses of a neuron, and at least 1: a table has a column."""
    return max(1, int(fan_ins.max()))


def weight_type(weight: npt.NDArray[np.int32]) -> np.dtype[Any]:
    """The smallest signed type that holds the weights; int32 holds all (clause 2)."""
    low, high = weight.min(initial=0), weight.max(initial=0)
    for kind in (np.int8, np.int16):
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return np.dtype(kind)
    return np.dtype(np.int32)
