"""When each core and link is done in each step of the chip.

In picoseconds since the step began; `docs/machine.md` gives the order of the phases.

Messages go along the row of their tile first, then along a column (dimension order, x before y). A link joins
two neighbouring tiles in one direction. Messages cross it first come, first served; of two that
come at once the one with the lower number is first. A crossing holds the link for a part of the time
that the message takes to the next tile. Routers hold any number of waiting messages, so what
a message meets on a link depends only on links nearer to its start: taking the links of a row from west to
east (and from east to west), then those of the columns likewise, serves each in the right order without a
queue of events.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.compiled import compiled
from snnc.hwsim.machine.activity import Activity
from snnc.hwsim.machine.layout import Layout
from snnc.operation_costs import OperationCosts

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Timing:
    """One sample; times in picoseconds, int64.

    Attributes
    ----------
    neuron_done, synapse_done
        [chip steps, cores]: when a core's neuron unit and synapse unit did the last of their work; 0 if they
        had none.
    crossed, waited
        [chip steps, 4, columns, rows]: see `transport`.
    barrier
        Of each step.
    """

    neuron_done: IntArray
    synapse_done: IntArray
    crossed: IntArray
    waited: IntArray
    barrier: int

    @property
    def steps(self) -> IntArray:
        """[chip steps]: how long each takes, its barrier included. Each message ends in a synapse unit."""
        return np.maximum(self.neuron_done.max(axis=1), self.synapse_done.max(axis=1)) + self.barrier


def time(layout: Layout, activity: Activity, costs: OperationCosts) -> Timing:
    """When all is done in each step."""
    columns, rows = (layout.tile.max(axis=0) + 1).tolist()
    steps, cores = layout.steps, layout.cores
    found = Timing(
        neuron_done=np.zeros((steps, cores), np.int64),
        synapse_done=np.zeros((steps, cores), np.int64),
        crossed=np.zeros((steps, 4, columns, rows), np.int64),
        waited=np.zeros((steps, 4, columns, rows), np.int64),
        barrier=costs.barrier_time(layout.tiles_used),
    )
    spent = costs.time
    synapse = np.where(layout.dense, spent["synapse_dense"], spent["synapse_sparse"])
    service = spent["axon_lookup"] + spent["memory_read"] * layout.words + synapse * layout.synapses
    names = (
        "injection",
        "update_inactive",
        "update_active",
        "spike",
        "message",
        "delivery",
        "hop_x",
        "hop_y",
    )
    run_steps(
        activity.fired,
        activity.active,
        layout.inputs,
        layout.core_row,
        layout.core_source,
        layout.row,
        layout.target,
        service.astype(np.int64),
        layout.tile,
        np.array([*(spent[name] for name in names), costs.link_time], np.int64),
        found.neuron_done,
        found.synapse_done,
        found.crossed,
        found.waited,
    )
    return found


@compiled
def _cross(
    way: int,
    place: int,
    here: IntArray,
    there: IntArray,
    column: IntArray,
    row: IntArray,
    now: IntArray,
    free: IntArray,
    crossed: IntArray,
    waited: IntArray,
    hold: int,
    latency: int,
) -> None:
    """Take all messages at `place` that go on in direction `way` one tile further.

    `here` is `column` or `row`, whichever changes; `there` is where messages want to go in that dimension.
    """
    forward = 1 - 2 * (way % 2)
    chosen = np.empty(len(now), np.int64)
    arrived = np.empty(len(now), np.int64)
    count = 0
    for m in range(len(now)):
        if here[m] == place and (there[m] - place) * forward > 0:
            chosen[count], arrived[count] = m, now[m]
            count += 1
    for i in np.argsort(arrived[:count], kind="mergesort"):  # stable: ties by number
        m = chosen[i]
        link = way, column[m], row[m]
        start = max(now[m], free[link])
        free[link] = start + hold
        waited[link] += start - now[m]
        crossed[link] += 1
        now[m] = start + latency
        here[m] += forward


@compiled
def transport(
    column: IntArray,
    row: IntArray,
    to_column: IntArray,
    to_row: IntArray,
    now: IntArray,
    hold: int,
    latency_x: int,
    latency_y: int,
    crossed: IntArray,
    waited: IntArray,
) -> None:
    """Take the messages of one step to their tiles; all arrays but the last two are [messages].

    column, row
        Where a message starts; overwritten with its end.
    now
        Picoseconds since the step began: when it starts, overwritten with when it arrives.
    crossed, waited
        [4, columns, rows], added to: messages over each link, and picoseconds that they waited for it. The
        first index is the way out of tile (column, row): east, west, south, north; row 0 is the most
        northern.
    """
    columns, rows = crossed.shape[1], crossed.shape[2]
    free = np.zeros((4, columns, rows), np.int64)
    for i in range(columns - 1):
        for way, place in ((0, i), (1, columns - 1 - i)):
            _cross(way, place, column, to_column, column, row, now, free, crossed, waited, hold, latency_x)
    for i in range(rows - 1):
        for way, place in ((2, i), (3, rows - 1 - i)):
            _cross(way, place, row, to_row, column, row, now, free, crossed, waited, hold, latency_y)


@compiled
def run_steps(
    fired: npt.NDArray[np.bool_],
    active: npt.NDArray[np.bool_],
    inputs: int,
    core_row: IntArray,
    core_source: IntArray,
    row: IntArray,
    target: IntArray,
    service: IntArray,
    tile: IntArray,
    spent: IntArray,
    neuron_done: IntArray,
    synapse_done: IntArray,
    crossed: IntArray,
    waited: IntArray,
) -> None:
    """`service` [messages]: what the synapse unit spends on each; `spent`: the constants of `timing.time`."""
    injection, inactive, busy, spike, send, delivery, hop_x, hop_y, hold = spent
    sent = np.empty(len(target), np.int64)  # the messages of one step, by their number in the layout
    now = np.empty(len(target), np.int64)
    column, line = np.empty(len(target), np.int64), np.empty(len(target), np.int64)
    for k in range(len(fired)):
        count = 0
        clock = 0
        for source in range(inputs):
            if fired[k, source]:
                for m in range(row[source], row[source + 1]):
                    clock += injection
                    sent[count], now[count], column[count], line[count] = m, clock, 0, 0
                    count += 1
        for core in range(len(tile)):
            clock = 0
            for source in core_source[core_row[core] : core_row[core + 1]]:
                clock += busy if active[k, source] else inactive
                if fired[k, source]:
                    clock += spike
                    for m in range(row[source], row[source + 1]):
                        clock += send
                        sent[count], now[count] = m, clock
                        column[count], line[count] = tile[core, 0], tile[core, 1]
                        count += 1
            neuron_done[k, core] = clock
        to_column, to_line = np.empty(count, np.int64), np.empty(count, np.int64)
        for i in range(count):
            to_column[i], to_line[i] = tile[target[sent[i]], 0], tile[target[sent[i]], 1]
        transport(
            column[:count],
            line[:count],
            to_column,
            to_line,
            now[:count],
            hold,
            hop_x,
            hop_y,
            crossed[k],
            waited[k],
        )
        for i in np.argsort(now[:count], kind="mergesort"):  # stable: ties by number
            core = target[sent[i]]
            start = max(now[i] + delivery, synapse_done[k, core])
            synapse_done[k, core] = start + service[sent[i]]
