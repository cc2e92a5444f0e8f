"""Numbers that are found: the shortest one of a range, and in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.exporter.float_reference import FloatArray

DIGITS, TOLD = 15, 6
"""That a number has at most, and that are told of an end of a range."""


@dataclass(frozen=True, slots=True)
class Found:
    """Values of one parameter, `low` .. `high` [neurons], or of all neurons where both are one number.

    Where not `bounded` [neurons], all beyond are right, too: both are the one nearest to what was told.
    """

    low: FloatArray
    high: FloatArray
    bounded: npt.NDArray[np.bool_] | None = None

    @property
    def is_one(self) -> bool:
        return self.low.ndim == 0

    def nearest(self, told: FloatArray) -> FloatArray:
        """The values that change what is `told` least."""
        return np.clip(told, self.low, self.high)

    def about(self, told: FloatArray) -> FloatArray:
        """The middle of a range that is narrow beside its distance from what is `told`, else its near end."""
        near = self.nearest(told)
        return np.where(self.high - self.low < np.abs(near - told), (self.low + self.high) / 2, near)


def shortest(low: float, high: float) -> float:
    """The number of the fewest digits in `low` .. `high`, the nearest to their middle; 0 has none."""
    if low <= 0 <= high:
        return 0.0
    middle = (low + high) / 2
    for digits in range(1, DIGITS):
        found = float(f"{middle:.{digits}g}")
        if low <= found <= high:
            return found
    return middle


def within(ends: float | FloatArray, up: bool, digits: int = TOLD) -> FloatArray:
    """Ends of a range in so many `digits`, none of them beyond: `up`, the lower ones."""
    ends = np.asarray(ends, np.float64)
    size = 10.0 ** (np.floor(np.log10(np.maximum(np.abs(ends), np.finfo(float).tiny))) - (digits - 1))
    return np.asarray((np.ceil if up else np.floor)(ends / size) * size)


def ends_of(low: float, high: float) -> str:
    """The two ends of a range, in as many digits as tell one from the other, none of them beyond."""
    for digits in range(TOLD, DIGITS + 1):
        ends = float(within(low, True, digits)), float(within(high, False, digits))
        if ends[0] <= ends[1]:
            return " .. ".join(f"{end:.{digits}g}" for end in ends)
    return f"{low!r} .. {high!r}"


def range_of(values: FloatArray) -> str:
    """One number, or the least and the largest."""
    low, high = (f"{each:.6g}" for each in (np.min(values), np.max(values)))
    return low if low == high else f"{low} .. {high}"
