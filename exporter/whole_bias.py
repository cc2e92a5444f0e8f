"""Pass: biases that are whole weight steps, which lava-dl's netx needs (it fixes the exponent at 6).

A bias acts in every step, so what rounding takes, at most half a weight step, does so in every step too.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from snnc import formats
from snnc.errors import LimitError
from snnc.stages import QuantizedGraph, QuantizedLayer


def whole_bias(graph: QuantizedGraph, wanted: bool) -> QuantizedGraph:
    """`graph` with every bias rounded, half to even, to a multiple of 1 << 6, if it is `wanted`.

    Raises
    ------
    LimitError
        If a mantissa does not hold a bias with the exponent 6.
    """
    if not wanted:
        return graph
    return replace(graph, layers=tuple(_rounded(layer) for layer in graph.layers))


def _rounded(layer: QuantizedLayer) -> QuantizedLayer:
    step = 1 << formats.STATE_FRACTION_BITS
    mantissa = np.rint(layer.bias / step).astype(np.int32)
    outside = (mantissa < formats.BIAS_MANTISSA_MIN) | (mantissa > formats.BIAS_MANTISSA_MAX)
    if outside.any():
        neuron = int(outside.argmax())
        raise LimitError(
            f"{layer.name}, neuron {neuron}: the bias of {int(layer.bias[neuron])} is {mantissa[neuron]} "
            f"weight steps, 13 bits hold {formats.BIAS_MANTISSA_MIN}..{formats.BIAS_MANTISSA_MAX}; "
            "export without --whole-bias"
        )
    return replace(layer, bias_mant=mantissa, bias_exp=formats.STATE_FRACTION_BITS)
