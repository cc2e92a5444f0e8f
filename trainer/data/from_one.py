"""Addresses that count input lines from 1, which are numbered from 0."""

import numpy as np
from numpy.typing import NDArray

_FEW = 4
"""Of so many lines, one may well never fire."""
_CHANNELS = 8
"""What the usual numbers of channels are multiples of."""
_MOST = 1024
"""Most channels of which that is so; sensors of two dimensions have more, and silent corners."""


def counted_from_one(reach: tuple[int, int], lines: int) -> str:
    """What to do about addresses that `reach` from the first number to the second, of `lines` lines; or "".

    They count lines from 1 for sure where the first of them fires.
    """
    if reach[1] != lines or reach[0] < 1:
        return ""
    if reach[0] == 1:
        return "addresses start at 1: subtract 1"
    return f"line 0 never fires, and line {lines} does: if addresses start at 1, subtract 1"


def looks_counted_from_one(counts: NDArray[np.int64]) -> str:
    """That lines may be counted from 1, of how many events each line has; or "".

    Line 0 alone never fires; or others do not either, and the last that fires has a usual number of channels,
    as the number of the last one: line 32 is the 33rd.
    """
    if len(counts) <= _FEW or counts[0] or not counts.any():
        return ""
    if counts[1:].all():
        return "line 0 alone never fires: if addresses start at 1, subtract 1"
    last = int(np.flatnonzero(counts)[-1])
    some = last == len(counts) - 1 and 2 * np.count_nonzero(counts) > last
    if last % _CHANNELS or last > _MOST or not (some or counts[1 : last + 1].all()):
        return ""
    return f"line 0 never fires, and the last that does is line {last}: if addresses start at 1, subtract 1"
