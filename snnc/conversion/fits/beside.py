"""Whether a second number makes up for another value of the one that is told: then both may be wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from snnc.conversion.fits import kept, linear
from snnc.conversion.fits.driven import Bools, Bound, Driven
from snnc.conversion.fits.numbers import Found
from snnc.conversion.fits.parameters import FACTOR, told_by
from snnc.conversion.neurons import Cell
from snnc.exporter.float_reference import FloatArray
from snnc.stages.population import SUBTRACT

NEAR = 0.2
"""Of the change of a number: the part that a second one may make up for, where both are wrong."""
STEP = 1e-4
"""Of what remains, by which its effect on v is known."""
SCALES = {"gain", "threshold", "reset_by"}
"""Numbers of which one does what others do, where all that v holds is larger by a factor."""


def alone(driven: Driven, cell: Cell, key: str, name: str, value: Found, told: set[str]) -> bool:
    """Whether no second number explains all where the one that is told is another, by `NEAR` of its change.

    Where `value` is one for all neurons, so is a second number; where it is one for each, all of those that
    it changes need a second one. `told`: the numbers of all that explain by themselves. Of those, what
    does the same is no second number.
    """
    now, own = told_by(key, cell), number_of(key, name)
    change = np.abs(value.nearest(now) - now)
    change = change.max() if value.is_one else change
    changed = np.asarray(change > 0) if value.bounded is None else value.bounded & (change > 0)
    same = {own, *(told & SCALES if own in SCALES else ())}
    explained: dict[str, Bools] = {}  # by a second number, of each neuron
    for end in (value.low - NEAR * change, value.high + NEAR * change):
        to = end * told_by(own, cell) if key == FACTOR else end + np.zeros(1)
        may = _may_be(own, to)
        if value.is_one and not may.all():
            continue
        other = _with(driven, cell, own, name, np.where(may, to, told_by(own, cell)))
        rest = kept.over_now(other)
        for second, slope, (least, most) in _slopes(other, cell):
            low, high = linear.values(other, slope, rest)
            low, high = np.maximum(low, least), np.minimum(high, most)
            explains = np.asarray(low.max() <= high.min() if value.is_one else (low <= high) & may)
            explained[second] = explained.get(second, ~changed) | explains
    return not any(which.all() for second, which in explained.items() if second not in same)


def number_of(key: str, name: str) -> str:
    """The number of the Cell that is told as `name`; of a factor, that which it is on."""
    return name.removeprefix(f"{FACTOR} on ").partition(",")[0] if key == FACTOR else key


def _may_be(key: str, to: FloatArray) -> Bools:
    """Which a Cell may have: of the two ends beside a number, the one nearer to what it has may be."""
    if key.startswith("keep"):
        return (to >= 0) & (to <= 1)
    return (to > 0) | (key not in SCALES)


def _with(driven: Driven, cell: Cell, key: str, name: str, to: FloatArray) -> Driven:
    """With the number `key` of the Cell as `to`, one or [neurons], and what is told with it by `name`."""
    neurons = driven.spikes.shape[2]
    every, gains = driven.some(np.arange(neurons)), cell.gains(neurons)
    of: Any = every.of
    taken = np.ones(neurons)
    if key == "gain":
        taken = to / gains
    else:
        number = to + np.zeros(neurons) if key.startswith("keep") else to / gains
        more = {"reset_by": number} if "and reset_by" in name else {}
        of = replace(of, **{key: number}, **more)
    if "with gain" in name:
        taken = (1 - to) / (1 - every.of.keep_v)
    of = replace(of, input_bias=of.input_bias * taken)
    return replace(every, of=of, arriving=every.arriving * taken)


def _slopes(driven: Driven, cell: Cell) -> Iterator[tuple[str, FloatArray, tuple[Bound, Bound]]]:
    """Of each number by how much v is more over the threshold by 1 of it, and how far it may go."""
    of, sums, gains = driven.of, driven.sums(), cell.gains(driven.spikes.shape[2])
    slopes = {"gain": sums.taken, "threshold": -np.ones(driven.spikes.shape), "bias": sums.biased}
    if of.reset == SUBTRACT:
        slopes["reset_by"] = -sums.reset
    if sums.adapted is not None:
        slopes["kb"] = -sums.adapted
    for key, slope in slopes.items():
        yield key, slope / gains, (-np.inf, np.inf)
    for key in ("keep_v", "keep_u", "keep_w"):
        if (now := getattr(of, key)) is not None:
            step = np.where(now > 0.5, -STEP, STEP)
            other: dict[str, Any] = {key: now + step}
            slope = (driven.charged(driven.sums(**other)) - driven.told) / step
            yield key, slope, (-now, 1 - now)
