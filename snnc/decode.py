"""Clause 7: the host's decoding of the readout. Floating point; its inputs are integers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

ROUNDINGS = 20
"""Of one softmax, beside those that grow with the network: 8 for the exponential above the division, 8 below
(a library may be off by 4 units in the last place, of two roundings each), 4 for quotient and the rest."""


def scores(readout: npt.NDArray[np.integer | np.floating], scale: float) -> Floats:
    """`y_i = sum_t softmax_i(v[t] * scale)`: float64 [samples, classes] from v [samples, T, classes]."""
    total: Floats = _shares(readout, scale).sum(axis=1)
    return total


def scores_so_far(readout: npt.NDArray[np.integer | np.floating], scale: float) -> Floats:
    """`scores` of the steps 0 .. t alone, for every t: float64 [samples, T, classes]."""
    totals: Floats = _shares(readout, scale).cumsum(axis=1)
    return totals


def _shares(readout: npt.NDArray[np.integer | np.floating], scale: float) -> Floats:
    """The softmax of every step."""
    x = readout.astype(np.float64) * scale
    x -= x.max(axis=-1, keepdims=True)
    e = np.exp(x)
    shares: Floats = e / e.sum(axis=-1, keepdims=True)
    return shares


def classes(readout: npt.NDArray[np.int32], scale: float) -> npt.NDArray[np.intp]:
    """Decoded class of each sample, [samples]: of those with equal scores the first."""
    best: npt.NDArray[np.intp] = np.argmax(scores(readout, scale), axis=-1)
    return best


def tolerance(readout: npt.NDArray[np.integer], scale: float, dtype: npt.DTypeLike = np.float64) -> Floats:
    """How far a score in `dtype` may lie from `scores`, by sample: float64 [samples].

    With u the largest relative error of one rounding, N classes, T steps and X = max |v * scale|: the scale,
    the product and the difference to the largest are off by 6 X u at most, so each exponential by a factor
    1 + (6 X + 8) u; a share, a quotient of that and of the sum of N, by 1 + (12 X + N + 20) u; the sum of T
    shares by T u more. A score is T at most. Both sides may be so far off, each in its own type.
    """
    return tolerance_so_far(readout, scale, dtype)[:, -1]


def tolerance_so_far(
    readout: npt.NDArray[np.integer], scale: float, dtype: npt.DTypeLike = np.float64
) -> Floats:
    """`tolerance` of the steps 0 .. t alone, for every t: float64 [samples, T]."""
    _, length, count = readout.shape
    steps = np.arange(1, length + 1)
    largest = np.abs(readout.astype(np.float64)).max(axis=2, initial=0.0) * scale
    largest = np.maximum.accumulate(largest, axis=1)
    units = (np.finfo(np.float64).eps + np.finfo(np.dtype(dtype)).eps) / 2
    bound: Floats = steps * units * (12 * largest + count + steps + ROUNDINGS)
    return bound
