"""What a pass changed, counted: the words of the record that an export leaves."""

from __future__ import annotations

import numpy as np

from snnc import formats, quantisation
from snnc.exporter.choose_scales import ScaleChoice
from snnc.exporter.delay_costs import count_lines
from snnc.stages import DiscreteModel, PlacedProgram, QuantizedGraph, TrainedModel


def of_discretise(before: TrainedModel | DiscreteModel, after: DiscreteModel) -> dict[str, int | float]:
    """Synapses, how many delays were not whole, how far the farthest moved, and neurons with a bias.

    Delays are counted from the Gaussian network where training itself made them whole; those of an imported
    net are whole already.
    """
    steps = np.zeros(0)
    if isinstance(before, TrainedModel):
        learned = before.gaussian or before.layers
        moved = [np.abs(layer.position - np.rint(layer.position))[layer.weight != 0] for layer in learned]
        steps = np.concatenate(moved)
    return {
        "synapses": sum(int(np.count_nonzero(layer.weight)) for layer in after.layers),
        "delays_rounded": int(np.count_nonzero(steps)),
        "largest_delay_change_steps": round(float(steps.max(initial=0.0)), 4),
        "neurons_with_bias": sum(int(np.count_nonzero(layer.bias)) for layer in after.layers),
    }


def of_quantise(before: DiscreteModel, after: QuantizedGraph, scales: ScaleChoice) -> dict[str, int | float]:
    """Weights that were rounded, lay beyond their grid, and became zero; and what the search for scales ran.

    Nothing is rounded in layers that training finished in integers.
    """
    rounded = lost = clipped = 0
    for old, new, grid in zip(before.layers, after.layers, scales.grids, strict=True):
        lost += int(np.count_nonzero((old.weight != 0) & (new.weight == 0)))
        if old.scale is None:
            rounded += int(np.count_nonzero(old.weight * grid.scale != new.weight))
            clipped += quantisation.clipped(old.weight, grid)
    found: dict[str, int | float] = {
        "weights_rounded": rounded,
        "weights_clipped": clipped,
        "synapses_lost": lost,
    }
    if scales.loss_before is not None and scales.loss_after is not None:
        found |= {
            "scales_tried": scales.tried,
            "loss_before_search": round(scales.loss_before, 6),
            "loss_after_search": round(scales.loss_after, 6),
        }
    return found


def of_prune(before: QuantizedGraph, after: QuantizedGraph) -> dict[str, int]:
    """Synapses and (source, delay) lines before and removed, and neurons that were left without a synapse."""

    def totals(graph: QuantizedGraph) -> tuple[int, int, int]:
        synapses = lines = alone = 0
        for layer in graph.layers:
            synapses += int(np.count_nonzero(layer.weight))
            lines += count_lines(layer)
            alone += layer.neurons - int(np.count_nonzero(layer.weight.any(axis=1)))
        return synapses, lines, alone

    (synapses, lines, alone), (synapses_left, lines_left, alone_now) = totals(before), totals(after)
    return {
        "synapses": synapses,
        "synapses_removed": synapses - synapses_left,
        "lines": lines,
        "lines_removed": lines - lines_left,
        "neurons_cut_off": alone_now - alone,
    }


def of_whole_bias(before: QuantizedGraph, after: QuantizedGraph) -> dict[str, int | float]:
    """Biases that moved, and the farthest, in weight steps."""
    moved = [np.abs(old.bias - new.bias) for old, new in zip(before.layers, after.layers, strict=True)]
    steps = np.concatenate(moved) / (1 << formats.STATE_FRACTION_BITS)
    return {
        "biases_rounded": int(np.count_nonzero(steps)),
        "largest_bias_change_steps": round(float(steps.max()), 4),
    }


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
