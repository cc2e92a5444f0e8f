"""How real parameters become the contract's integers: the rules that training and export share.

A layer has one scale, integer = round(real * scale), half to even. In a spiking layer the scale makes the
threshold a whole number, so that the threshold costs nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.errors import LimitError

FloatArray = npt.NDArray[np.float64]

PERCENTILE = 99.9
"""Share of the weights, in percent, that `percentile` holds unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The integers of one layer: `scale` integer steps to 1 of the real weight, in `bits` bits.

    `threshold` is the integer one, None for a readout.
    """

    bits: int
    scale: float
    threshold: int | None

    @property
    def largest(self) -> int:
        """Largest magnitude of a weight; the range is symmetric."""
        return formats.SignedFormat(self.bits).maximum

    @property
    def end(self) -> float:
        """Largest magnitude of a real weight."""
        return self.largest / self.scale

    @property
    def unit(self) -> float:
        """Steps of u and v (clause 3) to 1 of the real membrane potential."""
        return self.scale * (1 << formats.STATE_FRACTION_BITS)


GridRule = Callable[[str, FloatArray, float | None, int], Grid]
"""Chooses the grid of a layer by its name (for errors), weights, threshold and bits."""


def full_range(name: str, weight: FloatArray, threshold: float | None, bits: int) -> Grid:
    """The finest grid that holds every weight.

    In a spiking layer the largest weight uses at least half of the range.

    Raises
    ------
    LimitError
        Every weight is 0, or no scale holds both the weights and the threshold.
    """
    return _finest(name, _largest(name, weight), threshold, bits)


def percentile(
    name: str, weight: FloatArray, threshold: float | None, bits: int, percent: float = PERCENTILE
) -> Grid:
    """The finest grid that holds `percent` of the weights that are not 0; the others are clipped.

    Raises
    ------
    LimitError
        As `full_range`.
    """
    _largest(name, weight)
    present = np.abs(weight[weight != 0])
    return _finest(name, float(np.percentile(present, percent, method="inverted_cdf")), threshold, bits)


def least_squares(name: str, weight: FloatArray, threshold: float | None, bits: int) -> Grid:
    """The grid with the smallest squared error of the weights, where the largest may be clipped.

    The choice is among 64 grids at most, from that of `full_range` to one eight times as fine: with few bits,
    clipping pays.

    Raises
    ------
    LimitError
        As `full_range`; a threshold of several clipped weights is fine.
    """
    largest, maximum = _largest(name, weight), formats.SignedFormat(bits).maximum
    coarsest, finest = maximum / largest, 8 * maximum / largest
    if threshold is None:
        grids = [Grid(bits, scale, None) for scale in np.geomspace(coarsest, finest, 64).tolist()]
    else:
        first = max(1, _whole_threshold(name, threshold, largest, maximum))
        last = max(first, int(min(threshold * finest, formats.THRESHOLD_MAX)))
        whole = np.unique(np.geomspace(first, last, 64).astype(int)).tolist()
        grids = [Grid(bits, value / threshold, value) for value in whole]
    present = weight[weight != 0]

    def squared_error(grid: Grid) -> float:
        return float(np.square(present - weight_integers(present, grid) / grid.scale).sum())

    return min(grids, key=squared_error)


def power_of_two(name: str, grid: Grid, threshold: float | None) -> Grid:
    """The finest grid that is no finer than `grid` and whose scale is a power of two.

    The threshold is rounded then, and costs up to half a step.

    Raises
    ------
    LimitError
        The threshold is less than half a step.
    """
    scale = math.ldexp(0.5, math.frexp(grid.scale)[1])
    if threshold is None:
        return Grid(grid.bits, scale, None)
    whole = round(threshold * scale)
    if whole < 1:
        raise LimitError(
            f"{name}: the threshold {threshold:.4g} is {threshold * scale:.3g} steps of the scale {scale:g} "
            f"and rounds to 0; use more than {grid.bits} weight bits, or a scale that is not a power of two"
        )
    return Grid(grid.bits, scale, whole)


def clipped(weight: FloatArray, grid: Grid) -> int:
    """How many weights lie beyond the ends of the grid."""
    return int(np.count_nonzero(np.abs(np.rint(weight * grid.scale)) > grid.largest))


def _finest(name: str, largest: float, threshold: float | None, bits: int) -> Grid:
    """The finest grid that holds weights up to `largest`."""
    maximum = formats.SignedFormat(bits).maximum
    if threshold is None:
        return Grid(bits, maximum / largest, None)
    whole = _whole_threshold(name, threshold, largest, maximum)
    if whole < 1:
        raise LimitError(
            f"{name}: the largest weight, {largest:.4g}, is more than {maximum} times the "
            f"threshold {threshold:.4g}; no {bits}-bit scale holds both: give it more bits, or the scale "
            "mse, which clips the largest weights"
        )
    return Grid(bits, whole / threshold, whole)


def _largest(name: str, weight: FloatArray) -> float:
    largest = float(np.abs(weight).max())
    if largest == 0:
        raise LimitError(f"{name}: every weight is 0; the layer has no effect; train it again")
    return largest


def _whole_threshold(name: str, threshold: float, largest: float, maximum: int) -> int:
    """The threshold in steps on the finest grid that holds every weight; 0 if it is less than a step."""
    steps = threshold / largest * maximum
    if steps > 2 * formats.THRESHOLD_MAX:
        raise LimitError(
            f"{name}: the threshold {threshold:.4g} is {threshold / largest:.0f} times the "
            f"largest weight {largest:.4g}; with a {formats.THRESHOLD_MAX}-step threshold the weights would "
            "use less than half of their range: such a layer never fires; train it again"
        )
    whole = int(min(steps, formats.THRESHOLD_MAX))
    fits = (whole + 1) * largest <= threshold * maximum  # the quotient may fall just short of a whole number
    return whole + (fits and whole < formats.THRESHOLD_MAX)


def weight_integers(weight: FloatArray, grid: Grid) -> npt.NDArray[np.int32]:
    """Weights on the grid, those outside it at its ends."""
    return np.clip(np.rint(weight * grid.scale), -grid.largest, grid.largest).astype(np.int32)


def bias_integers(name: str, bias: FloatArray, scale: float) -> tuple[npt.NDArray[np.int32], int]:
    """Mantissas and the smallest exponent that holds every bias of the layer (clause 5).

    Raises
    ------
    LimitError
        A bias is beyond the largest exponent.
    """
    wanted: FloatArray = bias * scale * (1 << formats.STATE_FRACTION_BITS)
    for exponent in range(formats.BIAS_EXPONENT_MAX + 1):
        mantissa = np.rint(wanted / (1 << exponent))
        if mantissa.min() >= formats.BIAS_MANTISSA_MIN and mantissa.max() <= formats.BIAS_MANTISSA_MAX:
            return mantissa.astype(np.int32), exponent
    neuron = int(np.abs(wanted).argmax())
    raise LimitError(
        f"{name}, neuron {neuron}: bias {bias[neuron]:.4g} becomes {wanted[neuron]:.0f}, "
        f"the format holds {formats.BIAS_MANTISSA_MAX << formats.BIAS_EXPONENT_MAX}; "
        "use fewer weight bits, or train with weaker batch-norm offsets"
    )


def decay_constant(tau: float) -> int:
    """Clause 4's `k` of a membrane time constant in steps."""
    return round(formats.DECAY_ONE / tau)
