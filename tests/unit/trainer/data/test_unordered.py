"""A few recordings whose times are out of order are told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from plain_recordings import EVENTS, LINES, read

COUNT = 40


def notes(folder: Path, out_of_order: list[int]) -> tuple[str, ...]:
    """Of recordings in order, but these. Where one ends and the next begins, times fall in any case."""
    times = np.tile(np.arange(EVENTS) * 10_000, (COUNT, 1))
    times[out_of_order, 3:5] = times[out_of_order, 4:2:-1]
    several = {
        "units": np.arange(COUNT * EVENTS) % LINES,
        "offsets": EVENTS * np.arange(COUNT + 1),
        "labels": np.arange(COUNT) % 3,
    }
    return read(folder / "a.npz", times=times.reshape(-1).astype(np.uint32), **several).notes


def test_none_a_few_and_many(tmp_path: Path) -> None:
    """Many are written so, as line by line."""
    assert notes(tmp_path, []) == ()
    rest = "times out of order (first: recording 7): any order is taken; look at them if all were written in "
    assert notes(tmp_path, [7]) == (f"1 of 40 recordings has {rest}order",)
    assert notes(tmp_path, [7, 8, 20, 39]) == (f"4 of 40 recordings have {rest}order",)
    assert notes(tmp_path, [7, 8, 20, 38, 39]) == ()
    assert notes(tmp_path, list(range(COUNT))) == ()
