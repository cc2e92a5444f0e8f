"""The shipped data: spoken digits in English and German by 40 synthetic voices, as cochlea events.

2,400 recordings, 20 classes, 140 units, times in milliseconds. `scripts/make_digits.py` makes the file:
espeak-ng renders the words, `cochlea.encode` turns them into events. It is synthetic speech, and not the
Spiking Heidelberg Digits.

The file is an `.npz` of small arrays, unit-major because that is where the deltas are smallest:
`counts` uint8 [recordings, units] events of each unit; `delta_low`, `delta_high` uint8 [events] low and high
byte of the time since the same unit's last event (the first: since 0) in ms, ordered by recording, unit and
time; `labels`, `speaker`, `trial` uint8, `duration_ms` uint16 [recordings]; `classes`, `voices` strings;
`validation`, `test` uint8 speakers.
"""

import functools
import os
from collections.abc import Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from snnc.errors import InputError
from snnc.io.npz import read_npz, write_npz
from snnc.trainer.data.events import EventDataset

_TICK_S = 1e-3
_AT_ONCE = 64
"""Recordings unpacked at a time: their events as int64 take little room."""
_KEYS = {
    "counts": (np.uint8, 2),
    "delta_low": (np.uint8, 1),
    "delta_high": (np.uint8, 1),
    "labels": (np.uint8, 1),
    "speaker": (np.uint8, 1),
    "trial": (np.uint8, 1),
    "duration_ms": (np.uint16, 1),
    "classes": (np.str_, 1),
    "voices": (np.str_, 1),
    "validation": (np.uint8, 1),
    "test": (np.uint8, 1),
}


def load_digits(path: str | os.PathLike[str] | None = None) -> EventDataset:
    """The shipped digits, or a file that `pack_digits` wrote; events sorted by time, then unit.

    Their `held_out` speakers are the file's; of the 40 shipped ones, 4 validate and 8 test.

    Raises
    ------
    InputError
        The file is missing or damaged.
    """
    if path is None:
        return _shipped()[0]
    return _unpack(_read(Path(path)), str(path))


def voices() -> tuple[str, ...]:
    """The espeak-ng voice variant of each speaker of the shipped digits."""
    return _shipped()[1]


@functools.cache
def _shipped() -> tuple[EventDataset, tuple[str, ...]]:
    with resources.as_file(resources.files("snnc.trainer.data").joinpath("digits.npz")) as path:
        arrays = _read(path)
    from snnc.trainer.data.cochlea import Cochlea  # here: it takes long to load
    from snnc.trainer.data.cochlea_settings import settings_of

    events = replace(_unpack(arrays, "digits"), encoder=settings_of(Cochlea()))
    return events, tuple(arrays["voices"].tolist())


def _read(path: Path) -> dict[str, NDArray[Any]]:
    arrays = read_npz(path)
    for key, (dtype, ndim) in _KEYS.items():
        if key not in arrays or not np.issubdtype(arrays[key].dtype, dtype) or arrays[key].ndim != ndim:
            raise InputError(
                f"{path}: array '{key}' is missing or of a wrong type; install again or run make_digits.py"
            )
    counts, n = arrays["counts"], len(arrays["labels"])
    events = int(counts.sum())
    lengths = [len(arrays[key]) for key in ("delta_low", "delta_high")]
    if (
        len(counts) != n
        or len(arrays["duration_ms"]) != n
        or lengths != [events, events]
        or not counts.shape[1]
    ):
        raise InputError(f"{path}: its arrays disagree in length; install again or run make_digits.py")
    return arrays


