"""A few recordings that end far later than the others: they decide the step and the length of a network."""

from collections.abc import Iterator

import numpy as np

from snnc.trainer.data.events import EventDataset
from snnc.trainer.data.short_recordings import SELECT, named
from snnc.trainer.data.spans import Spans, down, up

TIMES = 1.75
"""By how many times a long one ends later than nine tenths of the recordings: less than two, so that one of
twice the length is found among others whose lengths differ."""
MOST = 0.9
SHARE = 0.05
"""Of the recordings, so that more of them are no few."""
FEWEST = 10
"""Recordings with events, of which nine tenths tell what is usual."""


def of_long(ds: EventDataset, spans: Spans) -> Iterator[str]:
    """How many recordings end far later than the others, whose ends these are, if they begin alike."""
    if len(spans.last) < FEWEST or spans.late or spans.some_late(ds):
        return
    long = spans.last > TIMES * np.quantile(spans.last, MOST, method="lower")
    count = int(long.sum())
    if not count or count > max(1, SHARE * len(spans.last)):
        return
    first = named(ds, int(spans.filled[long.argmax()]))
    end, others = down(spans.last[long].min()), up(spans.last[~long].max())
    yield (
        f"{count} of {len(ds)} recordings {'end' if count > 1 else 'ends'} at {end} s or later (first: "
        f"{first}), the others by {others} s, and the longest decides the step and the length of a network: "
        f"look at them, cut them, or {SELECT}"
    )
