"""What a pass changed, counted: the words of the record that an export leaves."""

from __future__ import annotations

import numpy as np

from snnc.stages import DiscreteModel, PlacedProgram, QuantizedGraph, TrainedModel


def of_discretise(before: TrainedModel, after: DiscreteModel) -> dict[str, int | float]:
    """Synapses, how many delays were not whole, how far the farthest moved, and neurons with a bias.

    Delays are counted from the Gaussian network where training itself made them whole.
    """
    learned = before.gaussian or before.layers
    moved = [np.abs(layer.position - np.rint(layer.position))[layer.weight != 0] for layer in learned]
    steps = np.concatenate(moved)
    return {
        "synapses": sum(int(np.count_nonzero(layer.weight)) for layer in after.layers),
        "delays_rounded": int(np.count_nonzero(steps)),
        "largest_delay_change_steps": round(float(steps.max(initial=0.0)), 4),
        "neurons_with_bias": sum(int(np.count_nonzero(layer.bias)) for layer in after.layers),
    }


def of_quantise(before: DiscreteModel, after: QuantizedGraph) -> dict[str, int]:
    """Synapses whose weight became zero, weights that changed, and weights at an end of the range."""
    lost = changed = 0
    for old, new in zip(before.layers, after.layers, strict=True):
        lost += int(np.count_nonzero((old.weight != 0) & (new.weight == 0)))
        changed += 0 if old.scale is not None else int(np.count_nonzero(old.weight))
    return {"weights_rounded": changed, "synapses_lost": lost}


def of_graph(before: QuantizedGraph, after: QuantizedGraph) -> dict[str, int]:
    """Layers, neurons and synapses that a pass over integers added (less than 0: took away)."""

    def totals(graph: QuantizedGraph) -> tuple[int, int, int]:
        return (
            len(graph.layers),
            sum(layer.neurons for layer in graph.layers),
            sum(int(np.count_nonzero(layer.weight)) for layer in graph.layers),
        )

    names = ("layers_added", "neurons_added", "synapses_added")
    return {name: new - old for name, old, new in zip(names, totals(before), totals(after), strict=True)}


def of_place(_: QuantizedGraph, after: PlacedProgram) -> dict[str, int]:
    """Chips and cores in use, cores with neurons of several layers, and what passes between cores."""
    counts = {
        "chips": len({core.chip for core in after.cores}),
        "cores": len(after.cores),
        "shared_cores": sum(len(core.populations) > 1 for core in after.cores),
    }
    if after.traffic is not None:
        counts |= {"intercore_spikes": after.traffic.spikes, "hops": after.traffic.hops}
    return counts
