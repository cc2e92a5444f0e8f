"""Exact largest values over polygons, for `check_adaptation.py`: many at once, in 64-bit integers.

Polygon number x is all real points (v, w) with a * v + b * w <= c for each of its sides (a, b, c). Its
normals (a, b) stand counterclockwise, each less than half a turn after the one before, and |a| + |b| <= 131.
With |c| <= 2^31 no number here reaches 2^60, given the bounds of `largest`.

A side of which two others say more is left out: side k, between p and n, where the lines of p and n meet
within it. If p and n are half a turn or more apart, they leave no point at all instead. When no such side is
left, the lines of neighbours meet in the corners of the polygon, in their order. So the largest value of
A * v + B * w is that of the corner between the two sides between whose normals (A, B) points.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Sides = list[Ints]
"""a, b and c."""


class Polygons:
    """Polygons with the sides a, b, c, each int64 [sides, polygons].

    Attributes
    ----------
    empty
        bool [polygons], those without a point.
    """

    def __init__(self, a: Ints, b: Ints, c: Ints) -> None:
        kept, empty = _needed(a, b, c)
        sides = np.arange(len(a), dtype=np.int16)[:, None]
        before = np.maximum.accumulate(np.where(kept, sides, np.int16(-1)), axis=0)
        before = np.where(before < 0, before[-1], before)
        after = np.minimum.accumulate(np.where(kept, sides, np.int16(len(a)))[::-1], axis=0)[::-1]
        after = np.roll(np.where(after == len(a), after[0], after), -1, axis=0)
        every = np.arange(a.shape[1])
        one, other = (
            [each.take(at) for each in (a, b, c)]
            for at in (which * np.int64(a.shape[1]) + every for which in (before, after))
        )
        self.empty, self._every = empty, every
        self._v = one[2] * other[1] - other[2] * one[1]  # of the corner after each normal, times _unit
        self._w = one[0] * other[2] - other[0] * one[2]
        self._unit = np.where(empty, 1, _cross(one, other))

    def largest(self, a: Ints, b: Ints, corner: Ints) -> Ints:
        """The largest a * v + b * w of each polygon that is not empty, rounded down.

        All are int64 [polygons], |a| < 2^20.1 and |b| < 2^19.1; `corner` is the number of the last normal
        that does not stand after (a, b), from (1, 0) counterclockwise.
        """
        at = corner * len(self._every) + self._every
        largest: Ints = (a * self._v.take(at) + b * self._w.take(at)) // self._unit.take(at)
        return largest


def _needed(a: Ints, b: Ints, c: Ints) -> tuple[Flags, Flags]:
    """Which sides are not left out, bool [sides, polygons]; which polygons are empty."""
    kept, empty = np.ones(a.shape, np.bool_), np.zeros(a.shape[1], np.bool_)
    changed = _swept([a, b, c], kept, empty, 1)
    left, way = np.flatnonzero(changed & ~empty), -1  # in which one may still have to go
    while len(left):
        some, none = kept[:, left], empty[left]
        changed = _swept([each[:, left] for each in (a, b, c)], some, none, way)
        kept[:, left], empty[left] = some, none
        left, way = left[changed & ~none], -way
    return kept, empty


def _swept(sides: Sides, kept: Flags, empty: Flags, way: int) -> Flags:
    """Look at each side once, counterclockwise if `way` is 1; change `kept` and `empty`.

    Return the polygons in which something was left out. The neighbours are always those still kept then: one
    that was left out may be so because of the side that is looked at.
    """
    order = range(len(kept))[::way]
    ahead, last = [], np.ones(kept.shape[1], np.bool_)  # no other one is kept after it
    far = [each[order[0]] for each in sides]
    for k in reversed(order):
        ahead.append((far, last))
        far, last = _chosen(kept[k], [each[k] for each in sides], far), last & ~kept[k]
    near = [each[order[-1]] for each in sides]
    for k in order:
        near = _chosen(kept[k], [each[k] for each in sides], near)
    first, found = near, np.zeros(kept.shape[1], np.bool_)
    changed = np.zeros(kept.shape[1], np.bool_)
    for k in order:
        side = [each[k] for each in sides]
        far, last = ahead.pop()
        if last.any():
            far = _chosen(last, first, far)
        one, other = (near, far)[::way]
        apart = _cross(one, other)
        out = kept[k] & (one[2] * _cross(side, other) + other[2] * _cross(one, side) < side[2] * apart)
        empty |= out & (apart <= 0)
        out &= ~empty
        changed |= out
        kept[k] &= ~out
        near = _chosen(kept[k], side, near)
        if not found.all():
            first, found = _chosen(kept[k] & ~found, side, first), found | kept[k]
    return changed


def _chosen(which: Flags, one: Sides, other: Sides) -> Sides:
    if which.all():
        return one
    if not which.any():
        return other
    return [np.where(which, left, right) for left, right in zip(one, other, strict=True)]


def _cross(one: Sides, other: Sides) -> Ints:
    """Above 0 if the normal of `other` stands less than half a turn counterclockwise after that of `one`."""
    return one[0] * other[1] - other[0] * one[1]
