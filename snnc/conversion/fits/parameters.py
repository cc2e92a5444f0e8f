"""Parameters of a `Cell`, one at a time, with the values that give each spike of the module."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from snnc.conversion.fits import kept, linear
from snnc.conversion.fits.driven import Driven, Sums
from snnc.conversion.fits.membranes import narrowed
from snnc.conversion.fits.numbers import Found
from snnc.conversion.functions import numbers
from snnc.conversion.neurons import Cell
from snnc.exporter.float_reference import FloatArray
from snnc.stages.population import ADLIF, SUBTRACT, ZERO

BEGINS, RESETS = "begins", "resets"
"""Numbers that the contract does not have: v before the first step, and after a spike that sets it."""
FACTOR = "factor"
"""Of numbers that differ between neurons: what all of them are to be multiplied by."""
POSITIVE = ("threshold", "reset_by")
"""Numbers that are never below 0."""
Candidate = tuple[str, str, Found | None]
"""A name of `Cell`, what it is called, and what explains all, in its units, or None."""


def states(driven: Driven, cell: Cell) -> Iterator[Candidate]:
    gains = cell.gains(driven.spikes.shape[2])
    if driven.of.reset == ZERO:
        after = _linear_in(driven, driven.sums().reset, np.zeros(1))
        yield RESETS, "", _in(after, gains) if after is not None and after.is_one else None
    if driven.of.model != ADLIF:
        yield BEGINS, "", _in(_linear_in(driven, driven.begun(), np.zeros(1)), gains)


def candidates(driven: Driven, cell: Cell) -> Iterator[Candidate]:
    of, sums, gains = driven.of, driven.sums(), cell.gains(driven.spikes.shape[2])
    for key, name, now, rise in _linear(driven, sums):
        higher = float(key == "threshold")
        value = _in(_linear_in(driven, rise, now, higher), gains)
        if key != "gain":
            yield key, name, _above_zero(value, now * gains) if key in POSITIVE else value
        elif not driven.spikes.any() or (value is not None and not _may_be_zero(value)):
            yield key, name, _above_zero(value, gains)  # neurons that hear nothing spike by rounding alone
        share = _linear_in(driven, now * rise, np.ones(1), higher * now)
        yield from _factor(key, name, share, cell, gains)
    yield "keep_v", "keep_v", _kept(driven, _with_v)
    if np.allclose(gains, 1 - of.keep_v) and (gains > 0).all():
        yield "keep_v", "keep_v, with gain = 1 - keep_v,", _kept(driven, _with_leak)
    yield "keep_u", "keep_u", _kept(driven, _with_u)
    if sums.adapted is not None:
        yield "keep_w", "keep_w", _kept(driven, _with_w)
    for key, over_with in (("keep_v", _with_v), ("keep_u", _with_u), ("keep_w", _with_w)):
        now = getattr(of, key)
        if now is not None and (largest := now.max()) > now.min():
            share = _kept(driven, _with_share(over_with, key, largest))
            yield FACTOR, f"factor on {key}", _in(share, np.ones(1) / largest)


def _linear(driven: Driven, sums: Sums) -> Iterator[tuple[str, str, FloatArray, FloatArray]]:
    """Key and name of a number, what it is now, and by how much v is higher by each 1 of it."""
    of = driven.of
    yield "gain", "gain", np.ones(1), sums.taken
    yield "threshold", "threshold", of.threshold, np.zeros(driven.spikes.shape)
    if of.reset == SUBTRACT:
        yield "reset_by", "reset_by", of.reset_by, -sums.reset
        if np.array_equal(of.reset_by, of.threshold):
            yield "threshold", "threshold, and reset_by,", of.threshold, -sums.reset
    yield "bias", "bias", of.bias, sums.biased
    if sums.adapted is not None:
        yield "kb", "kb", of.kb, -sums.adapted


def _linear_in(
    driven: Driven, rise: FloatArray, now: FloatArray, higher: float | FloatArray = 0.0
) -> Found | None:
    """A number that is `now`, each 1 of which makes v higher by `rise`, and the threshold by `higher`."""
    slope, v = rise - higher, driven.told
    rest = v - driven.of.threshold - now * slope
    value = linear.found(driven, slope, rest, now)
    return narrowed(driven, value, lambda x: v + (x - now) * rise, lambda x: rest + x * slope)


def _kept(driven: Driven, over_with: kept.Over) -> Found | None:
    """What remains of a state."""
    over = partial(over_with, driven)
    return narrowed(driven, kept.found(driven, over_with), lambda x: over(x) + driven.of.threshold, over)


def _factor(key: str, name: str, share: Found | None, cell: Cell, gains: FloatArray) -> Iterator[Candidate]:
    """One factor on numbers that differ between neurons: all may be wrong in the same way.

    In the units of the network they differ where gains do. Then one number of the Cell is told itself.
    """
    if share is None or not share.is_one or (key == "gain" and share.low <= 0):
        return
    told = np.unique(told_by(key, cell))
    if len(told) > 1:
        yield FACTOR, f"factor on {name}", share
    elif len(np.unique(gains)) > 1:
        yield key, name, _in(share, told)


def _may_be_zero(value: Found) -> bool:
    return bool(((value.low <= 0) & (value.high >= 0)).all())


def _with_v(driven: Driven, keep: FloatArray) -> FloatArray:
    return np.asarray(driven.charged(driven.sums(keep_v=keep)) - driven.of.threshold)


def _with_u(driven: Driven, keep: FloatArray) -> FloatArray:
    return np.asarray(driven.charged(driven.sums(keep_u=keep)) - driven.of.threshold)


def _with_w(driven: Driven, keep: FloatArray) -> FloatArray:
    return np.asarray(driven.charged(driven.sums(keep_w=keep)) - driven.of.threshold)


def _with_share(over_with: kept.Over, key: str, largest: float) -> kept.Over:
    """All times one factor, with which the largest is another."""
    return lambda driven, share: over_with(driven, getattr(driven.of, key) * share / largest)


def _with_leak(driven: Driven, keep: FloatArray) -> FloatArray:
    """The input is taken up by what does not remain."""
    sums = driven.sums(keep_v=keep)
    more = (1 - keep) / (1 - driven.of.keep_v) - 1
    return np.asarray(driven.charged(sums) + more * sums.taken - driven.of.threshold)


def _in(value: Found | None, gains: FloatArray) -> Found | None:
    """`value` times `gains`; one number stays one if these are."""
    if value is None:
        return None
    alike = value.is_one and len(np.unique(gains)) == 1
    ends = [np.asarray(each * (gains[0] if alike else gains)) for each in (value.low, value.high)]
    return Found(np.minimum(*ends), np.maximum(*ends), value.bounded)


def _above_zero(value: Found | None, told: FloatArray) -> Found | None:
    """Numbers that are not below 0. If all of these up to `high` are right, the nearest to `told`."""
    if value is None or (value.high <= 0).any():
        return None
    if value.is_one:
        return Found(np.maximum(value.low, 0), value.high)
    above = value.low > 0
    bounded = above if value.bounded is None else above & value.bounded
    nearest = np.clip(told, np.maximum(value.low, 0), value.high)
    return Found(np.where(bounded, value.low, nearest), np.where(bounded, value.high, nearest), bounded)


def told_by(key: str, cell: Cell) -> FloatArray:
    """What `cell` tells."""
    return numbers({FACTOR: 1.0, "gain": cell.gain, **cell.parameters}.get(key, 0.0)).reshape(-1)
