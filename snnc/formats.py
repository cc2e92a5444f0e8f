"""Number formats of the integer contract (`docs/semantics.md`), in one place.

Data, not arithmetic: executors read these limits, and each computes in its own way.
"""

from __future__ import annotations

from dataclasses import dataclass

STATE_FRACTION_BITS = 6
"""Weights and thresholds enter u and v shifted left by this (clauses 3 and 6)."""

DECAY_BITS = 12
DECAY_ONE = 1 << DECAY_BITS
"""Decay constant that forgets everything (clause 4)."""

U_WRAP = 1 << 24
"""A current outside `U_MIN..U_MAX` is corrected once by this amount (clause 3)."""
U_MIN, U_MAX = -(1 << 23) + 1, 1 << 23
ACCUMULATE_LIMIT = 1 << 18
"""Largest sum of |weight| * payload into one neuron of a valid graph (clause 2)."""
PAYLOAD_MAX = 255
"""Largest payload of an input event: 8 bits (clause 2)."""
V_LIMIT = (1 << 23) - 1
"""The membrane is clipped to -V_LIMIT..V_LIMIT (clause 5), and so is the adaptation w (clause 5a)."""

THRESHOLD_MAX = (1 << 17) - 1
BIAS_MANTISSA_MIN, BIAS_MANTISSA_MAX = -(1 << 12), (1 << 12) - 1
BIAS_EXPONENT_MAX = 7
"""Mantissas and exponents are those of the bias (clause 5) and of the input bias (clause 2)."""
WEIGHT_EXPONENT_MAX = 10
"""Largest exponent of the weights of a projection (clause 2)."""
KA_MIN, KA_MAX = -DECAY_ONE, DECAY_ONE
"""Adaptation by v, in 4096ths (clause 5a)."""
KB_MIN, KB_MAX = -(1 << 20), (1 << 20) - 1
"""Adaptation by a spike (clause 5a)."""

WEIGHT_BITS_DEFAULT = 8
WEIGHT_BITS_MIN = 2
"""A sign, and one bit: weights of -1, 0 and 1."""


@dataclass(frozen=True, slots=True)
class SignedFormat:
    """Two's-complement integers of `bits` bits."""

    bits: int

    @property
    def minimum(self) -> int:
        return -(1 << (self.bits - 1))

    @property
    def maximum(self) -> int:
        return (1 << (self.bits - 1)) - 1
