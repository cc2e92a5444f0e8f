"""Recordings of an event file in which nothing is odd, and what a test changes of them."""

from pathlib import Path
from typing import Any

import numpy as np

from snnc.trainer.data import EventDataset, load_events_npz

RECORDINGS, EVENTS, LINES = 12, 50, 10


def write(path: Path, **changes: Any) -> Path:
    """Recordings of one second in microseconds, of three classes, where nothing is odd."""
    rng = np.random.default_rng(3)
    arrays = {
        "times": np.sort(rng.integers(0, 1_000_000, (RECORDINGS, EVENTS)), axis=1).reshape(-1),
        "tick_s": 1e-6,
        "units": np.tile(np.arange(LINES), RECORDINGS * EVENTS // LINES),
        "offsets": EVENTS * np.arange(RECORDINGS + 1),
        "labels": np.arange(RECORDINGS) % 3,
    } | changes
    np.savez(path, **arrays)
    return path


def read(path: Path, **changes: Any) -> EventDataset:
    return load_events_npz(write(path, **changes))


def seconds(start: Any = 0.0) -> Any:
    """Times in seconds of recordings that begin at `start`."""
    spread = np.linspace(0, 1, EVENTS)
    return (np.broadcast_to(start, RECORDINGS)[:, None] + spread).reshape(-1)
