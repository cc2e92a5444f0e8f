"""How many recordings of an example are compared: as many as a budget of work and of memory holds."""

from __future__ import annotations

from snnc.stages import FloatGraph

LEAST = 8
"""So many are compared, whatever they cost."""
BUDGET = 1 << 28
"""Work of all that are compared. What one costs is counted in deliveries of a synapse, about 20 ns twice."""
OF_POPULATION, OF_NEURON, ACTIVE = 2500, 64, 0.05
"""What a step costs: each population, each neuron, whose states are kept, and such a share of synapses."""
PLACES = 1 << 16
"""About so many places of a population are searched for what makes them differ."""


def recordings_compared(graph: FloatGraph, given: int) -> int:
    """Of `given` recordings, how many are compared."""
    neurons = sum(each.neurons for each in graph.populations)
    synapses = sum(each.synapses.count for each in graph.projections)
    step = OF_POPULATION * len(graph.populations) + OF_NEURON * neurons + ACTIVE * synapses
    return min(given, max(LEAST, int(BUDGET / (graph.time_steps * step))))


def recordings_searched(steps: int, neurons: int) -> int:
    """In how many recordings of a population a cause is looked for, at most."""
    return max(LEAST, PLACES // (steps * neurons))
