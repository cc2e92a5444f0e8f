"""Parameters of a `Cell`, one at a time: which of them, with other values, gives each spike of the module."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from snnc.conversion.fits import kept, linear
from snnc.conversion.fits.driven import Driven, Sums
from snnc.conversion.fits.numbers import Found, range_of, shortest
from snnc.conversion.functions import numbers
from snnc.conversion.neurons import Cell
from snnc.exporter.float_reference import FloatArray
from snnc.stages.population import ADLIF, NEW, OLD, SUBTRACT, ZERO

OF_SPIKES = 3
"""So many other spikes a value, or half of all, show that it is no chance."""
BEGINS, RESETS = "begins", "resets"
"""Numbers that the contract does not have: v before the first step, and after a spike that sets it."""
STATES = {
    BEGINS: "its v begins at about {}, and in the contract at 0 (let it begin at 0, and train with it)",
    RESETS: "a spike sets v to about {}, and in the contract to 0 (reset to 0, and train with it)",
}
SMALL, OF_SMALL = 0.05, 30
"""A change of less than this share takes so many other spikes."""
NARROW, OF_NARROW = 0.1, 10
"""Or so many, where the values that give every spike leave less room than this share of the change.

Then many spikes are near what is told, and each of them may have shown that it is something else. A value for
each neuron takes as many of each.
"""
FACTOR = "factor"
"""Of numbers that differ between neurons: what all of them are to be multiplied by."""
Candidate = tuple[str, str, Any]
"""A name of `Cell`, what it is called, and the `Found` that explains all, in its units, or None."""


def fitted(driven: Driven, cell: Cell) -> tuple[str, ...]:
    """In words, each parameter that explains every spike by itself; numbers, and the order of w and v.

    Values that are one for each neuron are told where no parameter is the same for all.
    """
    found = _told(driven, cell, _candidates)
    return (*_other_order(driven), *found) if driven.wrong(kept.over_now(driven)).any() else ()


def likeliest(driven: Driven, cell: Cell) -> tuple[str, ...]:
    """In words, each number that explains every spike, few as may tell it; the least changed first."""
    if not driven.wrong(kept.over_now(driven)).any():
        return ()
    some = [each for each in _candidates(driven, cell) if each[2] is not None and each[2].is_one]
    some.sort(key=lambda each: _change(each[0], each[2], cell))
    return tuple(_said(*each, driven, cell) for each in some)


def of_states(driven: Driven, cell: Cell) -> tuple[str, ...]:
    """In words, that v begins at another number than 0, or that a spike sets it to one, if that explains all.

    What follows a spike has causes that the Cell has, too: this is for where none of these does.
    """
    return _told(driven, cell, _states)


def _told(
    driven: Driven, cell: Cell, candidates: Callable[[Driven, Cell], Iterator[Candidate]]
) -> tuple[str, ...]:
    wrong = driven.wrong(kept.over_now(driven)).sum(axis=(0, 1))
    if not wrong.any():
        return ()
    if wrong.sum() < min(OF_SPIKES, driven.spikes.sum() / 2):
        return ()
    some = [each for each in candidates(driven, cell) if each[2] is not None]
    if wrong.sum() < OF_SMALL:
        enough = wrong.sum() >= OF_NARROW
        some = [
            (key, name, value)
            for key, name, value in some
            if _change(key, value, cell) >= SMALL or (enough and _is_narrow(key, value, cell))
        ]
    shared = [each for each in some if each[2].is_one]
    if not shared and wrong.sum() < OF_NARROW * np.count_nonzero(wrong):
        return ()
    # A neuron that never spikes hears too little, or its threshold is high: that is the usual reason.
    told = shared or sorted(some, key=lambda each: each[0] != "threshold")
    return tuple(_said(*each, driven, cell) for each in told)


def _other_order(driven: Driven) -> tuple[str, ...]:
    """Whether v takes w of the other step."""
    told = driven.of.order
    if told is None:
        return ()
    other = OLD if told == NEW else NEW
    over = driven.charged(driven.sums(order=other)) - driven.of.threshold
    if driven.wrong(over).any():
        return ()
    return (f"its order is {other!r}, not {told!r} (in the converter's Cell)",)


def _states(driven: Driven, cell: Cell) -> Iterator[Candidate]:
    over, zeros, gains = kept.over_now(driven), np.zeros(1), cell.gains(driven.spikes.shape[2])
    if driven.of.reset == ZERO:
        after = linear.found(driven, driven.sums().reset, over, zeros)
        yield RESETS, "", _in(after, gains) if after is not None and after.is_one else None
    if driven.of.model != ADLIF:
        yield BEGINS, "", _in(linear.found(driven, driven.begun(), over, zeros), gains)


def _candidates(driven: Driven, cell: Cell) -> Iterator[Candidate]:
    of, sums, gains = driven.of, driven.sums(), cell.gains(driven.spikes.shape[2])
    over = driven.charged(sums) - of.threshold
    for key, name, now, slope in _linear(driven, sums):
        rest = over - now * slope
        value = _in(linear.found(driven, slope, rest, now), gains)
        if key != "gain":
            yield key, name, value
        elif not driven.spikes.any() or (value is not None and not _may_be_zero(value)):
            yield key, name, _above_zero(value, gains)  # neurons that hear nothing spike by rounding alone
        yield from _factor(key, name, linear.found(driven, now * slope, rest, np.ones(1)), cell, gains)
    yield "keep_v", "keep_v", kept.found(driven, _with_v)
    if np.allclose(gains, 1 - of.keep_v) and (gains > 0).all():
        yield "keep_v", "keep_v, with gain = 1 - keep_v,", kept.found(driven, _with_leak)
    yield "keep_u", "keep_u", kept.found(driven, _with_u)
    if sums.adapted is not None:
        yield "keep_w", "keep_w", kept.found(driven, _with_w)
    for key, over_with in (("keep_v", _with_v), ("keep_u", _with_u), ("keep_w", _with_w)):
        now = getattr(of, key)
        if now is not None and (largest := now.max()) > now.min():
            share = kept.found(driven, _with_share(over_with, key, largest))
            yield FACTOR, f"factor on {key}", _in(share, np.ones(1) / largest)


def _linear(driven: Driven, sums: Sums) -> Iterator[tuple[str, str, FloatArray, FloatArray]]:
    """Key and name of a number, what it is now, and how far over the threshold v is by each 1 of it."""
    of, ones = driven.of, np.ones(driven.spikes.shape)
    yield "gain", "gain", np.ones(1), sums.taken
    yield "threshold", "threshold", of.threshold, -ones
    if of.reset == SUBTRACT:
        yield "reset_by", "reset_by", of.reset_by, -sums.reset
        if np.array_equal(of.reset_by, of.threshold):
            yield "threshold", "threshold, and reset_by,", of.threshold, -ones - sums.reset
        yield "bias", "bias", of.bias, sums.biased
    if sums.adapted is not None:
        yield "kb", "kb", of.kb, -sums.adapted


def _factor(key: str, name: str, share: Found | None, cell: Cell, gains: FloatArray) -> Iterator[Candidate]:
    """One factor on numbers that differ between neurons: all may be wrong in the same way.

    In the units of the network they differ where gains do. Then one number of the Cell is told itself.
    """
    if share is None or not share.is_one or (key == "gain" and share.low <= 0):
        return
    told = np.unique(_now(key, cell))
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
    """What a gain may be: numbers above 0. If all of these up to `high` are right, the nearest to `told`."""
    if value is None or (value.high <= 0).any():
        return None
    if value.is_one:
        return Found(np.maximum(value.low, 0), value.high)
    above = value.low > 0
    bounded = above if value.bounded is None else above & value.bounded
    nearest = np.clip(told, np.maximum(value.low, 0), value.high)
    return Found(np.where(bounded, value.low, nearest), np.where(bounded, value.high, nearest), bounded)


def _now(key: str, cell: Cell) -> FloatArray:
    """What `cell` tells."""
    return numbers({FACTOR: 1.0, "gain": cell.gain, **cell.parameters}.get(key, 0.0)).reshape(-1)


def _change(key: str, value: Found, cell: Cell) -> float:
    """The largest share by which a number has to be another; of what remains, by which the leak has to."""
    now = _now(key, cell)
    then = value.nearest(now)
    if key.startswith("keep"):
        now, then = 1 - now, 1 - then
    size = np.maximum(np.abs(now), np.abs(then))
    if key in ("bias", RESETS, BEGINS):
        size = np.maximum(size, np.abs(_now("threshold", cell)))
    return float(np.max(np.abs(then - now) / np.maximum(size, np.finfo(float).tiny)))


def _is_narrow(key: str, value: Found, cell: Cell) -> bool:
    """Whether one number is known far better than what is told is near to it."""
    now = _now(key, cell)
    far = np.abs(value.nearest(now) - now).max()
    return value.is_one and float(value.high - value.low) <= NARROW * far


def _of_each(value: Found, now: FloatArray) -> str:
    """As "about 0.2 .. 0.4 for 5 of 8, at least 1.9 for 2 of 8", of neurons for which what is told is wrong.

    Of one that never spikes the least threshold is known, and no other.
    """
    about, count = value.about(now), len(value.low)
    bounded = np.ones(count, bool) if value.bounded is None else value.bounded
    kinds = {
        "about": bounded & ((value.low > now) | (value.high < now)),
        "at least": ~bounded & (value.low > now),
        "at most": ~bounded & (value.high < now),
    }
    which = {kind: those for kind, those in kinds.items() if those.any()}
    return ", ".join(
        f"{kind} {range_of(about[those])}" + ("" if those.all() else f" for {those.sum()} of {count}")
        for kind, those in which.items()
    )


def _said(key: str, name: str, value: Found, driven: Driven, cell: Cell) -> str:
    """As "its threshold is about 1, not 1.05 (in the converter's Cell; 0.998 .. 1.003 give every spike)"."""
    if key in STATES:
        one = value.is_one and shortest(float(value.low), float(value.high))
        return STATES[key].format(range_of(np.asarray(one) if value.is_one else value.about(np.zeros(1))))
    told = range_of(now := _now(key, cell))
    if not value.is_one:
        each = _of_each(value, now)
        return f"its {name} is one for each neuron, {each}, not {told} (in the converter's Cell)"
    low, high = float(value.low), float(value.high)
    number, leak = f"{shortest(low, high):.6g}", 1 - driven.of.keep_v
    if key == "gain" and low <= leak.min() and leak.max() <= high and leak.min() > 0:
        number = f"1 - keep_v = {range_of(leak)}"
    within = f"{low:.6g} .. {high:.6g}"
    return f"its {name} is about {number}, not {told} (in the converter's Cell; {within} give every spike)"
