"""The fewest squares in one dimension, against every choice of levels."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snnc.exporter.nearest.clusters import nearest_levels


def least(values: list[int], counts: list[int], most: int) -> int:
    """Of all sets of at most `most` whole levels, beside 0: the least sum of squares."""
    possible = [level for level in range(min(values), max(values) + 1) if level]
    costs = []
    for size in range(min(most, len(possible)) + 1):
        for levels in combinations(possible, size):
            nearest = [min((value - level) ** 2 for level in (0, *levels)) for value in values]
            costs.append(sum(n * cost for n, cost in zip(counts, nearest, strict=True)))
    return min(costs)


numbers = st.dictionaries(st.integers(-7, 7).filter(bool), st.integers(1, 4), min_size=1, max_size=8)


@given(numbers, st.integers(1, 4))
@settings(max_examples=150, deadline=None)
def test_no_levels_are_nearer(drawn: dict[int, int], most: int) -> None:
    values = sorted(drawn)
    counts = [drawn[value] for value in values]
    found = nearest_levels(np.array(values), np.array(counts), most).tolist()
    assert len({*found} - {0}) <= most
    cost = sum(n * (v - f) ** 2 for n, v, f in zip(counts, values, found, strict=True))
    assert cost == least(values, counts, most)


@pytest.mark.parametrize(
    ("values", "counts", "most", "expected"),
    [
        # One level: to leave 1 out costs 1; all three in one, of mean 7, would cost 36 + 1 + 4 + 4 more.
        ([1, 8, 9], [1, 1, 1], 1, [0, 8, 8]),
        # -4 and 4 need a level each; with one, the two fours are worth more than the one minus four.
        ([-4, 4], [1, 2], 1, [0, 4]),
        # The mean by number is (3 * 10 + 14) / 4 = 11.
        ([10, 14], [3, 1], 1, [11, 11]),
        ([-9, -8, 1, 20, 22], [1, 1, 1, 1, 1], 2, [-8, -8, 0, 21, 21]),
    ],
)
def test_by_hand(values: list[int], counts: list[int], most: int, expected: list[int]) -> None:
    assert nearest_levels(np.array(values), np.array(counts), most).tolist() == expected
