"""The loss budget of a network that is no chain: real numbers, then each graph of integers.

As `losses.py`, which compares the steps. Membranes are compared in the units of the network in real numbers,
so each neuron's v is divided by its own scale.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from snnc.exporter.float_reference import run_float
from snnc.exporter.graph_recordings import GraphRecordings, classes_of, float_classes
from snnc.exporter.graph_scales import UNIT, NeuronGrids
from snnc.exporter.losses import Behaviour, Progress, Step, compare
from snnc.stages import FloatGraph, QuantizedGraph
from snnc.stages.losses import LossBudget


def graph_loss_budget(
    network: FloatGraph,
    grids: Mapping[str, NeuronGrids],
    graphs: Mapping[str, QuantizedGraph],
    recordings: GraphRecordings,
    progress: Progress = lambda message: None,
) -> LossBudget:
    """The steps "float", `network` as it was read, and `graphs` by their names, quantised on `grids`."""
    steps = {"float": _float_step(network, recordings)}
    steps |= {name: _integer_step(graph, grids, recordings) for name, graph in graphs.items()}
    return compare(steps, recordings, progress)


def _float_step(network: FloatGraph, recordings: GraphRecordings) -> Step:
    names, spiking = (
        [each.name for each in network.stateful],
        [each for each in network.stateful if each.spikes],
    )

    def run_part(part: slice) -> Behaviour:
        traces = [run_float(network, spikes) for spikes in recordings.spikes[part]]
        fired = {each.name: sum(int(one[each.name].spikes.sum()) for one in traces) for each in spiking}
        return Behaviour(
            np.array([float_classes(network, trace) for trace in traces]),
            {name: np.stack([one[name].v for one in traces]) for name in names},
            {name: fired.get(name) for name in names},
        )

    return run_part


def _integer_step(
    graph: QuantizedGraph, grids: Mapping[str, NeuronGrids], recordings: GraphRecordings
) -> Step:
    def run_part(part: slice) -> Behaviour:
        trace = recordings.trace(graph, part)
        found = {name: trace.layers[graph.trace_index(name)] for name in grids}
        return Behaviour(
            classes_of(graph, trace),
            {name: own.v / (grids[name].scale * UNIT) for name, own in found.items()},
            {
                name: int(own.spikes.sum()) if graph.population(name).spikes else None
                for name, own in found.items()
            },
        )

    return run_part
