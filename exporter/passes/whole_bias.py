"""Pass: biases that are whole weight steps, which lava-dl's netx needs (it fixes the exponent at 6).

A bias acts in every step, so what rounding takes, at most half a weight step, does so in every step too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from snnc import formats
from snnc.errors import LimitError
from snnc.exporter.passes.base import Exported, Pass, Plan
from snnc.exporter.passes.promises import equal, every_neuron, same_frame, same_neurons, same_synapses
from snnc.stages import QuantizedGraph, QuantizedLayer

WEIGHT_STEP, EXPONENT = 64, 6


@dataclass(frozen=True, slots=True)
class WholeBias(Pass[QuantizedGraph, QuantizedGraph]):
    """Every bias is rounded, half to even, to a multiple of 1 << 6, if it is `wanted`."""

    wanted: bool

    name: ClassVar[str] = "whole_bias"
    result: ClassVar[str] = "whole biases"

    @classmethod
    def planned(cls, before: QuantizedGraph, plan: Plan, exported: Exported) -> Self:
        return cls(plan.options.whole_bias)

    def run(self, before: QuantizedGraph) -> QuantizedGraph:
        """Raise `LimitError` if a mantissa does not hold a bias with the exponent 6."""
        if not self.wanted:
            return before
        return before.with_layers(_rounded(layer) for layer in before.layers)

    def check(self, before: QuantizedGraph, after: QuantizedGraph) -> None:
        """Biases are rounded if that is wanted; all other numbers stay."""
        same_frame(before, after)
        for old, new in zip(before.layers, after.layers, strict=True):
            same_synapses(old, new)
            same_neurons(old, new, biases=not self.wanted)
            if self.wanted:
                _whole(old, new)

    def summary(self, before: QuantizedGraph, after: QuantizedGraph) -> dict[str, int | float]:
        """Biases that moved, and the farthest, in weight steps."""
        moved = [np.abs(old.bias - new.bias) for old, new in zip(before.layers, after.layers, strict=True)]
        steps = np.concatenate(moved) / (1 << formats.STATE_FRACTION_BITS)
        return {
            "biases_rounded": int(np.count_nonzero(steps)),
            "largest_bias_change_steps": round(float(steps.max()), 4),
        }


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


def _whole(old: QuantizedLayer, new: QuantizedLayer) -> None:
    equal(new.name, "the exponent of its biases", new.bias_exp, EXPONENT)
    mantissa = new.bias_mant.astype(np.int64)
    twice = 2 * np.abs(mantissa * WEIGHT_STEP - old.bias)
    right = (twice < WEIGHT_STEP) | ((twice == WEIGHT_STEP) & (mantissa % 2 == 0))
    every_neuron(right, new.name, new.bias, "not the bias, rounded to a whole weight step")
