"""Recordings whose events are not in the order of their times: allowed, and rarely meant of a few."""

from collections.abc import Iterator

import numpy as np

from snnc.trainer.data.events import EventDataset
from snnc.trainer.data.short_recordings import named

_SHARE = 0.1
"""Of the recordings, the most that is told of: more of them are written so, as line by line."""


def of_unordered(ds: EventDataset) -> Iterator[str]:
    """How many recordings have times out of order, where they are few."""
    falls = 1 + np.flatnonzero(ds.times[1:] < ds.times[:-1])
    owners = np.searchsorted(ds.offsets, falls, "right") - 1
    found = np.unique(owners[ds.offsets[owners] != falls])  # not where a recording begins
    if 0 < found.size <= _SHARE * len(ds):
        have = "has" if found.size == 1 else "have"
        yield (
            f"{found.size} of {len(ds)} recordings {have} times out of order (first: "
            f"{named(ds, int(found[0]))}): any order is taken; look at them if all were written in order"
        )
