"""Placed programs made by hand for the machine model, and constants that are easy to add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from snnc.hwsim.event_driven import simulate
from snnc.hwsim.machine.activity import activity_in
from snnc.hwsim.machine.layout import layout_of
from snnc.hwsim.machine.run import ChipRun, run
from snnc.operation_costs import OperationCosts, constant_names
from snnc.stages import Core, CoreNeurons, PlacedProgram, QuantizedGraph

TIME = {
    "update_inactive": 1,
    "update_active": 2,
    "spike": 3,
    "message": 5,
    "injection": 7,
    "delivery": 11,
    "hop_x": 100,
    "hop_y": 200,
    "axon_lookup": 13,
    "memory_read": 17,
    "synapse_dense": 19,
    "synapse_sparse": 23,
}
ENERGY = {name: 10**place for place, name in enumerate(TIME)}
"""A digit an operation: an energy below 10 of each reads off as the counts."""

COSTS = OperationCosts(
    name="by hand",
    about="Numbers that are easy to add up.",
    energy=ENERGY,
    time=TIME,
    link_time=50,
    word_bits=64,
    barrier=((1, 1000), (3, 3000)),
    barrier_between="linear",
    sources=dict.fromkeys(constant_names(), "made up"),
    assumptions={},
)

Place = tuple[int, int, Mapping[str, Sequence[int]]]
"""Column, row, and what the core holds: layer -> neurons."""


def placed(graph: QuantizedGraph, *places: Place) -> PlacedProgram:
    cores = tuple(
        Core(
            0,
            number,
            column,
            row,
            tuple(CoreNeurons(name, np.array(neurons, np.int32)) for name, neurons in held.items()),
            {},
        )
        for number, (column, row, held) in enumerate(places)
    )
    return PlacedProgram("by hand", graph, cores)


def on_chip(program: PlacedProgram, inputs: npt.ArrayLike, costs: OperationCosts = COSTS) -> ChipRun:
    """One sample [T, inputs] of 0 and 1."""
    layout = layout_of(program, costs.word_bits)
    spikes = np.asarray(inputs)[None]
    return run(layout, activity_in(layout, spikes[0], simulate(program.graph, spikes), 0), costs)
