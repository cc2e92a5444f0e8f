"""What is odd about recordings of a file: refused where no training can be meant, else a note of a line."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from snnc.errors import InputError
from snnc.stages.trained import MAX_STEPS
from snnc.text import did_you_mean, quoted
from snnc.trainer.data import wrapped
from snnc.trainer.data.alike import of_alike
from snnc.trainer.data.class_names import NO_CLASS
from snnc.trainer.data.events import UNKNOWN, EventDataset
from snnc.trainer.data.from_one import looks_counted_from_one
from snnc.trainer.data.long_recordings import of_long
from snnc.trainer.data.owners import called
from snnc.trainer.data.padding import of_padding
from snnc.trainer.data.short_recordings import named, of_empty, of_short, of_unlabelled
from snnc.trainer.data.silent_lines import events_of_units
from snnc.trainer.data.spans import Spans
from snnc.trainer.data.unordered import of_unordered

_SHORT_S, _LONG_S = 0.01, 100.0
_NAMED = 5
"""Most classes that a note names."""
_SHARE = 5
"""By how many times the time that a network takes is longer than what all recordings take, if that is odd."""
_MISSING = ("nan", "NaN", "None", "<NA>", "NaT")
"""Texts of numpy and pandas."""
_SET = "set tick_s, the seconds of a unit of times (1e-3 for milliseconds, 1e-6 for microseconds)"
TO_TRAIN = "add recordings to train, validate and test with, or leave the class out"
"""The remedy of classes with few recordings."""


def with_notes(ds: EventDataset, unit: str = _SET) -> EventDataset:
    """`ds` with a note for all that is odd about it. `unit`: what sets that of its times.

    Raises
    ------
    InputError
        Its times cannot be meant.
    """
    spans = Spans(ds)
    if problem := _impossible(ds, spans, unit):
        raise InputError(f"event data '{ds.name}': {problem}")
    times = *_of_times(ds, spans, unit=unit), *of_long(ds, spans)
    found = *times, *_of_recordings(ds, spans), *_of_lines(ds), *of_classes(ds)
    return replace(ds, notes=(*ds.notes, *found))


def notes_of_lists(ds: EventDataset) -> tuple[str, ...]:
    """What is odd about lists of events, which may be few, and be to train with or not.

    Raises
    ------
    InputError
        Their times cannot be meant, so no command would take a file of them.
    """
    spans = Spans(ds)
    if problem := _impossible(ds, spans):
        raise InputError(f"event data '{ds.name}': {problem}")
    unlabelled = () if ds.class_names == (NO_CLASS,) else of_unlabelled(ds)
    return *notes_of_new(ds), *of_long(ds, spans), *unlabelled


def notes_of_new(ds: EventDataset, empty_too: bool = True, reach_s: float = 0.0) -> tuple[str, ...]:
    """What is odd about recordings for a network that is trained: their times, and wrong addresses.

    Of few recordings many lines never fire, and a class may have one: that is nothing to tell. Without
    `empty_too` those without an event are not told either. `reach_s`: seconds that the network takes.
    """
    spans = Spans(ds)
    if ds.encoder is not None:  # its times are those of sound
        return *_of_sound(spans, reach_s), *_of_recordings(ds, spans, empty_too)
    impossible = _impossible(ds, spans)
    times = (impossible,) if impossible else _of_times(ds, spans, reach_s)
    return *times, *_of_recordings(ds, spans, empty_too), *_of_lines(ds, silent_too=False)


def _impossible(ds: EventDataset, spans: Spans, unit: str = _SET) -> str:
    """Why no network can be trained on these times; empty if one can."""
    if spans.late and spans.start > max(_LONG_S, 2 * spans.longest):
        return f"{spans.clock(ds)}; subtract each recording's start from its times"
    if (
        spans.end > MAX_STEPS
        and not spans.longest
        and ds.times.dtype == np.float32
        and len(ds.times) > len(ds)
    ):
        return (
            f"the events of each recording are all at one time, up to {spans.end:.6g} s, as of a clock "
            "that counts from 1970 in float32, which tells no seconds there: subtract each recording's start "
            "in float64"
        )
    if spans.end > MAX_STEPS:  # steps of a second are the longest
        last = called(int(spans.filled[spans.last.argmax()]), ds.files)
        return (
            f"its last event is at {spans.end:.6g} s (tick_s = {ds.tick_s:g}), in {last}, and a network has "
            f"at most {MAX_STEPS} steps of at most 1 s; {unit}"
        )
    return ""


def _of_times(ds: EventDataset, spans: Spans, reach_s: float = 0.0, unit: str = _SET) -> Iterator[str]:
    if spans.late:
        yield f"{spans.clock(ds)}: subtract each recording's start from its times if it tells nothing"
    if some := spans.some_late(ds):
        yield some
    told = f"the last event of all recordings is at {spans.end:.6g} s (tick_s = {ds.tick_s:g})"
    lasts = float(ds.duration.max(initial=0.0))
    if cut := wrapped.of_times(ds):
        yield cut
    elif 10 * spans.end < lasts and spans.end:
        mend = f"if durations are not in seconds, mend them; else {unit}"
        yield f"{told}, and duration reaches {lasts:.6g} s: {mend}"
    elif 0 < spans.end < _SHORT_S:
        yield f"{told}: if that is too short, {unit}"
    elif 0 < _SHARE * spans.end < reach_s:
        yield f"{told}, and the network is for up to {reach_s:.6g} s: if that is too short, {unit}"
    elif spans.end > _LONG_S and not some:
        yield f"{told}: if that is too long, {unit}"
    tick = ds.tick_s if ds.times.dtype.kind == "u" else 0.0
    beyond = np.flatnonzero(spans.last > ds.duration[spans.filled] * 1.001 + tick)
    if beyond.size:
        one = int(spans.filled[beyond[0]])
        have = "has" if beyond.size == 1 else "have"
        yield (
            f"{_of(beyond.size, len(ds))} {have} events after the duration, {named(ds, one)} at "
            f"{spans.last[beyond[0]]:.6g} s, which lasts {ds.duration[one]:.6g} s: correct tick_s or duration"
        )
    if not cut:  # such times fall, too
        yield from of_unordered(ds)


def _of_sound(spans: Spans, reach_s: float) -> Iterator[str]:
    if 0 < 2 * _SHARE * spans.end < reach_s:
        yield (
            f"the last event of all recordings is at {spans.end:.6g} s, and the network is for up to "
            f"{reach_s:.6g} s: look at them"
        )


def _of_recordings(ds: EventDataset, spans: Spans, empty_too: bool = True) -> Iterator[str]:
    if ds.classes_unused:
        yield "has `classes`, but no `labels`: all its recordings are unlabelled"
    if empty_too:
        yield from of_empty(ds)
    yield from of_padding(ds)
    if not spans.late and not spans.some_late(ds):  # when recordings of a running clock end tells no length
        yield from of_short(ds)
    yield from _of_missing(ds)
    yield from of_alike("classes", ds.class_names)
    yield from of_alike("sources (field `speaker`)", ds.speaker_names or ())


def _of_missing(ds: EventDataset) -> Iterator[str]:
    for number, name in enumerate(ds.class_names):
        if name in _MISSING and (count := int((ds.labels == number).sum())):
            yield (
                f"class {quoted(name)} has {_of(count, len(ds))}, and is what a label that is missing "
                f"becomes as a text: name their class, or write {NO_CLASS!r} for no label, if it is that"
            )
    for name in ds.speaker_names or ():
        if name in _MISSING:
            yield (
                f"a source (field `speaker`) is called {quoted(name)}, as a missing one is as a text: if it "
                f"is that, give numbers, and {UNKNOWN} there"
            )


def _of_lines(ds: EventDataset, silent_too: bool = True) -> Iterator[str]:
    counts = events_of_units(ds)
    if cut := wrapped.of_lines(counts):
        yield cut
        return
    if ds.encoder is None and (from_one := looks_counted_from_one(counts)):
        yield from_one
        return
    fire = np.flatnonzero(counts)
    silent = ds.unit_count - len(fire)
    if not len(fire) or 2 * silent <= ds.unit_count:
        return
    gaps = np.diff(fire)
    widest = int(gaps.argmax()) if len(gaps) else 0
    beyond = counts[fire[widest + 1] :] if len(gaps) else counts[:0]
    if len(gaps) and 2 * gaps[widest] > ds.unit_count and 100 * beyond.sum() <= counts.sum():
        above = fire[widest + 1 :]
        which = f"line {above[0]} fires" if len(above) == 1 else f"lines {above[0]} to {above[-1]} fire"
        times = int(beyond.sum())
        yield (
            f"lines {fire[widest] + 1} to {above[0] - 1} never fire and {which} "
            f"{times} time{'s' * (times != 1)}: an address error? Each line is an input of the network"
        )
    elif silent_too:
        yield f"{silent} of {ds.unit_count} lines never fire; each line is an input of the network"


def of_classes(ds: EventDataset) -> Iterator[str]:
    if ds.class_names == (NO_CLASS,):
        return
    yield from of_unlabelled(ds)
    counts = np.bincount(ds.labels, minlength=len(ds.class_names))
    for number, what in ((0, "no recording"), (1, "a single recording")):
        found = np.flatnonzero(counts == number)
        if not len(found) or not len(ds):
            continue
        others = [name for at, name in enumerate(ds.class_names) if counts[at] > 1]
        called = [
            quoted(ds.class_names[each]) + did_you_mean(ds.class_names[each], others)
            for each in found[:_NAMED]
        ]
        some = "class" if len(found) == 1 else f"{len(found)} classes"
        more = ", ..." * (len(found) > _NAMED)
        of = f" ({_first_of(ds, int(found[0]))})" if number and ds.files is not None else ""
        remedy = f"rename it, or {TO_TRAIN}" if "did you mean" in called[0] else TO_TRAIN
        if number == 0 and found.tolist() == [0] and ds.class_names[0] == "0":
            remedy = "labels start at 1: subtract 1"
        yield f"{some} {', '.join(called)}{more} {'has' if len(found) == 1 else 'have'} {what}{of}: {remedy}"


def _first_of(ds: EventDataset, label: int) -> str:
    return named(ds, int((ds.labels == label).argmax()))


def of_training(note: str) -> bool:
    """Whether a note matters to who trains with the recordings alone, not to who classifies them."""
    return note.endswith(TO_TRAIN)


def _of(some: int, all_of_them: int) -> str:
    return f"{some} of {all_of_them} recordings"


def recordings_of_classes(ds: EventDataset) -> str:
    """How many recordings the classes have, the least and the most, with their names."""
    counts: NDArray[np.int64] = np.bincount(ds.labels, minlength=len(ds.class_names))
    least, most = int(counts.argmin()), int(counts.argmax())
    if counts[least] == counts[most]:
        return f"{counts[least]} each"
    return f"{counts[least]} ({ds.class_names[least]}) to {counts[most]} ({ds.class_names[most]})"
