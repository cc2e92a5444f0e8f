"""Tasks that rates cannot solve: what tells their classes apart is the order of events.

The order task is synthetic. Every group of units bursts once in every recording, so spike counts say nothing,
and a class is a permutation of groups, so no single group's time says much: a network has to compare times.
The order probe makes a task of this kind of other data.
"""

from dataclasses import replace

import numpy as np

from snnc.trainer.data.events import EventDataset

GROUPS, UNITS_PER_GROUP, CLASSES = 14, 10, 20
SPEAKERS, TRIALS = 10, 15
"""There are no speakers; recordings are dealt to ten parts as if there were, and four are held out."""

_BIN_MS = 10  # what noise counts in; a step of training, as the task is meant
_SLOT_MS, _JITTER_MS = 20, 20
_LATEST_START_MS = 80
_LEAST_DELETED, _MOST_DELETED = 0.2, 0.4
_NOISE = 0.01  # of all (unit, 10 ms) bins


def order_task(seed: int = 0) -> EventDataset:
    """3,000 recordings of 20 classes on 140 units, times in ms; the same for the same seed.

    The bursts follow each other by 20 ms, and each unit spikes once, 0 to 20 ms after its burst begins. The
    whole recording starts up to 80 ms late; 20 to 40 % of the spikes are deleted, the share drawn for each
    recording; and 1 % of all bins of a unit and 10 ms get a spike of noise.
    """
    rng = np.random.default_rng(seed)
    units = GROUPS * UNITS_PER_GROUP
    place = np.stack([rng.permutation(GROUPS) for _ in range(CLASSES)])  # [class, group]
    labels = np.tile(np.arange(CLASSES), SPEAKERS * TRIALS)
    n = len(labels)
    burst = np.repeat(place[labels], UNITS_PER_GROUP, axis=1) * _SLOT_MS  # [recording, unit]
    start = rng.integers(0, _LATEST_START_MS + 1, (n, 1))
    spike = start + burst + rng.integers(0, _JITTER_MS + 1, (n, units))
    kept = rng.random((n, units)) >= rng.uniform(_LEAST_DELETED, _MOST_DELETED, (n, 1))
    length = _LATEST_START_MS + (GROUPS - 1) * _SLOT_MS + _JITTER_MS + _BIN_MS
    noise_recording, noise_unit, noise_step = np.nonzero(
        rng.random((n, units, length // _BIN_MS), np.float32) < _NOISE
    )
    noise = noise_step * _BIN_MS + rng.integers(0, _BIN_MS, len(noise_step))
    recording, unit = np.nonzero(kept)
    recording = np.concatenate([recording, noise_recording])
    unit = np.concatenate([unit, noise_unit])
    times = np.concatenate([spike[kept], noise])
    order = np.lexsort((unit, times, recording))
    return EventDataset(
        times=times[order].astype(np.uint16),
        units=unit[order],
        offsets=np.concatenate([[0], np.cumsum(np.bincount(recording, minlength=n))]),
        labels=labels,
        speaker=np.repeat(np.arange(SPEAKERS), CLASSES * TRIALS),
        trial=np.tile(np.repeat(np.arange(TRIALS), CLASSES), SPEAKERS),
        duration=np.full(n, length / 1000, np.float32),
        tick_s=1e-3,
        unit_count=units,
        class_names=tuple(f"order-{number:02d}" for number in range(CLASSES)),
        name="order",
        held_out=((6, 7), (8, 9)),
    )


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
        files=None if ds.files is None else ds.files * 2,
    )
