"""Whether a second number makes up for another value of the one that is told: then both may be wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from snnc.conversion.fits import kept, linear
from snnc.conversion.fits.driven import Driven
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

    `value` is one for all neurons; `told`: the numbers of all that explain by themselves. Of those, the ones
    that do the same are no second number.
    """
    now, own = told_by(key, cell), number_of(key, name)
    change = np.abs(value.nearest(now) - now).max()
    same = {own, *(told & SCALES if own in SCALES else ())}
    for end in (value.low - NEAR * change, value.high + NEAR * change):
        to = end * told_by(own, cell) if key == FACTOR else end + np.zeros(1)
        if not _may_be(own, to):
            continue
        other = _with(driven, cell, own, name, to)
        rest = kept.over_now(other)
        for second, slope, (least, most) in _slopes(other, cell):
            low, high = linear.values(other, slope, rest)
            if second not in same and max(low.max(), least) <= min(high.min(), most):
                return False
    return True


def number_of(key: str, name: str) -> str:
    """The number of the Cell that is told as `name`; of a factor, that which it is on."""
    return name.removeprefix(f"{FACTOR} on ").partition(",")[0] if key == FACTOR else key


def _may_be(key: str, to: FloatArray) -> bool:
    """Whether a Cell may have it: of the two ends beside a number, the one nearer to what it has may be."""
    if key.startswith("keep"):
        return bool(((to >= 0) & (to <= 1)).all())
    return key not in SCALES or bool((to > 0).all())


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


def _slopes(driven: Driven, cell: Cell) -> Iterator[tuple[str, FloatArray, tuple[float, float]]]:
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
            yield key, slope, (float(-now.min()), float(1 - now.max()))
