"""Recordings that are, event by event, others again, whatever their names, order and labels."""

import hashlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from snnc.trainer.data.events import EventDataset
from snnc.trainer.data.short_recordings import named


def digests(ds: EventDataset) -> Iterator[bytes]:
    """A hash of each recording: its events, to a tenth of a microsecond, in any order."""
    ticks = np.rint(ds.seconds * 1e7).astype(np.int64)
    units = ds.units.astype(np.int64)
    for first, last in zip(ds.offsets[:-1], ds.offsets[1:], strict=True):
        part = slice(int(first), int(last))
        order = np.lexsort((units[part], ticks[part]))
        content = np.stack([ticks[part][order], units[part][order]]).tobytes()
        yield hashlib.sha256(content).digest()


def of_copies(ds: EventDataset) -> Iterator[str]:
    """How many recordings are earlier ones again, of their class and of another."""
    first_of = _first_of(ds)
    again = np.flatnonzero(first_of < np.arange(len(ds)))
    other = ds.labels[again] != ds.labels[first_of[again]]
    for copies, what, remedy in (
        (again[other], ", in another class", "nothing tells them apart: correct their labels"),
        (again[~other], "", "one may train and the other test: leave the copies out"),
    ):
        if copies.size:
            one = int(copies[0])
            are, earlier = ("is", "an earlier one") if copies.size == 1 else ("are", "earlier ones")
            first = f"first: {named(ds, one)}, that of {named(ds, int(first_of[one]))}"
            yield (
                f"{copies.size} of {len(ds)} recordings {are}, event by event, {earlier} again{what} "
                f"({first}): {remedy}"
            )


def copies_in(part: EventDataset, known: EventDataset) -> int:
    """How many recordings of `part` are recordings of `known`, of the same data; none without events is."""
    ours, theirs = _marks(part), _marks(known)
    here, there = np.isin(ours, theirs) & (np.diff(part.offsets) > 0), np.isin(theirs, ours)
    if not here.any():
        return 0
    seen = set(digests(known.select(there)))
    return sum(each in seen for each in digests(part.select(here)))


def _first_of(ds: EventDataset) -> NDArray[np.int64]:
    """For each recording the number of the first that is equal to it; of one without events, its own."""
    found = np.arange(len(ds))
    marks = _marks(ds)
    _, group, counts = np.unique(marks, return_inverse=True, return_counts=True)
    several = np.flatnonzero((counts[group] > 1) & (np.diff(ds.offsets) > 0))
    first: dict[bytes, int] = {}
    for number, digest in zip(several.tolist(), digests(ds.select(several)), strict=True):
        found[number] = first.setdefault(digest, number)
    return found


def _marks(ds: EventDataset) -> NDArray[np.void]:
    """What is soon found of each recording and the same in equal ones: its events, their lines, the ends."""
    counts = np.diff(ds.offsets)
    marks = np.zeros(len(ds), [("events", "i8"), ("lines", "i8"), ("first", "f8"), ("last", "f8")])
    filled = np.flatnonzero(counts)
    if filled.size:
        starts = ds.offsets[filled]
        marks["events"] = counts
        marks["lines"][filled] = np.add.reduceat(ds.units, starts, dtype=np.int64)
        marks["first"][filled] = np.minimum.reduceat(ds.times, starts)
        marks["last"][filled] = np.maximum.reduceat(ds.times, starts)
    return marks
