"""Pass: QuantizedGraph -> PlacedProgram. Each layer is cut into slices, one slice a core, in order."""

from __future__ import annotations

import numpy as np

from snnc.errors import LimitError
from snnc.stages import CoreUse, PlacedProgram, QuantizedGraph, QuantizedLayer
from snnc.targets.target import Target


def place(graph: QuantizedGraph, target: Target) -> PlacedProgram:
    """Fill cores with neurons in order; a core holds neurons of one layer.

    Synaptic memory is an estimate of a dense encoding: for each synapse with a weight, its weight
    bits, the bits of the longest delay, and the bits that name a neuron of its core.

    Raises
    ------
    LimitError
        If one neuron alone exceeds a core, or the chip has too few cores; it names the resource.
    """
    cores: list[CoreUse] = []
    for layer in graph.layers:
        start = 0
        while start < layer.neurons:
            stop = _fill(layer, start, target)
            use = _use(layer, start, stop, target)
            cores.append(CoreUse(0, len(cores), layer.name, start, stop, use))
            start = stop
    if len(cores) > target.limits.cores:
        raise LimitError(
            f"the network needs {len(cores)} cores, a {target.name} chip has {target.limits.cores}: "
            f"{len(cores) - target.limits.cores} too many; use fewer or sparser neurons"
        )
    return PlacedProgram(target.name, graph, tuple(cores))


def _fill(layer: QuantizedLayer, start: int, target: Target) -> int:
    """The largest `stop` for which neurons `start:stop` fit a core."""
    low, high = start, min(layer.neurons, start + target.limits.neurons_with_delay(layer.max_delay))
    while low < high:
        middle = (low + high + 1) // 2
        if not _excess(_use(layer, start, middle, target)):
            low = middle
        else:
            high = middle - 1
    if low == start:
        use = _use(layer, start, start + 1, target)
        name = _excess(use)
        raise LimitError(
            f"{layer.name}, neuron {start}: alone takes {use[name][0]} {name}, a core of {target.name} "
            f"has {use[name][1]}; use fewer inputs or sparser weights"
        )
    return low


def _excess(use: dict[str, tuple[int, int]]) -> str:
    """Name of the first resource used beyond its limit, or ""."""
    return next((name for name, (used, most) in use.items() if used > most), "")


def _use(layer: QuantizedLayer, start: int, stop: int, target: Target) -> dict[str, tuple[int, int]]:
    limits = target.limits
    weight = layer.weight[start:stop] != 0
    bits = limits.weight_bits + layer.max_delay.bit_length() + (stop - start - 1).bit_length()
    use = {
        "neurons": (stop - start, limits.neurons_with_delay(layer.max_delay)),
        "synapse_bytes": (int(np.count_nonzero(weight)) * bits // 8, limits.synapse_bytes_per_core),
    }
    if limits.axons_in_per_core is not None:
        use["axons_in"] = (int(weight.any(axis=0).sum()), limits.axons_in_per_core)
    if limits.axons_out_per_core is not None:
        use["axons_out"] = (stop - start if layer.spikes else 0, limits.axons_out_per_core)
    return use
