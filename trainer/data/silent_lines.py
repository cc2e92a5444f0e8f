"""Lines of the input that no event of some recordings uses."""

import numpy as np
from numpy.typing import NDArray

from snnc.intervals import ranges, read_ranges
from snnc.trainer.data.events import EventDataset

_PART = 1 << 22
"""Events that are counted at once."""
_NAMED = 6
"""Most ranges of lines that are named."""


def events_of_units(ds: EventDataset) -> NDArray[np.int64]:
    """How many events each unit has, int64 [unit_count]."""
    counts = np.zeros(ds.unit_count, np.int64)
    for start in range(0, len(ds.units), _PART):
        counts += np.bincount(ds.units[start : start + _PART], minlength=ds.unit_count)
    return counts


def silent_lines(ds: EventDataset, unit_pool: int = 1) -> str:
    """As `silent_of`, of lines of `unit_pool` units each."""
    return silent_of(events_of_units(ds).reshape(-1, unit_pool).sum(axis=1))


def silent_of(counts: NDArray[np.int64]) -> str:
    """As "5 of 35 (3, 30 to 33)", of how many events lines have; empty if all have some, or none has."""
    silent = counts == 0
    if silent.all() or not silent.any():
        return ""
    return f"{np.count_nonzero(silent)} of {len(counts)} ({named_lines(silent)})"


def named_lines(which: NDArray[np.bool_]) -> str:
    """As "3, 30 to 33", of the lines that are `which`."""
    found = read_ranges(ranges(np.flatnonzero(which).astype(np.int32)))
    parts = [f"{a}" if b == a + 1 else f"{a} to {b - 1}" for a, b in found]
    return ", ".join(parts[:_NAMED]) + ", ..." * (len(parts) > _NAMED)
