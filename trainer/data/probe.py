"""The order probe: a task that rates cannot solve."""

from dataclasses import replace

import numpy as np

from snnc.trainer.data.events import EventDataset


def order_probe(ds: EventDataset) -> EventDataset:
    """`ds` and every recording of it played backwards, as twice as many classes ("...-reversed").

    A reversed recording has as many events on every unit, between the same first and last time; only their
    order tells the two apart, so spike counts cannot tell a class from its reverse.
    """
    counts = np.diff(ds.offsets)
    filled = np.flatnonzero(counts)
    starts = ds.offsets[filled]
    ends = np.zeros(len(ds), ds.times.dtype)
    if filled.size:
        # uint16 may wrap here; the subtraction below wraps back
        ends[filled] = np.minimum.reduceat(ds.times, starts) + np.maximum.reduceat(ds.times, starts)
    return replace(
        ds,
        times=np.concatenate([ds.times, np.repeat(ends, counts) - ds.times]),
        units=np.concatenate([ds.units, ds.units]),
        offsets=np.concatenate([ds.offsets, ds.offsets[1:] + ds.offsets[-1]]),
        labels=np.concatenate([ds.labels, ds.labels + len(ds.class_names)]),
        speaker=np.tile(ds.speaker, 2),
        trial=np.tile(ds.trial, 2),
        duration=np.tile(ds.duration, 2),
        class_names=ds.class_names + tuple(f"{name}-reversed" for name in ds.class_names),
        name=f"{ds.name} and reversed",
    )
