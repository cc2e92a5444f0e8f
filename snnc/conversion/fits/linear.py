"""Parameters in which v, or the threshold, is linear: the values with which every spike is the module's."""

from __future__ import annotations

import numpy as np

from snnc.conversion.fits.driven import Driven
from snnc.conversion.fits.numbers import Found
from snnc.exporter.float_reference import FloatArray


def values(
    driven: Driven, factor: FloatArray, rest: FloatArray, slack: float | None = None
) -> tuple[FloatArray, FloatArray]:
    """Of each neuron the least and the largest x with which v is right, but for `slack`, by default its own.

    v is `factor` x + `rest` over the threshold, both [N, T, neurons]. The least is above the largest if
    there is none.
    """
    sign = np.where(driven.spikes, 1.0, -1.0)
    allowed = driven.slack if slack is None else slack
    slope, free = sign * factor, sign * rest + allowed  # slope x + free >= 0 is right
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        edge = -free / slope
    low = np.where(slope > 0, edge, -np.inf).max(axis=(0, 1))
    high = np.where(slope < 0, edge, np.inf).min(axis=(0, 1))
    never = ((slope == 0) & (free < 0)).any(axis=(0, 1))
    return np.where(never, np.inf, low), high


def found(driven: Driven, factor: FloatArray, rest: FloatArray, told: FloatArray) -> Found | None:
    """One value for all neurons, or one for each; None if there is none, or if any large one does.

    A neuron of which any large value is right, as one that never spikes, has that nearest to what is `told`.
    What rounding allows decides whether there is a value; its ends give every spike without it, if any do.
    """
    low, high = values(driven, factor, rest)
    least, most = values(driven, factor, rest, 0.0)
    if np.isfinite([low.max(), high.min()]).all() and low.max() <= high.min():
        exact = least.max() <= most.min()
        return Found(least.max(), most.min()) if exact else Found(low.max(), high.min())
    bounded, right = np.isfinite(low) & np.isfinite(high), (low <= told) & (told <= high)
    if not ((low <= high).all() and bounded.any()):
        return None
    low, high = (np.where(least <= most, *each) for each in ((least, low), (most, high)))
    nearest = np.where(right, told, np.clip(told, low, high))
    if not np.isfinite(nearest).all():
        return None
    return Found(np.where(bounded, low, nearest), np.where(bounded, high, nearest), bounded)
