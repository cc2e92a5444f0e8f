"""Data sets of tonic, or of objects like them, as recordings; tonic itself is not needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.api.numbers import seconds
from snnc.api.recordings import Recordings, checked_name, checked_names
from snnc.argument_kinds import EXAMPLES
from snnc.errors import InputError
from snnc.keywords import checked_keywords
from snnc.text import quoted
from snnc.trainer.data.durations import with_last_event_duration
from snnc.trainer.data.events import UNKNOWN

MICROSECOND = 1e-6
_MOST_LINES = 1 << 16
_PLACES = "pyx"
"""Fields of an event that say its line, the slowest first; t is its time."""


@checked_keywords()
def from_tonic(
    dataset: Any,
    *,
    classes: Sequence[str] | None = None,
    sensor_size: tuple[int, ...] | None = None,
    time_unit: float = MICROSECOND,
    name: str | None = None,
) -> Recordings:
    """Labelled recordings of a data set of tonic: what has a length and gives pairs of events and a label.

    Parameters
    ----------
    dataset : its events are structured arrays with the fields `t`, and any of `x`, `y` and `p`, as tonic
        gives them without a transform. A line is a place and polarity: (p * height + y) * width + x.
    classes : names; by default those of the data set (`classes`), else the labels themselves.
    sensor_size : width, height and polarities; by default the data set's (`sensor_size`).
    time_unit : seconds a unit of `t`.
    name : what errors and a model that is trained on them call them; by default the name of its class.

    Raises
    ------
    InputError
        An item is no such pair, an event lies outside the sensor, or no size is known.

    Examples
    --------
    >>> events = np.array([(100, 0, 0), (900, 2, 1)], dtype=[("t", int), ("x", int), ("p", int)])
    >>> snnc.from_tonic([(events, "left"), (events, "right")], sensor_size=(3, 1, 2))
    Recordings('list': 2 of 2 classes, 6 lines)
    """
    if not all(hasattr(dataset, each) for each in ("__len__", "__getitem__")) or isinstance(dataset, Mapping):
        raise InputError(f"dataset: is {quoted(dataset)}; give {EXAMPLES['dataset']}")
    named, unit = checked_names(classes), seconds("time_unit", time_unit)
    called = checked_name(name or type(dataset).__name__)
    size = _size(getattr(dataset, "sensor_size", None) if sensor_size is None else sensor_size)
    times, lines, labels = [], [], []
    for number in range(len(dataset)):
        events, label = _pair(dataset[number], number)
        times.append(np.asarray(events["t"]))
        lines.append(_lines(events, size, number))
        labels.append(label)
    if not labels:
        raise InputError("dataset: holds no recording; give one with some")
    numbers, names = _classes(labels, getattr(dataset, "classes", None) if named is None else named)
    unknown = np.full(len(labels), UNKNOWN)
    found = Recordings(
        times=np.concatenate(times),
        units=np.concatenate(lines),
        offsets=np.cumsum([0, *map(len, times)]),
        labels=numbers,
        speaker=unknown,
        trial=unknown,
        duration=np.zeros(len(labels), np.float32),
        tick_s=unit,
        unit_count=int(np.prod(size)),
        class_names=names,
        name=called,
    )
    return with_last_event_duration(found)


def _size(given: Any) -> tuple[int, int, int]:
    """Width, height and polarities. Raises `InputError` if they are none."""
    if given is None:
        raise InputError(
            "sensor_size: the data set names none; give width, height and polarities, as (34, 34, 2)"
        )
    size = tuple(given) if isinstance(given, Sequence | np.ndarray) else ()
    if len(size) != 3 or not all(isinstance(each, int | np.integer) and each > 0 for each in size):
        raise InputError(
            f"sensor_size: is {quoted(given)}; give width, height and polarities, as (34, 34, 2)"
        )
    width, height, polarities = map(int, size)
    if width * height * polarities > _MOST_LINES:
        raise InputError(
            f"sensor_size: {width} x {height} x {polarities} makes more than {_MOST_LINES} lines; make it "
            "smaller with tonic.transforms.Downsample, and give the new size"
        )
    return width, height, polarities


def _pair(item: Any, number: int) -> tuple[npt.NDArray[Any], Any]:
    """Raises `InputError` if an item is no pair of events and a label."""
    events, label = item if isinstance(item, tuple | list) and len(item) == 2 else (item, None)
    fields = getattr(getattr(events, "dtype", None), "names", None)
    if label is None or fields is None or "t" not in fields or not set(fields) & set(_PLACES):
        raise InputError(
            f"dataset[{number}]: is {quoted(item)}; give pairs of events, with fields t and x (y, p), "
            "and a label, as tonic does without a transform; frames are for snnc.from_arrays"
        )
    return np.asarray(events), label


def _lines(events: npt.NDArray[Any], size: tuple[int, int, int], number: int) -> npt.NDArray[np.int64]:
    lines = np.zeros(len(events), np.int64)
    for field, most in zip(_PLACES, reversed(size), strict=True):
        lines *= most
        if field in (events.dtype.names or ()):
            place = events[field].astype(np.int64)
            if len(outside := np.flatnonzero((place < 0) | (place >= most))):
                raise InputError(
                    f"dataset[{number}]: event {outside[0]} has {field} = {place[outside[0]]}, the sensor "
                    f"0 .. {most - 1}; give its sensor_size"
                )
            lines += place
    return lines


def _classes(labels: list[Any], classes: Any) -> tuple[npt.NDArray[np.int64], tuple[str, ...]]:
    """Numbers from 0 and names, of labels that are numbers or texts."""
    names = None if classes is None else tuple(map(str, classes))
    if all(isinstance(each, str) for each in labels):
        names = tuple(sorted(set(labels))) if names is None else names
        for number, each in enumerate(labels):
            if each not in names:
                raise InputError(f"dataset[{number}]: its label is {quoted(each)}, which classes do not name")
        return np.array([names.index(each) for each in labels]), names
    for number, each in enumerate(labels):
        if not isinstance(each, int | np.integer) or each < 0 or (names is not None and each >= len(names)):
            raise InputError(
                f"dataset[{number}]: its label is {quoted(each)}; give a text, or a whole number from 0 on "
                "and a name of classes for each"
            )
    names = tuple(map(str, range(int(max(labels)) + 1))) if names is None else names
    return np.array(labels, np.int64), names
