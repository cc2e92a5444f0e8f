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
SCALES = ("gain", "threshold", "reset_by")
"""Numbers of which one does what others do, where all that v holds is larger by a factor."""


def alone(driven: Driven, cell: Cell, key: str, name: str, value: Found, told: set[str]) -> bool:
    """Whether no second number explains all where the one that is told is another, by `NEAR` of its change.

    `value` is one for all neurons; `told`: the keys of all that explain by themselves. Of those, the ones
    that do the same are no second number.
    """
    now = told_by(key, cell)
    change = np.abs(value.nearest(now) - now).max()
    same = told.intersection(SCALES) if key in SCALES or key == FACTOR else {key}
    for end in (value.low - NEAR * change, value.high + NEAR * change):
        other = _with(driven, cell, key, name, end + np.zeros(driven.spikes.shape[2]))
        rest = kept.over_now(other)
        for second, slope in _slopes(other):
            low, high = linear.values(other, slope, rest)
            if second not in (key, *same) and low.max() <= high.min():
                return False
    return True


def _with(driven: Driven, cell: Cell, key: str, name: str, to: FloatArray) -> Driven:
    """With another number of the Cell, `to` [neurons]."""
    every = driven.some(np.arange(driven.spikes.shape[2]))
    of: Any = every.of
    gains = cell.gains(driven.spikes.shape[2])
    if key == FACTOR:
        key = name.removeprefix("factor on ").partition(",")[0]
        factor = to
    elif key.startswith("keep"):
        factor = np.ones_like(to)
        of = replace(of, **{key: to})
    else:
        told = told_by(key, cell) + np.zeros_like(to)
        factor = np.divide(to, told, out=np.ones_like(to), where=told != 0)
    if "with gain" in name:
        factor, key = (1 - to) / (1 - every.of.keep_v), "gain"
    if key == "gain":
        of = replace(of, input_bias=of.input_bias * factor)
        return replace(every, of=of, arriving=every.arriving * factor)
    if key == "bias":
        return replace(every, of=replace(of, bias=to / gains))
    if "and reset_by" in name:
        of = replace(of, reset_by=of.reset_by * factor)
    return replace(every, of=replace(of, **{key: getattr(of, key) * factor}))


def _slopes(driven: Driven) -> Iterator[tuple[str, FloatArray]]:
    """Of each number by how much v is more over the threshold by 1 of it."""
    of, sums = driven.of, driven.sums()
    yield "threshold", -np.ones(driven.spikes.shape)
    yield "gain", sums.taken
    yield "bias", sums.biased
    if of.reset == SUBTRACT:
        yield "reset_by", -sums.reset
    if sums.adapted is not None:
        yield "kb", -sums.adapted
    for key in ("keep_v", "keep_u", "keep_w"):
        if (now := getattr(of, key)) is not None:
            step = np.where(now > 0.5, -STEP, STEP)
            other: dict[str, Any] = {key: now + step}
            yield key, (driven.charged(driven.sums(**other)) - driven.told) / step
