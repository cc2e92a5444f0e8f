"""A few recordings that end far later than the others are told, with numbers that hold."""

from pathlib import Path

import numpy as np
import pytest
from plain_recordings import read


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ([1.0] * 11 + [3.1], "1 of 12 recordings ends at 3.1 s or later (first: {}), the others by 1 s"),
        ([1.0] * 11 + [19.9521], "1 of 12 recordings ends at 19.9 s or later (first: {}), the others by 1 s"),
        ([1.0044] * 11 + [9.0], "1 of 12 recordings ends at 9 s or later (first: {}), the others by 1.01 s"),
        (
            [1.0] * 6 + [2.0] * 12 + [3.8],
            "1 of 19 recordings ends at 3.8 s or later (first: {}), the others by 2 s",
        ),
        ([1.0] * 11 + [1.7], ""),
        ([1.0] * 10 + [8.0, 9.0], ""),  # a sixth of them are no few
        (
            [1.0] * 38 + [6.0, 12.0],
            "2 of 40 recordings end at 6 s or later (first: {}), the others by 1 s, and",
        ),
    ],
)
def test_a_few_recordings_that_end_far_later(ends: list[float], said: str, tmp_path: Path) -> None:
    """Of five events each, which begin alike; the longest sets the steps of a network."""
    count, first = len(ends), ends.index(next((each for each in ends if each > 2), 1.0))
    several = {
        "times": (np.array(ends)[:, None] * np.linspace(0, 1, 5)).reshape(-1),
        "units": np.tile(np.arange(5), count),
        "offsets": 5 * np.arange(count + 1),
        "labels": np.arange(count) % 2,
    }
    files = {"files": np.array([f"{number}.csv" for number in range(count)])}
    for named, called in (({}, f"recording {first}"), (files, f"{first}.csv")):
        notes = read(tmp_path / "a.npz", tick_s=1.0, **several, **named).notes
        found = [note for note in notes if "or later" in note]
        assert len(found) == bool(said)
        assert not said or found[0].startswith(said.format(called))
