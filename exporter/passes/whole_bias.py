"""Pass: biases that are whole weight steps, which lava-dl's netx needs (it fixes the exponent at 6).

A bias acts in every step, so what rounding takes, at most half a weight step, does so in every step too.
The bias that passes through the current (clause 2) is whole already: it stays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from snnc import formats
from snnc.errors import LimitError
from snnc.exporter.passes.base import Exported, Pass, Plan
from snnc.exporter.passes.promises import equal, every_neuron
from snnc.exporter.passes.promises_of_graphs import called, same_parts, same_population, same_projection
from snnc.stages import Population, QuantizedGraph
from snnc.stages.population import INPUT

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
        return replace(before, populations=tuple(_rounded(each) for each in before.populations))

    def check(self, before: QuantizedGraph, after: QuantizedGraph) -> None:
        """Biases are rounded if that is wanted; all other numbers stay."""
        same_parts(before, after)
        for one, other in zip(before.projections, after.projections, strict=True):
            same_projection(one, other, called(one, before))
        for old, new in zip(before.populations, after.populations, strict=True):
            same_population(old, new, but=("bias_mant", "bias_exp") if self.wanted else ())
            if self.wanted and old.bias_mant is not None:
                _whole(old, new)

    def summary(self, before: QuantizedGraph, after: QuantizedGraph) -> dict[str, int | float]:
        """Biases that moved, and the farthest, in weight steps."""
        pairs = zip(before.stateful, after.stateful, strict=True)
        moved = np.concatenate([np.abs(old.bias - new.bias) for old, new in pairs])
        steps = moved / (1 << formats.STATE_FRACTION_BITS)
        return {
            "biases_rounded": int(np.count_nonzero(steps)),
            "largest_bias_change_steps": round(float(steps.max()), 4),
        }


def _rounded(of: Population) -> Population:
    if of.model == INPUT:
        return of
    step = 1 << formats.STATE_FRACTION_BITS
    mantissa = np.rint(of.bias / step).astype(np.int32)
    outside = (mantissa < formats.BIAS_MANTISSA_MIN) | (mantissa > formats.BIAS_MANTISSA_MAX)
    if outside.any():
        neuron = int(outside.argmax())
        raise LimitError(
            f"{of.name}, neuron {neuron}: the bias of {int(of.bias[neuron])} is {mantissa[neuron]} "
            f"weight steps, 13 bits hold {formats.BIAS_MANTISSA_MIN}..{formats.BIAS_MANTISSA_MAX}; "
            "export without --whole-bias"
        )
    return replace(of, bias_mant=mantissa, bias_exp=formats.STATE_FRACTION_BITS)


def _whole(old: Population, new: Population) -> None:
    assert new.bias_mant is not None
    equal(new.name, "the exponent of its biases", new.bias_exp, EXPONENT)
    mantissa = new.bias_mant.astype(np.int64)
    twice = 2 * np.abs(mantissa * WEIGHT_STEP - old.bias)
    right = (twice < WEIGHT_STEP) | ((twice == WEIGHT_STEP) & (mantissa % 2 == 0))
    every_neuron(right, new.name, new.bias, "not the bias, rounded to a whole weight step")
