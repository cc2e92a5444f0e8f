"""Recordings with hardly anything to learn from: of no event, or far shorter than the others."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from snnc.errors import LEAVE_OUT, InputError
from snnc.io.missing import NO_CLASS, unnamed
from snnc.text import one_line
from snnc.trainer.data.events import EventDataset

SELECT = "leave them out (recordings.select, docs/data.md)"
"""How who has an event file does without some recordings."""
SHARE = 10
"""By how many times the median is longer than a short one."""


def named(ds: EventDataset, number: int) -> str:
    """What a note calls a recording: its file, or its number."""
    return f"recording {number}" if ds.files is None else one_line(ds.files[number])


def unlabelled(ds: EventDataset) -> npt.NDArray[np.intp]:
    """Numbers of the recordings without a label."""
    return unnamed(ds.labels, ds.class_names)


def labelled(ds: EventDataset) -> EventDataset:
    """The recordings with a label, of their classes alone; `ds` if all have one, or none has."""
    without = unlabelled(ds)
    if NO_CLASS not in ds.class_names or without.size == len(ds):
        return ds
    none = ds.class_names.index(NO_CLASS)
    found = ds.select(np.delete(np.arange(len(ds)), without))
    names = (*ds.class_names[:none], *ds.class_names[none + 1 :])
    return replace(found, labels=found.labels - (found.labels > none), class_names=names)


def without_label(ds: EventDataset) -> str:
    """As "3 of 40 recordings have no label (class '?'; first: recording 5)"; empty if all have one."""
    without = unlabelled(ds)
    if not without.size:
        return ""
    have = "has" if without.size == 1 else "have"
    first = named(ds, int(without[0]))
    return f"{without.size} of {len(ds)} recordings {have} no label (class {NO_CLASS!r}; first: {first})"


def check_labelled(ds: EventDataset, name: str, need: str) -> None:
    """Raise `InputError` if a recording of the data `name` has no label, which is needed for `need`."""
    if ds.class_names == (NO_CLASS,):
        raise InputError(f"event data '{name}' has no labels, and {need} needs one of each; give labels")
    if told := without_label(ds):
        raise InputError(f"event data '{name}': {told}, and {need} needs one of each; {LEAVE_OUT}")


def of_unlabelled(ds: EventDataset) -> Iterator[str]:
    """How many recordings have no label, where others have one."""
    if unlabelled(ds).size < len(ds) and (told := without_label(ds)):
        yield f"{told}: `snnc run` takes them, training does not"


def of_empty(ds: EventDataset) -> Iterator[str]:
    """How many recordings have no event."""
    empty = np.flatnonzero(np.diff(ds.offsets) == 0)
    if empty.size:
        have = "has" if empty.size == 1 else "have"
        yield (
            f"{empty.size} of {len(ds)} recordings {have} no event (first: {named(ds, int(empty[0]))}): look "
            f"at them, or {SELECT}"
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
    last = "lasts" if short.size == 1 else "last"
    yield (
        f"{short.size} of {len(ds)} recordings {last} less than a tenth of the median, {median:.3g} s "
        f"({which}): look at them, or {SELECT}"
    )
