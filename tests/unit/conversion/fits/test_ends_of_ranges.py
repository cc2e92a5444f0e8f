"""Ends of a range, in words: the lower one first, and none of them beyond."""

from __future__ import annotations

import pytest

from snnc.conversion.fits.numbers import ends_of


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.9999994, 1.2000001, "1 .. 1.2"),
        (0.12345678, 0.23456789, "0.123457 .. 0.234567"),
        (0.80000012, 0.80000088, "0.8000002 .. 0.8000008"),  # of six digits 0.800001 .. 0.8
        (-0.80000088, -0.80000012, "-0.8000008 .. -0.8000002"),
        (0.5, 0.5, "0.5 .. 0.5"),
    ],
)
def test_ends_are_in_order_and_within(low, high, said):
    assert ends_of(low, high) == said
    first, last = map(float, said.split(" .. "))
    assert low <= first <= last <= high


def test_numbers_next_to_each_other_are_told_as_they_are():
    assert ends_of(1 / 3, 1 / 3) == f"{1 / 3!r} .. {1 / 3!r}"
