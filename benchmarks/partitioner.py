"""Spikes between cores against Mt-KaHyPar, where neurons a core are the only limit.

pip install mtkahypar; python -m benchmarks.partitioner
"""

from __future__ import annotations

from dataclasses import replace

import mtkahypar
import numpy as np

from snnc.exporter.passes.place import Place
from snnc.stages import QuantizedGraph, QuantizedLayer
from snnc.targets.registry import load_target

WIDTHS = (300, 512, 512)
CORE = 64  # neurons
CASES = {  # groups, part of the synapses within a group, and across
    "3 % at random": (1, 0.03, 0.0),
    "16 groups, 1 % across": (16, 0.4, 0.01),
    "16 groups, 0.2 % across": (16, 0.4, 0.002),
}
LIBRARY = mtkahypar.initialize(1)


def main() -> None:
    target = load_target("loihi")
    target = replace(target, limits=replace(target.limits, neurons_per_core=CORE))
    for name, (groups, within, across) in CASES.items():
        graph = _graph(groups, within, across)
        program = Place(target).run(graph)
        assert program.traffic is not None
        cores = len(program.cores)
        print(
            f"{name}: in order {program.traffic.in_order_spikes}, here {program.traffic.spikes} on {cores} "
            f"cores, Mt-KaHyPar {_theirs(graph, cores)}"
        )


def _graph(groups: int, within: float, across: float) -> QuantizedGraph:
    rng = np.random.default_rng(0)
    before, layers = rng.integers(0, groups, WIDTHS[0]), []
    for neurons in WIDTHS[1:]:
        group = rng.integers(0, groups, neurons)
        part = np.where(group[:, None] == before, within, across)
        weight = (rng.random(part.shape) < part).astype(np.int32)
        zeros = np.zeros(neurons, np.int32)
        threshold = None if len(layers) == len(WIDTHS) - 2 else 1
        layers.append(QuantizedLayer(f"layer{len(layers)}", weight, 0 * weight, zeros, 0, 4096, 0, threshold))
        before = group
    return QuantizedGraph.chain(tuple(layers), 1, 0.001, 1.0, tuple(map(str, range(WIDTHS[-1]))))


def _theirs(graph: QuantizedGraph, cores: int) -> int:
    """A source and its listeners are one hyperedge; blocks it meets, less one, are its spikes abroad."""
    first = np.cumsum([0, *(layer.neurons for layer in graph.layers)])
    edges, from_outside = [], 0
    for index, layer in enumerate(graph.layers):
        for source in range(layer.inputs):
            pins = (first[index] + np.flatnonzero(layer.weight[:, source])).tolist()
            if pins and index == 0:
                from_outside += 1  # a line lies on no core: each block counts
            elif pins:
                pins.append(int(first[index - 1] + source))
            if len(pins) > 1:
                edges.append(pins)
    neurons = int(first[-1])
    context = LIBRARY.context_from_preset(mtkahypar.PresetType.DETERMINISTIC)
    room = CORE / np.ceil(neurons / cores) - 1 + 1e-9
    context.set_partitioning_parameters(cores, room, mtkahypar.Objective.KM1)
    context.logging = False
    mtkahypar.set_seed(1)
    graph_of_edges = LIBRARY.create_hypergraph(
        context, neurons, len(edges), edges, [1] * neurons, [1] * len(edges)
    )
    return int(graph_of_edges.partition(context).km1()) + from_outside


if __name__ == "__main__":
    main()