def _unpack(arrays: dict[str, NDArray[Any]], name: str) -> EventDataset:
    counts = arrays["counts"]
    n, unit_count = counts.shape
    offsets = np.concatenate([[0], np.cumsum(counts.sum(axis=1, dtype=np.int64))])
    times = np.empty(offsets[-1], np.uint16)
    units = np.empty(offsets[-1], np.min_scalar_type(max(unit_count - 1, 0)))
    for first in range(0, n, _AT_ONCE):
        few = slice(first, first + _AT_ONCE)
        part = slice(offsets[first], offsets[min(first + _AT_ONCE, n)])
        delta = arrays["delta_low"][part] + arrays["delta_high"][part].astype(np.int64) * 256
        times[part], units[part] = _in_order_of_time(counts[few].astype(np.int64), delta, name)
    for array in (times, units):
        array.setflags(write=False)  # so that they are not copied
    return EventDataset(
        times=times,
        units=units,
        offsets=offsets,
        labels=arrays["labels"],
        speaker=arrays["speaker"],
        trial=arrays["trial"],
        duration=arrays["duration_ms"] * np.float32(_TICK_S),
        tick_s=_TICK_S,
        unit_count=unit_count,
        class_names=tuple(arrays["classes"].tolist()),
        name=name,
        held_out=(tuple(arrays["validation"].tolist()), tuple(arrays["test"].tolist())),
    )


def _in_order_of_time(
    counts: NDArray[np.int64], delta: NDArray[np.int64], name: str
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Times and units of a few recordings, one after the other; `delta` goes from unit to unit."""
    n, unit_count = counts.shape
    row_counts = counts.reshape(-1)  # a row is one unit of one recording
    row_first = np.cumsum(row_counts) - row_counts
    running = np.concatenate([[0], np.cumsum(delta)])
    times = running[1:] - np.repeat(running[row_first], row_counts)
    if times.max(initial=0) >= 2**16:
        raise InputError(
            f"{name}: a time of {times.max()} ms is above 65535; install again or run make_digits.py"
        )
    units = np.repeat(np.tile(np.arange(unit_count), n), row_counts)
    recording = np.repeat(np.arange(n), counts.sum(axis=1))
    key = np.sort((recording * 2**16 + times) * unit_count + units)
    return key // unit_count % 2**16, key % unit_count


def pack_digits(
    ds: EventDataset,
    path: str | os.PathLike[str],
    voices: Sequence[str],
    validation: Sequence[int],
    test: Sequence[int],
) -> None:
    """Write `ds`, with uint16 ticks of 1 ms, in the format above.

    Raises
    ------
    InputError
        Its times are no milliseconds, or a unit has more than 255 events in a recording.
    """
    if ds.tick_s != _TICK_S or ds.times.dtype != np.uint16:
        raise InputError(
            f"event data '{ds.name}': ticks of {ds.tick_s} s as {ds.times.dtype}; digits need uint16 ms"
        )
    recording = np.repeat(np.arange(len(ds)), np.diff(ds.offsets))
    row = recording * ds.unit_count + ds.units
    order = np.lexsort((ds.times, row))
    row, times = row[order], ds.times[order].astype(np.int64)
    counts = np.bincount(row, minlength=len(ds) * ds.unit_count)
    if counts.max(initial=0) > 255:
        raise InputError(
            f"event data '{ds.name}': {counts.max()} events of a unit in a recording, the limit is 255"
        )
    delta = np.diff(times, prepend=0)
    first = np.flatnonzero(np.diff(row, prepend=-1))
    delta[first] = times[first]
    write_npz(
        path,
        {
            "counts": counts.reshape(len(ds), ds.unit_count).astype(np.uint8),
            "delta_low": (delta % 256).astype(np.uint8),
            "delta_high": (delta // 256).astype(np.uint8),
            "labels": ds.labels.astype(np.uint8),
            "speaker": ds.speaker.astype(np.uint8),
            "trial": ds.trial.astype(np.uint8),
            "duration_ms": np.round(ds.duration / _TICK_S).astype(np.uint16),
            "classes": np.array(ds.class_names),
            "voices": np.array(voices, np.str_),
            "validation": np.array(validation, np.uint8),
            "test": np.array(test, np.uint8),
        },
    )
