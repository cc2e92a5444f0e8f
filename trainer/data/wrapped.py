"""Times and addresses that were cut to a small type of integers, and so start again at 0."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from snnc.trainer.data.events import EventDataset

_PART = 1 << 22
"""Events that are looked at at once."""
_NEAR_END = 0.98
"""Of the type of times, so that their latest is near its end."""
_FROM_TOP = 0.9
"""Of the falls, the least share that goes down by half of the type: a long silence hides where one began. Of
the recordings, the least share that ends near the top."""
_RECORDINGS = 4
"""Fewest recordings that end near the top not by chance."""
_LINES = 1 << 8
"""Addresses in uint8; those in uint16 reach every line that recordings can have."""
_BESIDE = 16
"""Lines on each side of `_LINES` that are looked at."""


def of_times(ds: EventDataset) -> str:
    """What tells times that were cut to 16 bits, or empty: in order, they fall from the top to the bottom.

    Where they were sorted after it, nearly all recordings end near the top.
    """
    span = 1 << 16
    if ds.times.dtype != np.uint16 or ds.times.max(initial=0) < _NEAR_END * span:
        return ""
    falls = _falls(ds.times, ds.offsets)
    if not len(falls):
        return _sorted(ds)
    if (ds.units[falls] > ds.units[falls - 1]).all() and not len(_falls(ds.units, ds.offsets)):
        return ""  # line after line, each from its first event to its last
    before, after = ds.times[falls - 1].astype(np.int64), ds.times[falls].astype(np.int64)
    if (2 * (before - after) >= span).mean() < _FROM_TOP:
        return ""
    one = int(np.searchsorted(ds.offsets, falls[0], side="right")) - 1
    return (
        f"times fall {len(falls)} times within recordings, in recording {one} from {before[0]} to "
        f"{after[0]}, as times cut to 16 bits do: store the whole integers, without astype(np.uint16)"
    )


def _sorted(ds: EventDataset) -> str:
    """The same, of times that never fall within a recording."""
    ends = ds.times[ds.offsets[1:][np.diff(ds.offsets) > 0] - 1]
    top = int(_NEAR_END * (1 << 16))
    near = int((ends >= top).sum())
    if len(ends) < _RECORDINGS or near < _FROM_TOP * len(ends):
        return ""
    return (
        f"the last event of {near} of {len(ends)} recordings is at {top} to 65535, as where times were cut "
        "to 16 bits and sorted: store the whole integers, without astype(np.uint16)"
    )


def _falls(values: NDArray[np.unsignedinteger[Any]], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """The events of which a value is below that of the event before in their recording."""
    found = [np.zeros(0, np.int64)]
    for start in range(0, len(values), _PART):
        part = values[start : start + _PART + 1]
        found.append(np.flatnonzero(part[1:] < part[:-1]) + start + 1)
    at = np.concatenate(found)
    return at[~np.isin(at, offsets)]


def of_lines(counts: NDArray[np.int64]) -> str:
    """What tells addresses that were computed in 8 bits, of how many events lines have; or empty.

    All lines from 256 on are silent, and most of those just below fire.
    """
    below, beyond = counts[_LINES - _BESIDE : _LINES], counts[_LINES:]
    if len(beyond) < _BESIDE or beyond.any() or 4 * np.count_nonzero(below) < 3 * _BESIDE:
        return ""
    return (
        f"no line from {_LINES} on ever fires, and those just below do, as where addresses are computed in 8 "
        f"bits and {_LINES} is 0 again: compute them of x.astype(int), y.astype(int) and p.astype(int)"
    )
