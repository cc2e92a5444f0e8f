"""Recordings of lists of events that last longer than their last event."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import snnc
from snnc.errors import InputError, UnlikelyWarning
from snnc.trainer.data import load_events_npz, save_events_npz

GIVEN: dict[str, Any] = {
    "times": [[100, 900], [], [40]],
    "addresses": [[0, 1], [], [1]],
    "labels": ["a", "b", "a"],
    "tick_s": 1e-3,
}


@pytest.mark.parametrize(
    "durations", [[2, 1.5, 0.04], np.array([2, 1.5, 0.04]), torch.tensor([2, 1.5, 0.04]), (2, 1.5, 0.04)]
)
def test_silence_at_the_end_is_kept(durations: Any, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnlikelyWarning)  # one has no event, and one is short
        found = snnc.from_events(**GIVEN, durations=durations)
    assert found.duration.tolist() == pytest.approx([2, 1.5, 0.04])
    save_events_npz(found, tmp_path / "mine.npz")
    assert load_events_npz(tmp_path / "mine.npz").duration.tolist() == pytest.approx([2, 1.5, 0.04])


def test_recordings_of_one_length_are_not_short() -> None:
    """The last event of the third is at 40 ms, less than a tenth of the 900 ms of others; it lasted 1 s."""
    times = [[900], [900], [40]]
    given = GIVEN | {"times": times, "addresses": [[0], [1], [1]]}
    assert snnc.from_events(**given, durations=[1, 1, 1]).notes == ()
    with pytest.warns(UnlikelyWarning, match="1 of 3 recordings lasts less than a tenth of the median"):
        snnc.from_events(**given)


def test_times_of_16_bits_reach_to_the_duration(tmp_path: Path) -> None:
    """The last event is at 0.9 s, and 65,536 ticks of a microsecond are 0.066 s; of one at 9 ms, fewer."""
    given = GIVEN | {"times": [[100, 900], [5], [40]], "addresses": [[0, 1], [0], [1]], "tick_s": 1e-6}
    with pytest.warns(UnlikelyWarning, match="duration reaches 3 s"):
        found = snnc.from_events(**given, durations=[3, 3, 3])
    save_events_npz(found, tmp_path / "mine.npz")
    assert load_events_npz(tmp_path / "mine.npz").times.tolist() == [100, 900, 5, 40]


def test_events_after_the_end_are_told() -> None:
    with pytest.warns(UnlikelyWarning, match=r"x at 0\.9 s, which lasts 0\.5 s"):
        snnc.from_events(**GIVEN | {"labels": None}, durations=[0.5, 1, 1], files=["x", "y", "z"])


@pytest.mark.parametrize(
    ("durations", "said"),
    [
        ([1, 2], r"^durations: int64 \[2\]; give a number of seconds for each of the 3 recordings$"),
        (1.0, r"^durations: float64 \[\]; give a number of seconds for each"),
        (["1", "2", "3"], r"^durations: <U1 \[3\]; give a number of seconds"),
        ([1, -2, 3], r"^b: durations\[1\] is -2; give seconds from 0 on$"),
        ([1, 2, np.nan], r"^c: durations\[2\] is nan; give seconds"),
        ([1e300, 2, 3], r"^a: durations\[0\] is 1e\+300; give seconds"),
    ],
)
def test_what_is_no_duration(durations: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        snnc.from_events(**GIVEN, durations=durations, files=["a", "b", "c"])
