"""How often each operation happens on each core in each step: matrix products, no time in it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from snnc.hwsim.machine.activity import Activity
from snnc.hwsim.machine.layout import Layout
from snnc.operation_costs import OPERATIONS

NAMES = tuple(OPERATIONS)
NEURON_UNIT = ("update_inactive", "update_active", "spike", "message")
SYNAPSE_UNIT = ("axon_lookup", "memory_read", "synapse_dense", "synapse_sparse")

IntArray = npt.NDArray[np.int64]


def count(layout: Layout, activity: Activity) -> IntArray:
    """int64 [chip steps, cores + 1, operations of `OPERATIONS`].

    The last row is what belongs to no core: injections, and all hops. A delivery counts where it arrives.
    """
    fired, sender = activity.fired, layout.sender()
    found = np.zeros((layout.steps, layout.cores + 1, len(NAMES)), np.int64)

    def put(name: str, values: npt.NDArray[np.float64], cores: slice | int = slice(None, -1)) -> None:
        found[:, cores, NAMES.index(name)] = np.rint(values)

    on_core = np.zeros((layout.sources, layout.cores))
    on_core[layout.core_source, sender[layout.core_source]] = 1
    rates = fired.astype(np.float64)
    active = activity.active.astype(np.float64) @ on_core
    put("update_active", active)
    put("update_inactive", on_core.sum(axis=0) - active)
    put("spike", rates @ on_core)  # an input line is on no core
    listeners = np.diff(layout.row)
    put("message", (rates * listeners) @ on_core)
    put("injection", rates[:, : layout.inputs] @ listeners[: layout.inputs], -1)
    columns, rows = _hops(layout, sender)
    put("hop_x", rates @ columns, -1)
    put("hop_y", rates @ rows, -1)
    ones = np.ones(len(layout.target), np.int64)
    received = rates @ _per_source(layout, ones)
    put("delivery", received)
    put("axon_lookup", received)
    put("memory_read", rates @ _per_source(layout, layout.words))
    put("synapse_dense", rates @ _per_source(layout, layout.synapses * layout.dense))
    put("synapse_sparse", rates @ _per_source(layout, layout.synapses * ~layout.dense))
    return found


def weigh(counts: IntArray, constants: Mapping[str, int]) -> IntArray:
    """`counts` [..., operations] times the constant of each operation."""
    return counts * np.array([constants[name] for name in NAMES], np.int64)


def columns_of(names: tuple[str, ...]) -> list[int]:
    """Where these operations stand in a table of counts."""
    return [NAMES.index(name) for name in names]


def _per_source(layout: Layout, values: IntArray) -> npt.NDArray[np.float64]:
    """[sources, cores]: sums of `values`, one a message, by its source and its core."""
    table = np.zeros((layout.sources, layout.cores))
    source = np.repeat(np.arange(layout.sources), np.diff(layout.row))
    np.add.at(table, (source, layout.target), values)
    return table


def _hops(layout: Layout, sender: IntArray) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """[sources] each: columns and rows that the messages of a spike cross; input enters at 0, 0."""
    source = np.repeat(np.arange(layout.sources), np.diff(layout.row))
    there = layout.tile[layout.target]
    here = np.where(sender[source, None] < 0, 0, layout.tile[sender[source]])
    apart = np.abs(there - here)
    found = [np.bincount(source, apart[:, axis], layout.sources) for axis in (0, 1)]
    return found[0].astype(np.float64), found[1].astype(np.float64)
