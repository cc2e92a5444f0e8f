"""Pass: DiscreteModel -> QuantizedGraph."""

from __future__ import annotations

import numpy as np

from snnc import formats, quantisation
from snnc.errors import LimitError
from snnc.quantisation import Grid
from snnc.stages import DiscreteLayer, DiscreteModel, QuantizedGraph, QuantizedLayer


def quantise(model: DiscreteModel, weight_bits: int = formats.WEIGHT_BITS_DEFAULT) -> QuantizedGraph:
    """Round weights, biases and decays to the integers of the contract.

    A layer that training left on a grid keeps it, and then no weight changes. Other layers get the finest
    grid that holds all their weights (`snnc.quantisation.full_range`). A synapse whose weight rounds to
    zero is gone.

    Raises
    ------
    LimitError
        If no scale fits (weights above 127 thresholds, a bias beyond 13 + 3 bits, all zero), or a layer's
        own grid does not hold its weights or its threshold.
    """
    layers = []
    scale = 1.0
    for layer in model.layers:
        grid = _grid(layer, weight_bits)
        scale = grid.scale
        mantissa, exponent = quantisation.bias_integers(layer.name, layer.bias, scale)
        layers.append(
            QuantizedLayer(
                name=layer.name,
                weight=quantisation.weight_integers(layer.weight, grid),
                delay=layer.delay,
                bias_mant=mantissa,
                bias_exp=exponent,
                decay_u=formats.DECAY_ONE,  # the method's synapse keeps no current
                decay_v=quantisation.decay_constant(layer.tau),
                threshold=grid.threshold,
            )
        )
    return QuantizedGraph(
        layers=tuple(layers),
        time_steps=model.time_steps,
        bin_s=model.bin_s,
        readout_scale=1.0 / (scale * (1 << formats.STATE_FRACTION_BITS)),
        class_names=model.class_names,
    )


def _grid(layer: DiscreteLayer, bits: int) -> Grid:
    if layer.scale is None:
        return quantisation.full_range(layer.name, layer.weight, layer.threshold, bits)
    threshold = None if layer.threshold is None else round(layer.threshold * layer.scale)
    grid = Grid(bits, layer.scale, threshold)
    largest = round(float(np.abs(layer.weight).max()) * layer.scale)
    if largest > grid.largest:
        raise LimitError(
            f"{layer.name}: a weight is {largest} on the grid that training chose, {bits} bits hold "
            f"-{grid.largest}..{grid.largest}; export with the bits that it was finished for"
        )
    if threshold is not None and not 1 <= threshold <= formats.THRESHOLD_MAX:
        raise LimitError(
            f"{layer.name}: the threshold is {threshold} on the grid that training chose, outside "
            f"1..{formats.THRESHOLD_MAX}; train again"
        )
    return grid
