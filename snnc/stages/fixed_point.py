"""FixedPoint: the numbers with which something that does not compute by the contract runs a population."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class FixedPoint:
    """Integers that count 2**-`fraction_bits`; arrays are [neurons].

    Weights arrive as whole multiples of `weight_unit` of the contract's, a power of two, those of either sign
    apart, and of a sum at most `most` multiples. In each step the difference of the sums, shifted left by
    `shift`, and `current` make I, and

        A  = I * resistance
        v := A - decay * (A - v)
        spike and v := 0 if v >= threshold

    where every product is rounded down. `unit`: how many of these integers one of the contract's v is.
    """

    fraction_bits: int
    weight_unit: int
    most: int
    shift: int
    resistance: Ints
    decay: Ints
    threshold: Ints
    current: Ints
    unit: npt.NDArray[np.float64]
