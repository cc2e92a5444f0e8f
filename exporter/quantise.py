"""Pass: DiscreteModel -> QuantizedGraph."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from snnc import formats, quantisation
from snnc.errors import LimitError
from snnc.quantisation import Grid, GridRule
from snnc.stages import DiscreteLayer, DiscreteModel, QuantizedGraph, QuantizedLayer


def quantise(model: DiscreteModel, weight_bits: int = formats.WEIGHT_BITS_DEFAULT) -> QuantizedGraph:
    """`quantise_on` the grids of training or, in other layers, the finest that hold all their weights.

    Raises
    ------
    LimitError
        As `choose_grids` and `quantise_on`.
    """
    return quantise_on(model, choose_grids(model, [weight_bits] * len(model.layers)))


def choose_grids(
    model: DiscreteModel, bits: Sequence[int], rule: GridRule = quantisation.full_range
) -> tuple[Grid, ...]:
    """The grid of every layer: the one that training left it on, or else that of `rule` for its `bits`.

    Raises
    ------
    LimitError
        If no scale fits (weights above 127 thresholds, all zero), or a layer's own grid does not hold its
        weights or its threshold.
    """
    return tuple(
        _own_grid(layer, layer.scale, layer_bits)
        if layer.scale is not None
        else rule(layer.name, layer.weight, layer.threshold, layer_bits)
        for layer, layer_bits in zip(model.layers, bits, strict=True)
    )


def quantise_on(model: DiscreteModel, grids: Sequence[Grid], payload_max: int = 1) -> QuantizedGraph:
    """Round weights, biases and decays to the integers of the contract, each layer on its grid.

    A weight beyond its grid goes to the end of it. A synapse whose weight rounds to zero is gone. Input
    events may carry 1 .. `payload_max`.

    Raises
    ------
    LimitError
        If a bias is beyond 13 + 7 bits.
    """
    layers = []
    for layer, grid in zip(model.layers, grids, strict=True):
        mantissa, exponent = quantisation.bias_integers(layer.name, layer.bias, grid.scale)
        layers.append(
            QuantizedLayer(
                name=layer.name,
                weight=quantisation.weight_integers(layer.weight, grid),
                delay=layer.delay,
                bias_mant=mantissa,
                bias_exp=exponent,
                decay_u=quantisation.decay_constant(layer.tau_syn),
                decay_v=quantisation.decay_constant(layer.tau),
                threshold=grid.threshold,
            )
        )
    return QuantizedGraph(
        layers=tuple(layers),
        time_steps=model.time_steps,
        bin_s=model.bin_s,
        readout_scale=1.0 / grids[-1].unit,
        class_names=model.class_names,
        payload_max=payload_max,
    )


def _own_grid(layer: DiscreteLayer, scale: float, bits: int) -> Grid:
    most = formats.SignedFormat(bits).maximum
    largest = float(np.abs(layer.weight).max()) * scale
    if largest >= most + 0.5:
        raise LimitError(
            f"{layer.name}: a weight is {largest:.0f} on the grid that training chose, {bits} bits hold "
            f"-{most}..{most}; export with the bits that it was finished for"
        )
    if layer.threshold is None:
        return Grid(bits, scale, None)
    threshold = layer.threshold * scale  # a whole number but for the last digits
    if not 0.5 < threshold < formats.THRESHOLD_MAX + 0.5:
        raise LimitError(
            f"{layer.name}: the threshold is {threshold:.4g} on the grid that training chose, outside "
            f"1..{formats.THRESHOLD_MAX}; train again"
        )
    return Grid(bits, scale, round(threshold))
