"""What of a graph the board's IF_curr_delta has no counterpart for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from snnc import formats
from snnc.errors import LimitError
from snnc.stages import Population, QuantizedGraph
from snnc.stages.population import ADLIF, ZERO


def check(graph: QuantizedGraph) -> None:
    """Raise `LimitError` with a line for everything that IF_curr_delta cannot compute, even roughly."""
    if found := list(problems(graph)):
        raise LimitError(*found)


def problems(graph: QuantizedGraph) -> Iterator[str]:
    """Sentences, none if every population has its counterpart."""
    for population in graph.populations:
        yield from _of(population)


def _of(population: Population) -> Iterator[str]:
    name = population.name
    if (population.payload_max or 1) > 1:
        yield (
            f"{name}: events of up to {population.payload_max}, a spike of sPyNNaker's sources is 1; use "
            "spikes, or several lines"
        )
    if population.model == ADLIF:
        yield f"{name}: has an adaptation current, IF_curr_delta has none; use lif"
    if population.spikes and population.reset != ZERO:
        yield f"{name}: reset is {population.reset}, IF_curr_delta resets to a constant; use {ZERO}"
    current = population.decay_u
    if current is not None and (keeps := current != formats.DECAY_ONE).any():
        neuron = int(np.flatnonzero(keeps)[0])
        yield (
            f"{name}, neuron {neuron}: decay_u is {current[neuron]}, IF_curr_delta keeps no current, "
            f"which is {formats.DECAY_ONE}; use that"
        )
