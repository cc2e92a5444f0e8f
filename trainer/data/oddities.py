"""What is odd about recordings of a file: refused where no training can be meant, else a note of a line."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from snnc.errors import InputError
from snnc.stages.trained import MAX_STEPS
from snnc.text import quoted
from snnc.trainer.data.class_names import NO_CLASS
from snnc.trainer.data.events import EventDataset
from snnc.trainer.data.short_recordings import of_short
from snnc.trainer.data.silent_lines import events_of_units

_SHORT_S, _LONG_S = 0.01, 100.0
_MOST_SHARE = 0.9
"""Of the recordings, so that a few do not hide what the others have in common."""
_NAMED = 5
"""Most classes that a note names."""
_PART = 1 << 22
"""Events that are counted at once."""
_HALF_16 = 1 << 15
_SET = "set tick_s, the seconds of a unit of times (1e-3 for milliseconds, 1e-6 for microseconds)"


def with_notes(ds: EventDataset) -> EventDataset:
    """`ds` with a note for all that is odd about it.

    Raises
    ------
    InputError
        Its times cannot be meant.
    """
    spans = _Spans(ds)
    if problem := _impossible(ds, spans):
        raise InputError(f"event data '{ds.name}': {problem}")
    short = () if spans.late else of_short(ds)  # durations of a running clock tell no lengths
    found = *_of_times(ds, spans), *short, *_of_lines(ds), *_of_classes(ds)
    return replace(ds, notes=(*ds.notes, *found))


def notes_of_new(ds: EventDataset) -> tuple[str, ...]:
    """What is odd about recordings for a network that is trained: their times, and wrong addresses.

    Of few recordings many lines never fire, and a class may have one: that is nothing to tell.
    """
    spans = _Spans(ds)
    impossible = _impossible(ds, spans)
    return *((impossible,) if impossible else _of_times(ds, spans)), *_of_lines(ds, silent_too=False)


class _Spans:
    """First and last event, in seconds, of each recording that has events."""

    def __init__(self, ds: EventDataset) -> None:
        self.filled = np.flatnonzero(np.diff(ds.offsets) > 0)
        if self.filled.size:
            starts = ds.offsets[self.filled]
            self.first = np.minimum.reduceat(ds.times, starts).astype(np.float64) * ds.tick_s
            self.last = np.maximum.reduceat(ds.times, starts).astype(np.float64) * ds.tick_s
        else:
            self.first = self.last = np.zeros(0)
        self.longest = float((self.last - self.first).max(initial=0.0))
        self.end = float(self.last.max(initial=0.0))

    @property
    def start(self) -> float:
        """Before it, few recordings have an event."""
        if not self.filled.size:
            return 0.0
        return float(np.sort(self.first)[int((1 - _MOST_SHARE) * len(self.first))])

    @property
    def late(self) -> bool:
        """Most recordings start after more than twice the time that any of them takes: a running clock."""
        return 0 < 2 * self.longest < self.start


def _impossible(ds: EventDataset, spans: _Spans) -> str:
    """Why no network can be trained on these times; empty if one can."""
    if spans.late and spans.start > _LONG_S:
        return f"{_late(spans)}; subtract each recording's start from its times"
    if spans.end > MAX_STEPS:  # steps of a second are the longest
        return (
            f"its last event is at {spans.end:.6g} s (tick_s = {ds.tick_s:g}), and a network has at most "
            f"{MAX_STEPS} steps of at most 1 s; {_SET}"
        )
    return ""


def _late(spans: _Spans) -> str:
    return (
        f"most recordings have their first event after {spans.start:.6g} s or later, and none takes more "
        f"than {spans.longest:.6g} s from first to last, as by a running clock"
    )


def _of_times(ds: EventDataset, spans: _Spans) -> Iterator[str]:
    if spans.late:
        yield f"{_late(spans)}: subtract each recording's start from its times if it tells nothing"
    told = f"the last event of all recordings is at {spans.end:.6g} s (tick_s = {ds.tick_s:g})"
    lasts = float(ds.duration.max(initial=0.0))
    if 10 * spans.end < lasts and spans.end:
        yield f"{told}, and duration reaches {lasts:.6g} s: {_SET}"
    elif 0 < spans.end < _SHORT_S:
        yield f"{told}: if that is too short, {_SET}"
    elif spans.end > _LONG_S:
        yield f"{told}: if that is too long, {_SET}"
    tick = ds.tick_s if ds.times.dtype.kind == "u" else 0.0
    beyond = np.flatnonzero(spans.last > ds.duration[spans.filled] * 1.001 + tick)
    if beyond.size:
        one = int(spans.filled[beyond[0]])
        yield (
            f"{_of(beyond.size, len(ds))} have events after their duration, recording {one} at "
            f"{spans.last[beyond[0]]:.6g} s, which lasts {ds.duration[one]:.6g} s: correct tick_s or duration"
        )
    if wrapped := _wrapped(ds):
        yield wrapped


def _wrapped(ds: EventDataset) -> str:
    """What tells times that were cut to 16 bits: in order, they fall only from the top to the bottom."""
    if ds.times.dtype != np.uint16 or ds.times.max(initial=0) < 0.98 * (1 << 16):
        return ""
    falls = 0
    first = None
    for start in range(0, len(ds.times), _PART):
        times = ds.times[start : start + _PART + 1].astype(np.int64)
        at = np.flatnonzero(np.diff(times) < 0) + start + 1
        at = at[~np.isin(at, ds.offsets)]
        drop = ds.times[at - 1].astype(np.int64) - ds.times[at]
        if (drop < _HALF_16).any():
            return ""
        falls += len(at)
        if first is None and len(at):
            first = int(at[0])
    if first is None:
        return ""
    one = int(np.searchsorted(ds.offsets, first, side="right")) - 1
    return (
        f"times fall {falls} times within recordings, in recording {one} from {ds.times[first - 1]} to "
        f"{ds.times[first]}, as times cut to 16 bits do: store the whole integers, without astype(np.uint16)"
    )


def _of_lines(ds: EventDataset, silent_too: bool = True) -> Iterator[str]:
    counts = events_of_units(ds)
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


def _of_classes(ds: EventDataset) -> Iterator[str]:
    if ds.class_names == (NO_CLASS,):
        return
    counts = np.bincount(ds.labels, minlength=len(ds.class_names))
    for number, what in ((0, "no recording"), (1, "a single recording")):
        found = np.flatnonzero(counts == number)
        if not len(found) or not len(ds):
            continue
        named = ", ".join(quoted(ds.class_names[each]) for each in found[:_NAMED])
        some = "class" if len(found) == 1 else f"{len(found)} classes"
        more = ", ..." * (len(found) > _NAMED)
        remedy = "add recordings to train, validate and test with, or leave the class out"
        if number == 0 and found.tolist() == [0] and ds.class_names[0] == "0":
            remedy = "labels start at 1: subtract 1"
        yield f"{some} {named}{more} {'has' if len(found) == 1 else 'have'} {what}: {remedy}"


def _of(some: int, all_of_them: int) -> str:
    return f"{some} of {all_of_them} recordings"


def recordings_of_classes(ds: EventDataset) -> str:
    """How many recordings the classes have, the least and the most, with their names."""
    counts: NDArray[np.int64] = np.bincount(ds.labels, minlength=len(ds.class_names))
    least, most = int(counts.argmin()), int(counts.argmax())
    if counts[least] == counts[most]:
        return f"{counts[least]} each"
    return f"{counts[least]} ({ds.class_names[least]}) to {counts[most]} ({ds.class_names[most]})"
