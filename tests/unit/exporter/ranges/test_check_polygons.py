"""Largest values over polygons, against a search of all corners in fractions."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

from snnc.exporter.ranges.check_polygons import Polygons

HALF = {
    4: [(1, 0), (3, 2), (0, 1), (-1, 4)],
    6: [(1, 0), (5, 1), (1, 1), (0, 1), (-2, 3), (-130, 1)],
}
"""Normals of the first half turn; those of the second are opposite to them."""


def corners(sides):
    """Points in which two sides meet and that no side excludes; none only if the polygon is empty."""
    for (a, b, c), (d, e, f) in combinations(sides, 2):
        if unit := a * e - d * b:
            v, w = Fraction(c * e - f * b, unit), Fraction(a * f - d * c, unit)
            if all(p * v + q * w <= limit for p, q, limit in sides):
                yield v, w


def corner_of(normals, a, b):
    """The number of the last normal that is not after (a, b), by the angle."""
    turn = np.arctan2(b, a) % (2 * np.pi)
    return sum(np.arctan2(q, p) % (2 * np.pi) <= turn + 1e-12 for p, q in normals) - 1


@pytest.mark.parametrize("count", HALF)
def test_against_all_corners(count):
    rng = np.random.default_rng(count)
    normals = HALF[count] + [(-a, -b) for a, b in HALF[count]]
    many = 150
    size = rng.choice([2, 9, 2**31 - 9], many)
    limits = np.array([[rng.integers(-(n // 4), n + 1) for _ in normals] for n in size]).T
    limits[:, ::7] = 0  # a point
    a, b = (np.repeat([[each[k]] for each in normals], many, axis=1) for k in (0, 1))
    polygons = Polygons(a, b, limits)
    toward = [(2**20, 2**19), (1, 0), (0, -1), (-7, 3), (5, 1), (-(2**20), 1), (0, 0), (-3, -2), (2, -9)]
    found = [
        polygons.largest(*(np.full(many, each) for each in (x, y, corner_of(normals, x, y))))
        for x, y in toward
    ]
    empty = 0
    for n in range(many):
        sides = [(*normal, int(limit)) for normal, limit in zip(normals, limits[:, n], strict=True)]
        points = list(corners(sides))
        assert polygons.empty[n] == (not points)
        empty += not points
        for (x, y), values in zip(toward, found, strict=True):
            if points:
                assert values[n] == max(x * v + y * w for v, w in points) // 1
    assert 20 < empty < many - 40


def test_sides_that_say_nothing():
    """A diagonal side that the square does not touch, one that cuts it, and one far inside."""
    a, b = np.array([[1, 1, 0, -1, -1, 0]] * 3).T, np.array([[0, 1, 1, 0, -1, -1]] * 3).T
    limits = np.array([[4, 9, 4, 0, 0, 0], [4, 7, 4, 0, 0, 0], [4, -1, 4, 0, 0, 0]]).T
    polygons = Polygons(a, b, limits)
    assert polygons.empty.tolist() == [False, False, True]
    one, two, first = np.full(3, 1), np.full(3, 2), np.zeros(3, np.int64)
    assert polygons.largest(two, one, first)[:2].tolist() == [2 * 4 + 4, 2 * 4 + 3]
