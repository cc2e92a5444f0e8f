"""QuantizedLayer: a layer of a chain, which version 1 of the contract is made of."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from snnc import formats
from snnc.arrays import frozen, same
from snnc.brief import brief
from snnc.errors import BUT_OF_EXAMPLE, StageError
from snnc.stages.bounds import IntArray
from snnc.stages.synapses import SynapseMatrix


@dataclass(frozen=True, slots=True)
class QuantizedLayer:
    """One layer in the integers of `docs/semantics.md`.

    Attributes
    ----------
    weight, delay
        int32 [neurons, inputs]; delay in steps. A weight of 0 is no synapse (clause 1), so its delay
        is set to 0: two graphs that compute the same by clause 1 are equal.
    bias_mant, bias_exp
        int32 [neurons] and one exponent; the bias is `bias_mant << bias_exp` (clause 5).
    decay_u, decay_v
        `du` and `dv` of clauses 3 and 5, 0 .. 4096.
    threshold
        `vth` of clause 6; None for the readout.
    """

    __repr__ = brief

    name: str
    weight: IntArray
    delay: IntArray
    bias_mant: IntArray
    bias_exp: int
    decay_u: int
    decay_v: int
    threshold: int | None
    synapses: SynapseMatrix = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        shape = np.shape(self.weight)
        if len(shape) != 2 or 0 in shape:
            raise StageError(f"{self.name}: weight has shape {shape}, expected [neurons, inputs], none zero")
        for name, expected in (("weight", shape), ("delay", shape), ("bias_mant", shape[:1])):
            value = frozen(getattr(self, name), np.int32, name=f"{self.name}: {name}", shape=expected)
            object.__setattr__(self, name, value)
        if (self.delay < 0).any():
            raise StageError(f"{self.name}: a delay is negative ({int(self.delay.min())} steps)")
        object.__setattr__(self, "synapses", SynapseMatrix(self.weight, self.delay))
        object.__setattr__(self, "delay", self.synapses.delay)
        _within(
            self.name, "bias mantissa", self.bias_mant, formats.BIAS_MANTISSA_MIN, formats.BIAS_MANTISSA_MAX
        )
        _within(self.name, "bias exponent", self.bias_exp, 0, formats.BIAS_EXPONENT_MAX)
        _within(self.name, "decay_u", self.decay_u, 0, formats.DECAY_ONE)
        _within(self.name, "decay_v", self.decay_v, 0, formats.DECAY_ONE)
        if self.threshold is not None:
            _within(self.name, "threshold", self.threshold, 0, formats.THRESHOLD_MAX)
        self.check_sums()

    @property
    def neurons(self) -> int:
        return int(self.weight.shape[0])

    @property
    def inputs(self) -> int:
        return int(self.weight.shape[1])

    @property
    def spikes(self) -> bool:
        """Whether the layer spikes (every layer but the readout)."""
        return self.threshold is not None

    @property
    def bias(self) -> IntArray:
        """int32 [neurons], the value added to v each step."""
        return self.bias_mant << np.int32(self.bias_exp)

    @property
    def max_delay(self) -> int:
        """Longest delay of a synapse with a weight other than zero, in steps."""
        return self.synapses.max_delay

    def check_sums(self, payload_max: int = 1) -> None:
        """Raise `StageError` unless 32-bit arithmetic holds for events up to `payload_max` (clause 2)."""
        total = self.synapses.sums() * payload_max
        worst = int(total.argmax())
        if total[worst] > formats.ACCUMULATE_LIMIT:
            times, smaller = ("", "") if payload_max == 1 else (f" times {payload_max}", "")
            if (most := formats.ACCUMULATE_LIMIT * payload_max // int(total[worst])) and times:
                smaller = f", or payloads of at most {most} (--payload-max {most}{BUT_OF_EXAMPLE})"
            raise StageError(
                f"{self.name}, neuron {worst}: the sum of |weight|{times} is {total[worst]}, the contract "
                f"(clause 2) allows {formats.ACCUMULATE_LIMIT}; use fewer weight bits or fewer inputs"
                f"{smaller}"
            )

    def __eq__(self, other: object) -> bool:
        return same(self, other)


def _within(layer: str, what: str, value: IntArray | int, low: int, high: int) -> None:
    smallest, largest = int(np.min(value)), int(np.max(value))
    if smallest < low or largest > high:
        raise StageError(f"{layer}: {what} {smallest}..{largest} is outside {low}..{high}")
