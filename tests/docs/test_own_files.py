"""What docs/data.md tells of a folder of files, with files as loggers write them.

Each of three recordings is in a file of its own: without an event, with one, and with times out of order.
"""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from doc_blocks import FOLDER, HDF5_FILES, KEPT, TABLES, of

import snnc
from snnc.trainer.data import load_events_npz, save_events_npz

pytestmark = pytest.mark.filterwarnings("error", "ignore::snnc.errors.UnlikelyWarning")

TIMES = [[], [7_000_000], [9_000_500, 9_000_000, 9_000_200]]
LINES = [[], [3], [1, 2, 0]]
FROM_THE_START = [0, 500, 0, 200]
"""Microseconds, of all events: each recording's least time is 0."""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def microseconds(path: str) -> list[int]:
    found = load_events_npz(path)
    assert np.diff(found.offsets).tolist() == [0, 1, 3]
    return np.rint(found.seconds * 1e6).astype(int).tolist()


def test_tables(here: Path) -> None:
    """The first has headings alone, and a blank line ends each: nothing warns of either."""
    for number, (times, lines) in enumerate(zip(TIMES, LINES, strict=True)):
        Path("tables", "abb"[number]).mkdir(parents=True, exist_ok=True)
        rows = [f"{time},{line},0.5" for time, line in zip(times, lines, strict=True)]
        Path("tables", "abb"[number], f"{number}.csv").write_text(
            "\n".join(["t_us,line,level", *rows, "", ""])
        )
    exec(of(*TABLES), {})
    found = load_events_npz("tables.npz")
    assert (found.class_names, found.labels.tolist()) == (("a", "b"), [0, 1, 1])
    assert found.files == ("tables/a/0.csv", "tables/b/1.csv", "tables/b/2.csv")
    assert (found.unit_count, found.units.tolist()) == (32, [3, 1, 2, 0])
    assert microseconds("tables.npz") == FROM_THE_START


def test_files_of_hdf5(here: Path) -> None:
    Path("recordings").mkdir()
    for number, (times, lines) in enumerate(zip(TIMES, LINES, strict=True)):
        with h5py.File(f"recordings/rec_{number:04}.h5", "w") as file:
            file.attrs.update(texture="ab"[number % 2], finger="ann")
            for name, column in {"t": times, "x": lines, "y": lines, "p": [0] * len(lines)}.items():
                file[f"events/{name}"] = np.array(column, np.int64)
    exec(of(*HDF5_FILES), {})
    assert microseconds("skin.npz") == FROM_THE_START


def test_files_of_numpy(here: Path) -> None:
    for number, (times, lines) in enumerate(zip(TIMES, LINES, strict=True)):
        Path("own", "ab"[number // 2], "ann").mkdir(parents=True, exist_ok=True)
        started = np.array(times, np.int64) - min(times, default=0)
        np.savez(f"own/{'ab'[number // 2]}/ann/{number}.npz", t=started, line=np.array(lines))
    exec(of(*FOLDER), {})
    assert microseconds("own.npz") == FROM_THE_START


def test_recordings_without_an_event_are_left_out(here: Path) -> None:
    save_events_npz(snnc.from_events(TIMES, LINES, ["a", "b", "b"], tick_s=1e-6, files=[*"xyz"]), "own.npz")
    exec(of(*KEPT), {})
    found = load_events_npz("kept.npz")
    assert (found.files, np.diff(found.offsets).tolist()) == (("y", "z"), [1, 3])
    assert [note for note in found.notes if "no event" in note] == []
