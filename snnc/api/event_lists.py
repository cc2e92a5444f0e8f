"""Recordings of lists of events: what a user has who reads files of his own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.api.checks import checked_labels
from snnc.api.durations import checked_durations
from snnc.api.files_of_recordings import naming
from snnc.api.label_kinds import check_alike, warn_of_gaps
from snnc.api.numbers import seconds, warn, whole
from snnc.api.recordings import Recordings, checked_name, checked_names, checked_speakers
from snnc.api.tensors import array_of
from snnc.errors import InputError
from snnc.io.missing import check_labels, marked, with_none
from snnc.keywords import checked_keywords
from snnc.text import one_line, quoted
from snnc.trainer.data import time_types
from snnc.trainer.data.class_names import NO_CLASS
from snnc.trainer.data.durations import with_last_event_duration
from snnc.trainer.data.events import UNKNOWN
from snnc.trainer.data.from_one import counted_from_one
from snnc.trainer.data.oddities import notes_of_lists
from snnc.trainer.data.speakers import numbered

MOST_LINES = 1 << 16
_UNLIKE_FIRST = (
    "; its times are out of order, and its first is not its earliest: subtract the least, t - t.min()"
)
"""Of a time below 0 after one that is none."""


@checked_keywords()
def from_events(
    times: Any,
    addresses: Any,
    labels: Any,
    *,
    tick_s: float,
    speakers: Any = None,
    durations: Any = None,
    lines: int | None = None,
    classes: Sequence[str] | None = None,
    files: Sequence[str | os.PathLike[str]] | None = None,
    name: str = "events",
) -> Recordings:
    """Recordings of lists of events, to train, test and run with.

    `snnc.trainer.data.save_events_npz` writes them.

    Parameters
    ----------
    times : for each recording the times of its events, from its start, in any order. They are kept exactly.
        Whole ticks are put into steps in integers, floats in double: see docs/data.md.
    addresses : for each recording the input line of each event, whole numbers from 0.
    labels : the class of each recording: whole numbers from 0, or names, "?" where it is not known. None if
        no class is known: such recordings are for `predict`, `run` and `snnc run`, and have the class "?".
    tick_s : seconds a unit of `times`: 1 for seconds, 1e-6 for microseconds.
    speakers : a whole number or a name for each recording: of the person, subject or session. None is in two
        of the parts that train, validate and test. Without them the recordings of each class are divided at
        random.
    durations : seconds of each recording, silence at its end included; by default to its last event. They
        tell which are short. How many steps a network has follows from events and `padding_steps`.
    lines : number of input lines; by default the largest address and 1.
    classes : names; by default the numbers, or the names in `labels` in alphabetical order.
    files : the file that each recording was made of, as a text or a path: `snnc run` tells them.
    name : what errors and a model that is trained on them call them.

    Raises
    ------
    InputError
        If lengths do not fit each other, or a value is another, or no network takes such times; names the
        recording.

    Warns
    -----
    UnlikelyWarning
        If a class below the largest label has no recording, some recordings have no label or are far longer
        than the others, or times or addresses are odd: another unit than `tick_s` says, a running clock, a
        wrong line.

    Examples
    --------
    >>> times, addresses = [[100, 90_000], [25_000]], [[0, 2], [1]]
    >>> snnc.from_events(times, addresses, ["left", "right"], tick_s=1e-6, lines=3)
    Recordings('events': 2 of 2 classes, 3 lines)
    """
    files = list(files) if isinstance(files, Iterator) else files
    with naming(files):
        given = times, addresses, labels, tick_s, speakers, durations, lines, classes, files, name
        return _from_events(*given)


def _from_events(
    times: Any,
    addresses: Any,
    labels: Any,
    tick_s: float,
    speakers: Any,
    durations: Any,
    lines: int | None,
    classes: Sequence[str] | None,
    files: Sequence[str | os.PathLike[str]] | None,
    name: str,
) -> Recordings:
    """As `from_events`; errors name recordings by their numbers alone."""
    unit, names = seconds("tick_s", tick_s), checked_names(classes)
    checked_name(name)
    if lines is not None and not 1 <= (lines := whole("lines", lines)) <= MOST_LINES:
        raise InputError(f"lines: is {lines}; give 1 to {MOST_LINES}")
    when, where = _lists("times", times, "iuf"), _lists("addresses", addresses, "iu")
    if not when or len(when) != len(where):
        raise InputError(
            f"times: are of {len(when)} recordings, addresses of {len(where)}; give an array of each for "
            "every recording, and one recording at least"
        )
    from_one = "" if lines is None else counted_from_one(_reach(where), lines)
    for number, (time, line) in enumerate(zip(when, where, strict=True)):
        _check(number, time, line, lines, lambda: time_types.overflowed(np.concatenate(when), unit), from_one)
    if labels is None:
        if names is not None:
            raise InputError("classes: name labels, and labels are None; leave classes out")
        numbers, names = np.zeros(len(when), np.int64), (NO_CLASS,)
    else:
        numbers, names = _classes(labels, len(when), names)
    speaker, speaker_names = numbered(checked_speakers("speakers", speakers, len(when)))
    lasts = None if durations is None else checked_durations(durations, len(when))
    units = np.concatenate(where).astype(np.int64)
    found = Recordings(
        times=_times(when),
        units=units,
        offsets=np.cumsum([0, *map(len, when)]),
        labels=numbers,
        speaker=speaker,
        trial=np.full(len(when), UNKNOWN),
        duration=np.zeros(len(when), np.float32) if lasts is None else lasts,
        tick_s=unit,
        unit_count=int(units.max(initial=0)) + 1 if lines is None else lines,
        class_names=names,
        name=name,
        speaker_names=speaker_names,
        files=_files(files, len(when)),
    )
    found = with_last_event_duration(found) if lasts is None else found
    notes = notes_of_lists(found)
    for note in notes:
        warn(f"event data '{name}': {note}")
    return replace(found, notes=notes)


def _lists(what: str, given: Any, kinds: str) -> list[npt.NDArray[Any]]:
    """An array for each recording. Raises `InputError` if one is no list of numbers of these `kinds`."""
    plain = isinstance(given, str | bytes | Mapping) or not hasattr(given, "__iter__")
    if plain or getattr(given, "ndim", 1) == 0:
        raise InputError(f"{what}: is {quoted(given)}; give a list with an array for each recording")
    given = list(given) if isinstance(given, Iterator) else given
    if _is_flat(given):
        taken = what if hasattr(given, "shape") else f"numpy.asarray({what})"
        raise InputError(
            f"{what}: is one array of {len(given)} events; give one for each recording: [{what}] if it is of "
            f"one, else [{taken}[of == n] for n in range(N)], where of, an array, holds the recording of "
            "each event"
        )
    found = []
    for number, each in enumerate(given):
        wanted = "whole numbers" if "f" not in kinds else "numbers of at most 64 bits"
        remedy = f"give a list of {wanted}, one for each event of the recording"
        array = array_of(f"{what}[{number}]", each, remedy)
        if array.ndim == 1 and not array.size:
            array = array.astype(np.int64)
        if array.ndim != 1 or array.dtype.kind not in kinds or array.dtype.itemsize > 8:
            raise InputError(f"{what}[{number}]: is {array.dtype} of shape {list(array.shape)}; {remedy}")
        found.append(array)
    return found


def _is_flat(given: Any) -> bool:
    """Whether these are numbers, and not an array for each recording."""
    if hasattr(given, "ndim") and hasattr(given, "dtype"):
        return bool(given.ndim == 1 and len(given) and str(given.dtype) != "object")
    return bool(given) and all(isinstance(one, Real) or getattr(one, "ndim", 1) == 0 for one in given)


def _check(
    number: int,
    times: npt.NDArray[Any],
    lines: npt.NDArray[Any],
    most: int | None,
    overflowed: Callable[[], str],
    from_one: str,
) -> None:
    """Raise `InputError` unless the events of a recording are some.

    `overflowed`: what tells, of the times of all recordings, that they were cut; or empty. `from_one`: what
    to do, if addresses count lines from 1.
    """
    if len(times) != len(lines):
        raise InputError(
            f"recording {number}: has {len(times)} times and {len(lines)} addresses; give one of each for "
            "every event"
        )
    for event in np.flatnonzero(~np.isfinite(times) | (times < 0))[:1]:
        why = ""
        if np.isfinite(times[event]):
            why = overflowed() or (_UNLIKE_FIRST if event > 0 else "")
        raise InputError(
            f"times[{number}][{event}] is {times[event]}; give numbers from 0 on, from the recording's "
            f"start{why}"
        )
    if times.dtype.kind != "f":  # beside floats these would be rounded
        for event in np.flatnonzero(times >= time_types.LIMIT)[:1]:
            raise InputError(
                f"times[{number}][{event}] is {times[event]}; give whole numbers below 2**53: subtract each "
                "recording's start"
            )
    limit = MOST_LINES if most is None else most
    for event in np.flatnonzero((lines < 0) | (lines >= limit))[:1]:
        raise InputError(
            f"addresses[{number}][{event}] is {lines[event]}; input lines are numbered 0 .. {limit - 1}"
            + ("" if most is None else ", as lines says")
            + (f"; {from_one}" if from_one else "")
        )


def _reach(lists: Sequence[npt.NDArray[Any]]) -> tuple[int, int]:
    """The least and the largest number; 0 and 0 of none."""
    filled = [each for each in lists if each.size]
    return (min(map(np.min, filled)), max(map(np.max, filled))) if filled else (0, 0)


def _classes(
    labels: Any, count: int, names: tuple[str, ...] | None
) -> tuple[npt.NDArray[np.int64], tuple[str, ...]]:
    """Numbers from 0 and names, of labels that are numbers or texts."""
    labels = marked(list(labels) if isinstance(labels, Iterator) else labels, names)
    check_labels("labels", labels, "recording")
    check_alike(labels)
    several = hasattr(labels, "__iter__") and not isinstance(labels, str) and getattr(labels, "ndim", 1) > 0
    texts = list(labels) if several else []
    if several and all(isinstance(each, str) for each in texts):
        names = tuple(sorted(set(map(str, texts)))) if names is None else names
        if len(texts) != count:
            raise InputError(
                f"labels: are {len(texts)}; give a whole number or a name for each of the {count} recordings"
            )
        names = with_none(names, texts)
        for number, each in enumerate(texts):
            if each not in names:
                raise InputError(f"labels[{number}]: is {quoted(each)}, which classes do not name; add it")
        return np.array([names.index(each) for each in texts]), names
    numbers, own = checked_labels(labels, count, names)
    if names is None:
        if (beyond := np.flatnonzero(numbers >= max(count, 2))).size:
            raise InputError(
                f"labels[{beyond[0]}] is {numbers[beyond[0]]}, and there are {count} recordings; number the "
                "classes from 0 on, or give classes, a name for each"
            )
        warn_of_gaps(numbers)
        own = tuple(map(str, range(int(numbers.max()) + 1)))
    return numbers, own


def _files(files: Any, count: int) -> tuple[str, ...] | None:
    """A text for each recording. Raises `InputError` if there is another number, or one is none."""
    if files is None:
        return None
    several = hasattr(files, "__iter__") and not isinstance(files, str | bytes)
    texts = [os.fspath(each) if isinstance(each, os.PathLike) else each for each in files] if several else []
    wrong = [number for number, each in enumerate(texts) if not isinstance(each, str)]
    if wrong:
        raise InputError(f"files[{wrong[0]}]: is {quoted(texts[wrong[0]])}; give a text or a path")
    if not several or len(texts) != count:
        given = f"are {len(texts)}" if several else f"is {quoted(files)}"
        raise InputError(f"files: {given}; give a text or a path for each of the {count} recordings")
    return tuple(map(one_line, texts))


def _times(lists: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """All of them, exactly, in the smallest type that holds them."""
    if all(each.dtype.kind != "f" for each in lists):
        lists = [each.astype(np.int64) for each in lists]  # beside int64, numpy makes floats of uint64
    return time_types.smallest(np.concatenate(lists))
