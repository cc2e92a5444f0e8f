"""When each core and link is done in each step of the chip.

In picoseconds since the step began; `docs/machine.md` gives the order of the phases and an example by hand.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.hwsim.machine.activity import Activity
from snnc.hwsim.machine.kernel import run_steps
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
        [chip steps, 4, columns, rows]: see `kernel.transport`.
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
