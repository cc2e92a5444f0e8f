"""Percentages: the nearest digit, and neither all nor nothing where it is not."""

from __future__ import annotations

import pytest

from snnc.percent import percent, percents, short_percent, signed


@pytest.mark.parametrize(
    ("part", "whole", "digits", "words"),
    [
        (16, 24, 1, "66.7 %"),
        (1, 3, 2, "33.33 %"),
        (1, 8, 1, "12.5 %"),
        (1, 16, 1, "6.2 %"),  # 6.25: half to even
        (3, 16, 1, "18.8 %"),  # 18.75
        (1, 2000, 1, "under 0.1 %"),  # 0.05 is half, and would be even as 0
        (1, 1999, 1, "0.1 %"),
        (1999, 2000, 1, "over 99.9 %"),
        (1998, 2000, 1, "99.9 %"),
        (9996, 10000, 1, "over 99.9 %"),
        (9996, 10000, 2, "99.96 %"),
        (199, 200, 0, "over 99 %"),
        (1, 300, 0, "under 1 %"),
        (0, 24, 1, "0.0 %"),
        (24, 24, 1, "100.0 %"),
        (7, 7, 0, "100 %"),
        (0, 0, 1, "–"),
        (-1, 8, 1, "-12.5 %"),
        (10**30 - 1, 10**30, 2, "over 99.99 %"),
    ],
)
def test_percent(part: int, whole: int, digits: int, words: str) -> None:
    assert percent(part, whole, digits) == words


@pytest.mark.parametrize(
    ("share", "text"), [(0.5, "50.0"), (0.9996, ">99.9"), (1.0, "100.0"), (0.0, "0.0"), (0.0004, "<0.1")]
)
def test_short(share: float, text: str) -> None:
    assert short_percent(share) == text


@pytest.mark.parametrize("whole", [32, 160, 800, 999])
def test_a_share_as_a_float_reads_as_its_counts(whole: int) -> None:
    """Half to even of the exact share: of 23 of 160, 14.375 %, 14.38; Python's .2% says 14.37."""
    assert f"{23 / 160:.2%}" == "14.37%"
    for part in range(whole + 1):
        assert percent(part / whole) == percent(part, whole)
        assert signed(part / whole) == signed(part, whole)


def test_tiny_shares_keep_their_bound() -> None:
    assert (percent(1e-9), percent(1 - 1e-9)) == ("under 0.01 %", "over 99.99 %")


@pytest.mark.parametrize(
    ("part", "whole", "text"), [(-1, 8, "−12.50"), (0, 3, "+0.00"), (5, 32, "+15.62"), (1, 0, "–")]
)
def test_signed(part: int, whole: int, text: str) -> None:
    assert signed(part, whole) == text


def test_ends_of_an_interval() -> None:
    assert percents((0.0, 0.9996)) == "0.0 to 100.0"
    assert percents((0.5, 0.625), 0) == "50 to 62"
