"""Blocks of code that make recordings, run as the pages have them."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from doc_blocks import (
    BLOCKS,
    CLASS_NAMES,
    EQUATIONS,
    EVENTS,
    FOLDER,
    HDF5_FILES,
    QUIET,
    of,
)
from doc_pages import arguments
from published_files import heidelberg

from snnc.cli import main
from snnc.trainer.data import load_events_npz, load_shd_hdf5
from snnc.trainer.data.cochlea import Cochlea, encode, envelopes


def test_own_events_from_numpy_to_verify(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page's events and the block of commands after them. Counts of spikes alone would give 20."""
    monkeypatch.chdir(tmp_path)
    exec(of(*EVENTS), {})
    (after,) = [block for block in BLOCKS if block.key == ("data.md", "snnc inspect mine.npz")]
    less = {
        "train": ["--epochs", "25", "--set", "hidden=[16]"],
        "verify": ["--executors", "oracle,hwsim"],
        "run": ["-e", "hwsim"],
    }
    for line in after.shell:
        words = arguments(line)
        assert main([*words, *less.get(words[0], [])]) == 0, line
    report = json.loads(Path("mine.loihi/report.json").read_text())
    (quantised,) = [stage for stage in report["accuracy"] if stage["stage"] == "quantised"]
    assert quantised["total"] == 40
    assert quantised["correct"] >= 32


def test_a_folder_of_files_becomes_recordings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two subjects say two words, once each; the event at 3 ms of line 7 is in the file."""
    monkeypatch.chdir(tmp_path)
    for number, name in enumerate(["no/ann", "no/bob", "yes/ann", "yes/bob"]):
        (tmp_path / "own" / name).mkdir(parents=True)
        np.savez(f"own/{name}/1.npz", t=np.array([3000, 5000 + number]), line=np.array([7, number]))
    exec(of(*FOLDER), {})
    found = load_events_npz("own.npz")
    assert (found.class_names, found.speaker_names) == (("no", "yes"), ("ann", "bob"))
    assert (found.labels.tolist(), found.speaker.tolist()) == ([0, 0, 1, 1], [0, 1, 0, 1])
    assert found.unit_count == 32
    assert found.seconds.tolist() == pytest.approx(
        [3e-3, 5e-3, 3e-3, 5.001e-3, 3e-3, 5.002e-3, 3e-3, 5.003e-3]
    )
    assert found.units.tolist() == [7, 0, 7, 1, 7, 2, 7, 3]


def test_hdf5_files_of_taxels_become_recordings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two fingers on two textures, in files of a clock that runs on: the first event is at 0, its line is
    3 + 12 * 2 + 144 * 1 = 171, and the last one of line 11 + 12 * 11 = 143."""
    monkeypatch.chdir(tmp_path)
    Path("recordings").mkdir()
    for number, (texture, finger) in enumerate([("mesh", "ann"), ("silk", "bob"), ("mesh", "bob")]):
        with h5py.File(f"recordings/rec_{number:04}.h5", "w") as file:
            file.attrs.update(texture=texture, finger=finger, time_unit="us")
            start = 10**6 * number
            columns = {"t": [start + 70, start + 200_070], "x": [3, 11], "y": [2, 11], "p": [1, 0]}
            for name, column in columns.items():
                file[f"events/{name}"] = np.array(column, np.int64 if name == "t" else np.uint8)
    exec(of(*HDF5_FILES), {})
    found = load_events_npz("skin.npz")
    assert (found.class_names, found.speaker_names) == (("mesh", "silk"), ("ann", "bob"))
    assert (found.labels.tolist(), found.speaker.tolist()) == ([0, 1, 0], [0, 1, 1])
    assert found.unit_count == 288
    assert found.seconds.tolist() == pytest.approx([0, 0.2] * 3)
    assert found.units.tolist() == [171, 143] * 3


@pytest.mark.parametrize("rate", [16_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("sound", ["tone", "noise"])
def test_the_equations_of_the_encoder(sound: str, rate: int) -> None:
    """From the samples on: who has only the page gets every event of the encoder."""
    count = 4321
    rng = np.random.default_rng(0)
    samples = np.sin(2 * np.pi * 440 * np.arange(count) / rate) if sound == "tone" else rng.random(count)
    names: dict[str, Any] = {}
    exec(of(*EQUATIONS), names)
    found = names["envelopes"](samples, rate)
    expected = envelopes(samples, rate, Cochlea())
    assert found.shape == expected.shape
    assert np.allclose(found, expected, rtol=1e-9, atol=0)
    ticks, lines = encode(samples, rate, 0, Cochlea(noise=0.0))
    assert len(ticks) > 100
    assert names["events"](found) == list(zip(ticks.tolist(), lines.tolist(), strict=True))


def test_one_sound_with_other_noise_and_without() -> None:
    names: dict[str, Any] = {}
    exec(of(*QUIET), names)
    recordings = names["recordings"]
    assert (len(recordings), recordings.unit_count, recordings.tick_s) == (6, 140, 0.0005)
    all_times = [recordings.times[a:b].tolist() for a, b in pairwise(recordings.offsets)]
    assert len({tuple(each) for each in all_times}) == 6


def test_classes_of_an_hdf5_file_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With names before and without."""
    monkeypatch.chdir(tmp_path)
    heidelberg(Path("new.h5"), None, 0)
    for _ in range(2):
        exec(of(*CLASS_NAMES), {})
        assert load_shd_hdf5("new.h5").class_names == ("yes", "no", "stop")
        with h5py.File("new.h5", "r+") as file:
            del file["extra/keys"]
