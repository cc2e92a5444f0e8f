"""How the populations of a graph that is no chain stand in the structure of a NIR file.

A population becomes one node. It has the shape of a grid [channels, rows, columns] if a convolution leads
from it, else [neurons]; NIR has a node that flattens, and none that does the opposite.

Values are in the units of `forms`: u and v are the contract's divided by 64.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import nir
import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.exporter.nir.forms import STATE_ONE
from snnc.stages import Convolution, Population, QuantizedGraph
from snnc.stages.population import ADLIF, INPUT, ZERO

FOREVER = float(1 << 32)
"""Steps of the time constant that stands for no leak. In 32 bits nothing leaks of it."""

Floats = npt.NDArray[np.float64]


def part_name(*words: str | int) -> str:
    """A name of a node: words of letters, digits and "_", as every framework takes it."""
    return "_".join(re.sub(r"\W", "_", str(word)) for word in words)


def node_name(graph: QuantizedGraph, name: str) -> str:
    """The node of the population `name`. The number makes it unique."""
    number = [each.name for each in graph.populations].index(name)
    return part_name(f"population{number}", name)


def shape_of(graph: QuantizedGraph, name: str) -> tuple[int, ...]:
    """The grid of the first convolution that leads from a population, or its number of neurons alone."""
    for each in graph.out_of(name):
        if isinstance(each.synapses, Convolution):
            return each.synapses.grid
    return (graph.population(name).neurons,)


def node_of(population: Population, shape: tuple[int, ...], dt: float) -> dict[str, Any]:
    """Fields of the node. One forward Euler step of `dt` seconds is clauses 3, 5 and 6, but for `unsaid`."""
    if population.model == INPUT:
        return {"type": "Input", "shape": np.array(shape)}
    assert population.decay_u is not None
    assert population.decay_v is not None
    tau, ones = _tau(population.decay_v, dt), np.ones(population.neurons)
    values = {"r": tau / dt, "v_leak": population.bias / STATE_ONE * tau / dt}
    if population.threshold is not None:
        values |= {"v_threshold": population.threshold * ones, "v_reset": 0 * ones}
    if (population.decay_u == formats.DECAY_ONE).all():
        kind = nir.LIF if population.spikes else nir.LI
        values["tau"] = tau
    else:
        kind = nir.CubaLIF if population.spikes else nir.CubaLI
        tau_syn = _tau(population.decay_u, dt)
        values |= {"tau_syn": tau_syn, "tau_mem": tau, "w_in": tau_syn / dt}
    made = kind(**{name: value.reshape(shape) for name, value in values.items()})
    found: Mapping[str, Any] = made.to_dict()
    return {name: value for name, value in found.items() if name in ("type", *values)}


def unsaid(population: Population, steps: int) -> Iterator[str]:
    """What of a population its node does not say."""
    name = population.name
    if population.payload_max not in (None, 1):
        yield f"{name}: events are whole numbers of up to {population.payload_max}"
    if population.end is not None:
        yield f"{name}: sends no spikes from step {population.end} of {steps} on"
    if population.spikes and population.reset != ZERO:
        how = "subtracts a number from v" if population.reset_by is not None else "leaves v as it is"
        yield f"{name}: a spike {how}; the node's equations reset v to 0"
    if population.model == ADLIF:
        yield f"{name}: has an adaptation current w, which the node lacks"
    for what in ("decay_u", "decay_v"):
        value = getattr(population, what)
        if value is not None and not value.all():
            yield f"{name}: where {what} is 0, a time constant of 2^32 steps stands for no leak"


def _tau(decay: npt.NDArray[np.int32], dt: float) -> Floats:
    kept: Floats = np.divide(
        dt * formats.DECAY_ONE, decay, out=np.full(decay.shape, dt * FOREVER), where=decay != 0
    )
    return kept
