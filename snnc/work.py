"""What a processor does in a step of a network: updates of neurons, and synapses that events reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.stages import QuantizedGraph, SynapseMatrix, Trace
from snnc.stages.population import INPUT
from snnc.stages.synapses import Synapses

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """Of `graph`. `fan_out`: by population, the synapses that lead from each of its neurons or lines.

    A synaptic event is a synapse that an event reaches, whatever the event carries.
    """

    graph: QuantizedGraph
    fan_out: Mapping[str, Counts]

    @classmethod
    def of(cls, graph: QuantizedGraph) -> Work:
        found: dict[str, Counts] = {}
        for each in graph.projections:
            more = fan_out(each.synapses)
            found[each.source] = found.get(each.source, 0) + more
        return cls(graph, found)

    @property
    def updates(self) -> int:
        """Neurons that are updated in each step."""
        return sum(each.neurons for each in self.graph.stateful)

    @property
    def most(self) -> int:
        """Synaptic events of a step at most: all lines and neurons send one event, which none does twice."""
        return sum(int(each.sum()) for each in self.fan_out.values())

    def synaptic_events(self, spikes: npt.NDArray[np.uint8], trace: Trace) -> Counts:
        """Int64 [samples, T], of each step in which `spikes` [samples, T, inputs] give `trace`.

        An input sends nothing from its end on.
        """
        graph, found = self.graph, np.zeros(spikes.shape[:2], np.int64)
        for name, synapses in self.fan_out.items():
            if graph.population(name).model == INPUT:
                sent = spikes[:, : graph.end(name), graph.lines(name)] != 0
            else:
                sent = trace.layers[graph.trace_index(name)].spikes
            found[:, : sent.shape[1]] += sent @ synapses
        return found


def fan_out(synapses: Synapses) -> Counts:
    """int64 [pre_neurons]: synapses that lead from each neuron."""
    if isinstance(synapses, SynapseMatrix):
        return np.asarray(np.count_nonzero(synapses.weight, axis=0))
    return np.bincount(synapses.as_list().pre, minlength=synapses.pre_neurons)
