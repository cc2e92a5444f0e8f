"""When recordings begin and end, and which begin late."""

import math
from collections.abc import Callable

import numpy as np

from snnc.trainer.data.events import EventDataset
from snnc.trainer.data.short_recordings import named

_MOST_SHARE = 0.9
"""Of the recordings, so that a few do not hide what the others have in common."""
_SOME_SHARE = 0.05
"""Of the recordings, so that a few which begin late are no note."""
_EARLY = 0.25
"""Of the recordings, the part whose end tells what is late, so that more than half of them may be."""

_FAR = 5
"""By how many times the longest recording every one is over, however few are early."""


def down(seconds: float) -> str:
    """In three digits, no more than `seconds`: of what is so late, or later."""
    return f"{_digits(seconds, math.floor):.3g}"


def up(seconds: float) -> str:
    """In three digits, no less than `seconds`: of what is over by then."""
    return f"{_digits(seconds, math.ceil):.3g}"


def _digits(seconds: float, rounded: Callable[[float], int]) -> float:
    if not seconds:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(abs(seconds))) - 2)
    nearest = round(seconds / unit)
    whole = math.isclose(seconds, nearest * unit, rel_tol=1e-9)  # but for what a division leaves
    return (nearest if whole else rounded(seconds / unit)) * unit


class Spans:
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
        """Most recordings start after more than the time that any of them takes: a running clock."""
        return 0 < self.longest < self.start

    def clock(self, ds: EventDataset) -> str:
        """How many recordings begin later than any lasts, in words, where `late`."""
        begin = float(self.first[self.first > self.longest].min())
        late = int((self.first >= begin).sum())
        some = f"all {late}" if late == len(ds) else f"{late} of {len(ds)}"
        return (
            f"{some} recordings have their first event at {begin:.6g} s or later, and none takes more than "
            f"{self.longest:.6g} s from first to last, as by a running clock"
        )

    def some_late(self, ds: EventDataset) -> str:
        """That a part of them begins when others would be over, twice; empty if hardly one does."""
        if self.late or not self.filled.size:
            return ""
        takes = float(np.median(self.last - self.first))
        over = min(max(takes, float(np.quantile(self.last, _EARLY))), _FAR * self.longest)
        if not takes or (self.first > 2 * over).mean() <= _SOME_SHARE:
            return ""
        late = self.first >= self._begin_late(over)
        one = int(late.argmax())
        begin, others = down(self.first[late].min()), up(self.first[~late].max())
        have = "has its" if late.sum() == 1 else "have their"
        return (
            f"{late.sum()} of {len(ds)} recordings {have} first event at {begin} s or later (first: "
            f"{named(ds, int(self.filled[one]))}), the others by {others} s: subtract each recording's start "
            "from its times if it tells nothing"
        )

    def _begin_late(self, over: float) -> float:
        """The first start after the widest gap between starts: those that follow may begin one by one.

        `over`: when early recordings are over. The gap ends between half of that and the first start after
        twice of it.
        """
        starts = np.sort(self.first)
        ends = slice(max(1, int((starts < over / 2).sum())), int((starts <= 2 * over).sum()) + 1)
        gaps = np.diff(starts)[ends.start - 1 : ends.stop - 1]
        return float(starts[ends][gaps.argmax()])
