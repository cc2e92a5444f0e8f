"""How real parameters become the contract's integers: the rules that training and export share.

A layer has one scale, integer = round(real * scale), half to even. In a spiking layer the scale makes the
threshold a whole number, so that the threshold costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.errors import LimitError

FloatArray = npt.NDArray[np.float64]


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
    def unit(self) -> float:
        """Steps of u and v (clause 3) to 1 of the real membrane potential."""
        return self.scale * (1 << formats.STATE_FRACTION_BITS)


def full_range(name: str, weight: FloatArray, threshold: float | None, bits: int) -> Grid:
    """The finest grid that holds every weight.

    In a spiking layer the largest weight uses at least half of the range.

    Raises
    ------
    LimitError
        Every weight is 0, or no scale holds both the weights and the threshold.
    """
    largest = float(np.abs(weight).max())
    if largest == 0:
        raise LimitError(f"{name}: every weight is 0; the layer passes nothing on, retrain it")
    maximum = formats.SignedFormat(bits).maximum
    full = maximum / largest
    if threshold is None:
        return Grid(bits, full, None)
    whole = min(int(threshold * full), formats.THRESHOLD_MAX)
    if whole < threshold * full / 2 and whole == formats.THRESHOLD_MAX:
        raise LimitError(
            f"{name}: the threshold {threshold:.4g} is {threshold / largest:.0f} times the "
            f"largest weight {largest:.4g}; with a {formats.THRESHOLD_MAX}-step threshold the weights would "
            "use less than half of their range: no such layer fires, retrain it"
        )
    if whole < 1:
        raise LimitError(
            f"{name}: the largest weight, {largest:.4g}, is more than {maximum} times the "
            f"threshold {threshold:.4g}; no {bits}-bit scale holds both"
        )
    return Grid(bits, whole / threshold, whole)


def least_squares(name: str, weight: FloatArray, threshold: float | None, bits: int) -> Grid:
    """The grid with the smallest squared error of the weights, where the largest may be clipped.

    With few bits it is much finer than `full_range`. It is meant for training, which goes on with the
    clipped weights.

    Raises
    ------
    LimitError
        As `full_range`; a threshold of several clipped weights is fine.
    """
    present = weight[weight != 0]
    largest = float(np.abs(present).max(initial=0.0))
    if largest == 0:
        raise LimitError(f"{name}: every weight is 0; the layer passes nothing on, retrain it")
    maximum = formats.SignedFormat(bits).maximum
    finest = 8 * maximum / largest
    if threshold is None:
        grids = [Grid(bits, scale, None) for scale in np.geomspace(maximum / largest, finest, 64).tolist()]
    else:
        first = max(1, int(threshold * maximum / largest))
        last = min(max(first, int(threshold * finest)), formats.THRESHOLD_MAX)
        whole = np.unique(np.geomspace(first, last, 64).astype(int)).tolist()
        grids = [Grid(bits, value / threshold, value) for value in whole]
    return min(grids, key=lambda grid: float(np.square(present - weight_integers(present, grid) / grid.scale).sum()))


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
