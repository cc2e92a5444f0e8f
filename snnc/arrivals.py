"""Which synapses deliver a spike to a neuron in a step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.stages import Projection, QuantizedGraph, Synapse, SynapseMatrix

Integers = npt.NDArray[np.integer]


def arriving_at(
    graph: QuantizedGraph, name: str, signal: Callable[[str], npt.NDArray[Any]], neuron: int, step: int
) -> tuple[Synapse, ...]:
    """Synapses that deliver a spike to `neuron` of the population `name` at `step`.

    `signal` gives the events or spikes [T, neurons] of each source; after the end of an input there are none.
    In the order of the projections, then by source. Where the graph is no chain they name their population,
    and the weight is what they deliver: shifted by the exponent of the projection.
    """
    found = []
    for projection in graph.into(name):
        source, weight, delay = _into_neuron(projection, neuron)
        sent = step - delay
        within = np.flatnonzero((sent >= 0) & (sent < graph.end(projection.source)))
        if len(within):
            fired = signal(projection.source)[sent[within], source[within]] != 0
            named = None if graph.is_chain else projection.source
            found += [
                Synapse(
                    int(source[k]),
                    int(weight[k]) << projection.weight_exp,
                    int(delay[k]),
                    int(sent[k]),
                    named,
                )
                for k in within[fired]
            ]
    return tuple(found)


def longest_delay(graph: QuantizedGraph, source: str, name: str, neuron: int) -> int:
    """The longest delay of a synapse from the population `source` to `neuron` of `name`, 0 without one."""
    delays = (_into_neuron(each, neuron)[2] for each in graph.into(name) if each.source == source)
    return max((int(each.max(initial=0)) for each in delays), default=0)


def _into_neuron(projection: Projection, neuron: int) -> tuple[Integers, Integers, Integers]:
    """Sources, weights and delays of the synapses into one neuron."""
    synapses = projection.synapses
    if isinstance(synapses, SynapseMatrix):
        source = np.flatnonzero(synapses.weight[neuron])
        return source, synapses.weight[neuron, source], synapses.delay[neuron, source]
    listed = synapses.as_list()
    own = listed.post == neuron
    return listed.pre[own], listed.weight[own], listed.delay[own]
