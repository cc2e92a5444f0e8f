"""Recordings that are far shorter than the others: a slip of cutting, with hardly anything to learn from."""

from collections.abc import Iterator

import numpy as np

from snnc.text import one_line
from snnc.trainer.data.events import EventDataset

SHARE = 10
"""By how many times the median is longer than a short one."""


def of_short(ds: EventDataset) -> Iterator[str]:
    """How many recordings with events last less than a tenth of the median, the first by its name."""
    filled = np.flatnonzero(np.diff(ds.offsets) > 0)
    lasts = ds.duration[filled].astype(np.float64)
    if not filled.size or not (median := float(np.median(lasts))):
        return
    short = np.flatnonzero(SHARE * lasts < median)
    if not short.size:
        return
    first = int(filled[short[0]])
    named = f"recording {first}" if ds.files is None else one_line(ds.files[first])
    which = f"first: {named}, {lasts[short[0]]:.3g} s"
    yield (
        f"{short.size} of {len(ds)} recordings last less than a tenth of the median, {median:.3g} s "
        f"({which}): look at them, or leave them out"
    )
