"""Interleaved timing: both sides see the same noise."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


class Missing(Exception):
    """A benchmark's opponent is not installed; says what."""


def interleaved(
    ours: Callable[[], object],
    other: Callable[[], object],
    rounds: int,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[float, float]:
    """Median seconds of each, after one run of each that is not counted."""
    times: tuple[list[float], list[float]] = ([], [])
    for i in range(rounds + 1):
        for function, into in zip((ours, other), times, strict=True):
            began = clock()
            function()
            if i:
                into.append(clock() - began)
    return statistics.median(times[0]), statistics.median(times[1])
