"""Accuracy on recordings of few speakers: its interval says nothing of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from snnc.text import LINE, one_line, shortened

if TYPE_CHECKING:
    from snnc.trainer.data import EventDataset

FEW = 10
"""From so many speakers on nothing is said."""


def few_speakers(events: EventDataset) -> str:
    """That all of `events` are of few speakers; empty if they are of more, or one is not known."""
    speakers = np.unique(events.speaker).tolist()
    if not speakers or min(speakers) < 0 or len(speakers) >= FEW:
        return ""
    known = events.speaker_names
    named = ", ".join(str(each) if known is None else known[each] for each in speakers)
    count = "1 recording" if len(events) == 1 else f"{len(events)} recordings"
    of = "1 speaker" if len(speakers) == 1 else f"{len(speakers)} speakers"
    told = shortened(one_line(named), LINE // 4)
    return f"note: {count} of {of} ({told}); the interval says nothing of other speakers"
