"""Clause 7, the decoder `softmax`: all that version 1 has. Floating point; its inputs are integers.

`snnc.decoding.decoder` decodes the readouts of any graph, with each of the six decoders.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Scale = float | Floats
"""One factor, or float64 [classes], one for each class."""

ROUNDINGS = 20
"""Of one softmax, beside those that grow with the network: 8 for the exponential above the division, 8 below
(a library may be off by 4 units in the last place, of two roundings each), 4 for quotient and the rest."""


def scores(readout: npt.NDArray[np.integer | np.floating], scale: Scale) -> Floats:
    """`y_i = sum_t softmax_i(v[t] * scale)`: float64 [samples, classes] from v [samples, T, classes]."""
    total: Floats = _shares(readout, scale).sum(axis=1)
    return total


def scores_so_far(readout: npt.NDArray[np.integer | np.floating], scale: Scale) -> Floats:
    """`scores` of the steps 0 .. t alone, for every t: float64 [samples, T, classes]."""
    totals: Floats = _shares(readout, scale).cumsum(axis=1)
    return totals


def _shares(readout: npt.NDArray[np.integer | np.floating], scale: Scale) -> Floats:
    """The softmax of every step."""
    x = readout.astype(np.float64) * scale
    x -= x.max(axis=-1, keepdims=True)
    e = np.exp(x)
    shares: Floats = e / e.sum(axis=-1, keepdims=True)
    return shares


def classes(readout: npt.NDArray[np.int32], scale: Scale) -> npt.NDArray[np.intp]:
    """Decoded class of each sample, [samples]: of those with equal scores the first."""
    best: npt.NDArray[np.intp] = np.argmax(scores(readout, scale), axis=-1)
    return best


def tolerance(readout: npt.NDArray[np.integer], scale: Scale, dtype: npt.DTypeLike = np.float64) -> Floats:
    """How far a score in `dtype` may lie from `scores`, by sample: float64 [samples].

    With u the largest relative error of one rounding, N classes, T steps and X = max |v * scale|: the scale,
    the product and the difference to the largest are off by 6 X u at most, so each exponential by a factor
    1 + (6 X + 8) u; a share, a quotient of that and of the sum of N, by 1 + (12 X + N + 20) u; the sum of T
    shares by T u more. A score is T at most. Both sides may be so far off, each in its own type.
    """
    return tolerance_so_far(readout, scale, dtype)[:, -1]


def tolerance_so_far(
    readout: npt.NDArray[np.integer], scale: Scale, dtype: npt.DTypeLike = np.float64
) -> Floats:
    """`tolerance` of the steps 0 .. t alone, for every t: float64 [samples, T]."""
    _, length, count = readout.shape
    steps = np.arange(1, length + 1)
    largest = largest_so_far(readout, scale)
    bound: Floats = steps * both_units(dtype) * (12 * largest + count + steps + ROUNDINGS)
    return bound


def largest_so_far(readout: npt.NDArray[np.integer], scale: Scale) -> Floats:
    """X of clause 7, the largest |v * scale| of any class in the steps 0 .. t: float64 [samples, T]."""
    largest: Floats = (np.abs(readout.astype(np.float64)) * scale).max(axis=2, initial=0.0)
    return np.maximum.accumulate(largest, axis=1)


def both_units(dtype: npt.DTypeLike) -> float:
    """The sum of u, the largest relative error of one rounding, of float64 and of `dtype`."""
    kind: Any = np.dtype(dtype)
    return (float(np.finfo(np.float64).eps) + float(np.finfo(kind).eps)) / 2
