"""Arrays of events with named fields (.npy) are refused with what makes recordings of them."""

from __future__ import annotations

import numpy as np
import pytest

EVENTS = np.array([(1, 2, 1000, 1)], dtype=[("x", "u1"), ("y", "u1"), ("t", "i8"), ("p", "u1")])
SAID = (
    "one array of NumPy with the fields x, y, t, p, as of events; give arrays of all recordings to "
    "snnc.from_events, times from 't', addresses 'x' + WIDTH * 'y' + WIDTH * HEIGHT * 'p', each with "
    ".astype(int)"
)


@pytest.fixture
def one(tmp_path):
    np.save(tmp_path / "a.npy", EVENTS)
    return tmp_path / "a.npy"


def test_one_file(one, tiny_artifact, refused):
    for command in (
        ["inspect", one],
        ["train", one],
        ["train", "digits", "--dataset", one],
        ["run", tiny_artifact, "-i", one],
        ["verify", tiny_artifact, "--dataset", "none", "-i", one],
    ):
        said = refused(*command)
        assert f"{one}: {SAID}" in said
        assert "np.savez" not in said


def test_a_folder_of_them(tmp_path, tiny_artifact, refused):
    folder = tmp_path / "own"
    for name in ("left/a.npy", "left/b.npy", "right/c.npy"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        np.save(folder / name, EVENTS)
    for command in (["train", folder], ["inspect", folder], ["run", tiny_artifact, "-i", folder]):
        said = refused(*command)
        assert "holds no WAV file, but 3 files .npy (" in said
        assert f"the first of them {SAID}" in said


def test_fields_of_other_names(tmp_path, refused):
    for names, times, addresses in (
        (("timestamp", "channel"), "times from 'timestamp'", "addresses from 'channel'"),
        (("X", "Y", "ts"), "times from 'ts'", "addresses 'X' + WIDTH * 'Y', each"),
        (("a", "b"), "times from its field of times", "addresses from its field of input lines"),
    ):
        np.save(tmp_path / "a.npy", np.zeros(2, [(name, "i4") for name in names]))
        said = refused("inspect", tmp_path / "a.npy")
        assert f"{times}, {addresses}" in said


def test_an_array_without_fields_is_of_spikes(tmp_path, refused):
    np.save(tmp_path / "a.npy", np.zeros((2, 3, 4)))
    assert "of spikes, write np.savez(FILE, spikes=array)" in refused("inspect", tmp_path / "a.npy")
    assert "of spikes, write np.savez(FILE, spikes=array)" in refused("train", tmp_path / "a.npy")
