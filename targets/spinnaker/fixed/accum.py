"""S16.15, the number format of the board: 32-bit integers that count 1/32768.

Numbers are int64 arrays (or Python integers), so that products and what leaves 32 bits can be seen. The board
has no saturation here: it keeps the low 32 bits.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import overload

import numpy as np
import numpy.typing as npt

from snnc.errors import LimitError

Ints = npt.NDArray[np.int64]
FRACTION_BITS = 15
ONE = 1 << FRACTION_BITS
LOWEST, HIGHEST = -(1 << 31), (1 << 31) - 1

_WORD = (1 << 32) - 1
_EXP_HIGHEST, _EXP_LOWEST = 363408, -340695
"""Arguments of `exponential` beyond which its value is the highest number, or 0."""
_STEP_BITS = 11
"""A fraction of 15 bits is read in the table below by its upper four."""
_POWERS = tuple(round(math.exp(n) * 2**32) for n in range(-13, 1))
"""2**32 · e**n for n = -13 .. 0."""
_FALLS = tuple(round(-math.expm1(-n / 16) * 2**32) for n in range(16))
"""2**32 · (1 - e**(-n/16))."""
_SERIES = (5294, 4293434720, 2081624032)
"""Of 1 - e**-y for y below 1/16, as multiples of 2**-32 of powers of 16y; the board's own constants."""


@overload
def wrap(x: int) -> int: ...
@overload
def wrap(x: Ints) -> Ints: ...
def wrap(x: int | Ints) -> int | Ints:
    """The low 32 bits of `x`, read with a sign."""
    return ((x - LOWEST) & _WORD) + LOWEST


@overload
def multiply(x: int, y: int) -> int: ...
@overload
def multiply(x: Ints, y: Ints) -> Ints: ...
def multiply(x: int | Ints, y: int | Ints) -> int | Ints:
    """The product of two numbers, rounded toward minus infinity: GCC shifts the product of 64 bits."""
    return wrap((x * y) >> FRACTION_BITS)


def divide(x: int, y: int) -> int:
    """`x` / `y` of numbers that are not negative, rounded down."""
    return wrap((x << FRACTION_BITS) // y)


def exponential(x: int) -> int:
    """e**x of a number that is not positive, as the board's `expk` has it: nearly rounded down."""
    if x < _EXP_LOWEST:
        return 0
    whole, fraction = x >> FRACTION_BITS, x & (ONE - 1)
    if not fraction:
        return _POWERS[13 + whole] >> 17
    left = ONE - fraction
    value = _POWERS[14 + whole]
    value -= _scaled(value, _FALLS[left >> _STEP_BITS])
    rest = (left & ((1 << _STEP_BITS) - 1)) << 17
    factor = (_SERIES[1] - ((_SERIES[2] * rest) >> 32)) & _WORD
    value -= _scaled(value, ((factor * rest) >> 32) + _SERIES[0])
    return value >> 17


def _scaled(x: int, y: int) -> int:
    """`x` · `y` / 2**32; the part of its lower word is rounded, and up already one before the middle."""
    low = (x & _WORD) * y
    return (low >> 32) + ((low & _WORD) >= (1 << 31) - 1) + (x >> 32) * y


def encode(value: float, name: str) -> int:
    """The number nearest to `value`, of two the even one, as the host writes a parameter.

    Raises `LimitError` if the board has none.
    """
    if not LOWEST <= Decimal(str(value)) * ONE <= HIGHEST:
        raise LimitError(
            f"{name}: {value} is outside -65536 .. {HIGHEST / ONE}, which S16.15 holds; scale it down"
        )
    return round(Decimal(str(value)) * ONE)
