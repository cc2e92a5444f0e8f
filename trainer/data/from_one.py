"""Addresses that count input lines from 1, which are numbered from 0."""

FROM_ONE = "addresses start at 1: subtract 1"


def count_from_one(reach: tuple[int, int], lines: int) -> bool:
    """Whether addresses that `reach` from the first number to the second count all of `lines` from 1."""
    return reach == (1, lines)
