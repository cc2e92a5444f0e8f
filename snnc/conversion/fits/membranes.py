"""v that a module gives beside its spikes: what explains the spikes has to explain v, too."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from snnc.conversion.fits.driven import Bools, Driven
from snnc.conversion.fits.numbers import Found
from snnc.exporter.float_reference import FloatArray

With = Callable[[FloatArray], FloatArray]
"""Of a number [neurons]: v before a reset, or how far over the threshold it is, [N, T, neurons]."""
CLOSER = 0.1
"""A number is told as far as v is then the module's but for this share of what is allowed."""
PLACES = 3
"""So many places of v of each neuron show that a number is no chance."""
ROUNDS, STEP = 12, 1e-6


def off(driven: Driven, v: FloatArray) -> Bools:
    """Where `v` is another than the module's; nowhere if that is not known."""
    if driven.v is None:
        return np.zeros(driven.spikes.shape, bool)
    return np.asarray(np.abs(v - driven.v) > driven.far)  # which is NaN in a step with a spike


def told(driven: Driven) -> bool:
    """Whether v of each neuron that differs is another: then v, in all steps, is what tells a number."""
    others = off(driven, driven.told)
    wrong = others | driven.wrong(np.asarray(driven.told - driven.of.threshold))
    return bool(wrong.any() and (others.sum(axis=(0, 1)) >= PLACES)[wrong.any(axis=(0, 1))].all())


def narrowed(driven: Driven, value: Found | None, v_of: With, over: With) -> Found | None:
    """Of what explains the spikes, what explains v; a number for each neuron where one for all does not."""
    if value is None or driven.v is None:
        return value
    for together in (True, False) if value.is_one else (False,):
        found = _fitted(driven, driven.v, value, v_of, together)
        if found is not None and not driven.wrong(over(found.nearest(found.low))).any():
            return found
    return None


def _fitted(driven: Driven, theirs: FloatArray, value: Found, v_of: With, together: bool) -> Found | None:
    """The number with the least squares of what is left of v, if that is nothing."""
    x, slopes = (value.low + value.high) / 2 + np.zeros(driven.spikes.shape[2]), np.zeros(0)
    for _ in range(ROUNDS):
        left = np.nan_to_num(v_of(x) - theirs)
        slopes = np.nan_to_num((v_of(x - STEP) - theirs - left) / -STEP)
        squares, pull = ((each * slopes).sum(axis=(0, 1)) for each in (slopes, left))
        if together:
            squares, pull = squares.sum(), pull.sum()
        step = np.divide(-pull, squares, out=np.zeros_like(x), where=squares > 0)
        x = x + step
        if (np.abs(step) <= 1e-12 * np.maximum(np.abs(x), 1)).all():
            break
    if off(driven, v_of(x)).any():
        return None
    steepest = np.abs(slopes).max(axis=(0, 1))
    room = np.divide(CLOSER * driven.far, steepest, out=np.full_like(x, np.inf), where=steepest > 0)
    if not together:
        tells = np.isfinite(room)
        bounded = tells if value.bounded is None else tells | value.bounded
        low, high = (np.where(tells, x + end, own) for end, own in ((-room, value.low), (room, value.high)))
        return Found(low, high, bounded)
    low, high = np.maximum(value.low, x[0] - room.min()), np.minimum(value.high, x[0] + room.min())
    return Found(low, high) if low <= high else None


def explained(driven: Driven, least: FloatArray, most: FloatArray | None = None) -> bool:
    """Whether v of the module is `least`, or between that and `most`."""
    if driven.v is None:
        return True
    most = least if most is None else most
    return not ((driven.v < least - driven.far) | (driven.v > most + driven.far)).any()
