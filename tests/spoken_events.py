"""Recordings of a made-up encoder of speech, no two of which are alike."""

from __future__ import annotations

import numpy as np

from snnc.trainer.data import EventDataset

LINES, EVENTS = 12, 40
"""Of each recording."""


def spoken(recordings: int, seed: int) -> EventDataset:
    """Events at any microsecond of 0.2 s on any line, by ten speakers: no two recordings are alike."""
    rng = np.random.default_rng(seed)
    return EventDataset(
        times=rng.integers(0, 200_000, recordings * EVENTS).astype(np.uint32),
        units=rng.integers(0, LINES, recordings * EVENTS),
        offsets=np.arange(recordings + 1) * EVENTS,
        labels=np.arange(recordings) % 2,
        speaker=np.arange(recordings) // 2 % 10,
        trial=np.zeros(recordings, np.int64),
        duration=np.full(recordings, 0.2, np.float32),
        tick_s=1e-6,
        unit_count=LINES,
        class_names=("a", "b"),
        name="spoken",
        speaker_names=tuple("abcdefghij"),
    )
