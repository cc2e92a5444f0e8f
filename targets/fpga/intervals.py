"""Intervals of whole numbers, one for each neuron, and the bits that hold them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc import formats

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Interval:
    """The least and the largest value of each neuron, int64 [neurons]."""

    low: IntArray
    high: IntArray

    def with_value(self, value: IntArray | int) -> Interval:
        """The interval that holds `value`, too."""
        return Interval(np.minimum(self.low, value), np.maximum(self.high, value))

    def hull(self, other: Interval) -> Interval:
        """The interval that holds both."""
        return Interval(np.minimum(self.low, other.low), np.maximum(self.high, other.high))

    def met(self, other: Interval) -> Interval:
        """What lies in both."""
        return Interval(np.maximum(self.low, other.low), np.minimum(self.high, other.high))

    @property
    def bits(self) -> int:
        """Of the two's-complement number that holds all values."""
        return max(signed_bits(int(self.low.min())), signed_bits(int(self.high.max())))

    def within(self, low: int, high: int) -> bool:
        return bool((self.low >= low).all() and (self.high <= high).all())


def signed_bits(value: int) -> int:
    """Bits of the shortest two's-complement number that holds `value`."""
    return (value if value >= 0 else ~value).bit_length() + 1


def decayed(interval: Interval, constant: npt.NDArray[np.int32] | None) -> Interval:
    """Clause 4 of both ends: the decay never falls when its argument grows."""
    assert constant is not None
    keep = formats.DECAY_ONE - constant.astype(np.int64)

    def end(value: IntArray) -> IntArray:
        kept: IntArray = np.sign(value) * ((np.abs(value) * keep) >> formats.DECAY_BITS)
        return kept

    return Interval(end(interval.low), end(interval.high))


def plus(one: Interval, other: Interval) -> Interval:
    return Interval(one.low + other.low, one.high + other.high)


def equal(one: Interval, other: Interval) -> bool:
    return np.array_equal(one.low, other.low) and np.array_equal(one.high, other.high)
