"""Recordings with hardly anything to learn from: of no event, or far shorter than the others."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from snnc.text import one_line
from snnc.trainer.data.class_names import NO_CLASS
from snnc.trainer.data.events import EventDataset

SHARE = 10
"""By how many times the median is longer than a short one."""


def named(ds: EventDataset, number: int) -> str:
    """What a note calls a recording: its file, or its number."""
    return f"recording {number}" if ds.files is None else one_line(ds.files[number])


def unlabelled(ds: EventDataset) -> npt.NDArray[np.intp]:
    """Numbers of the recordings without a label."""
    if NO_CLASS not in ds.class_names:
        return np.zeros(0, np.intp)
    return np.flatnonzero(ds.labels == ds.class_names.index(NO_CLASS))


def of_unlabelled(ds: EventDataset) -> Iterator[str]:
    """How many recordings have no label, where others have one."""
    without = unlabelled(ds)
    if 0 < without.size < len(ds):
        yield (
            f"{without.size} of {len(ds)} recordings have no label (class {NO_CLASS!r}; first: "
            f"{named(ds, int(without[0]))}): `snnc run` takes them, training does not"
        )


def of_empty(ds: EventDataset) -> Iterator[str]:
    """How many recordings have no event."""
    empty = np.flatnonzero(np.diff(ds.offsets) == 0)
    if empty.size:
        have = "has" if empty.size == 1 else "have"
        yield (
            f"{empty.size} of {len(ds)} recordings {have} no event (first: {named(ds, int(empty[0]))}): look "
            "at them, or leave them out"
        )


def of_short(ds: EventDataset) -> Iterator[str]:
    """How many recordings with events last less than a tenth of the median."""
    filled = np.flatnonzero(np.diff(ds.offsets) > 0)
    lasts = ds.duration[filled].astype(np.float64)
    if not filled.size or not (median := float(np.median(lasts))):
        return
    short = np.flatnonzero(SHARE * lasts < median)
    if not short.size:
        return
    which = f"first: {named(ds, int(filled[short[0]]))}, {lasts[short[0]]:.3g} s"
    yield (
        f"{short.size} of {len(ds)} recordings last less than a tenth of the median, {median:.3g} s "
        f"({which}): look at them, or leave them out"
    )
