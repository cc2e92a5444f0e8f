"""Errors about an event name its recording, and the file that this was made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import snnc
from snnc.errors import InputError
from snnc.trainer.data import load_events_npz
from snnc.trainer.data.owners import called, of_event
from snnc.trainer.data.shd import load_shd_hdf5

FILES = np.array(["a.csv", "b.csv", "c.csv"])


def write(path: Path, **changes: Any) -> Path:
    """Recordings of 2, 0 and 3 events on 4 lines."""
    given = {
        "times": np.array([0, 900, 5, 50, 500]),
        "tick_s": 1e-3,
        "units": np.array([0, 1, 2, 3, 0]),
        "unit_count": 4,
        "offsets": np.array([0, 2, 2, 5]),
        "labels": np.array([0, 1, 1]),
        "files": FILES,
    }
    np.savez(path, **{key: value for key, value in (given | changes).items() if value is not None})
    return path


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"units": np.array([0, 1, 2, 9, 0])},
            "event 1 of recording 2 (c.csv): units[3] = 9 is outside 0..3",
        ),
        ({"units": np.array([0, -1, 2, 3, 0])}, "event 1 of recording 0 (a.csv): units[1] = -1 is outside"),
        (
            {"units": np.array([0, 1, 2, 9, 0]), "files": None},
            "event 1 of recording 2: units[3] = 9 is outside 0..3",
        ),
        (
            {"times": np.array([0, 900, -5, 50, 500])},
            "event 0 of recording 2 (c.csv): times[2] = -5; it must be at least 0",
        ),
        (
            {"times": np.array([0, np.inf, 5, 50, 500])},
            "event 1 of recording 0 (a.csv): times[1] = inf; it must be finite",
        ),
        (
            {"labels": np.array([0, 7, 1]), "classes": np.array(["x", "y"])},
            "recording 1 (b.csv): labels[1] = 7",
        ),
        ({"duration": np.array([1.0, np.nan, 1.0])}, "recording 1 (b.csv): duration[1] = nan; it must be"),
        (
            {"times": np.array([0, 900, 5, 50, 5 * 10**8])},
            "its last event is at 500000 s (tick_s = 0.001), in recording 2 (c.csv), and",
        ),
        (
            {"times": np.array([0, 900, 5, 50, 500], np.uint16), "duration": np.array([1.0, 1.0, 99.0])},
            "recording 2 (c.csv) lasts 99 s, and times that are uint16",
        ),
        (
            {"times": np.array([0, 900, 5, 50, 1e300])},
            "recording 2 (c.csv) has an event at 1e+297 s",
        ),
    ],
)
def test_a_file_of_events(changes: dict[str, Any], said: str, tmp_path: Path) -> None:
    """By hand: of 5 events, the fourth is the second of recording 2, which has the last three."""
    path = write(tmp_path / "mine.npz", **changes)
    with pytest.raises(InputError) as caught:
        load_events_npz(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert said in str(caught.value)


def test_events_after_their_duration(tmp_path: Path) -> None:
    path = write(tmp_path / "mine.npz", duration=np.array([1.0, 1.0, 0.4]))
    (note,) = (note for note in load_events_npz(path).notes if "after the duration" in note)
    assert "c.csv at 0.5 s, which lasts 0.4 s" in note


def test_ragged_rows(tmp_path: Path) -> None:
    """Such a file has no list of all events; the second of row 1 is at fault."""
    path = tmp_path / "mine.h5"
    with h5py.File(path, "w") as file:
        for name, kind in (("times", np.float32), ("units", np.int64)):
            rows = file.create_dataset(f"spikes/{name}", (2,), dtype=h5py.vlen_dtype(kind))
            rows[0] = np.array([0, 0, 0], kind)
            rows[1] = np.array([1, 9] if name == "units" else [0.1, 0.2], kind)
        file["labels"] = np.array([0, 1])
        file.attrs["unit_count"] = 4
    with pytest.raises(InputError, match=r"event 1 of recording 1: units\[4\] = 9 is outside 0\.\.3"):
        load_shd_hdf5(path)


def test_offsets_that_are_not_checked_yet() -> None:
    for offsets in ([], [[0, 2]], [1, 3], [0, 3, 2], [0, 1], [0.0, 3.0]):
        assert of_event(2, np.array(offsets), None) == ""
    assert called(2, ("only one",)) == "recording 2"


def test_a_file_is_named_once() -> None:
    """Of lists of events, whose errors begin with the file."""
    with pytest.raises(InputError) as caught:
        snnc.from_events([[0], [1e300]], [[0], [0]], ["a", "b"], tick_s=1, files=["a.csv", "b.csv"])
    assert str(caught.value).count("b.csv") == 1
