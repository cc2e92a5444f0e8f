"""Samples in steps, [samples, steps, lines], as recordings."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from snnc.errors import InputError
from snnc.trainer.data import load
from snnc.trainer.data.dense import dense_file, steps_of
from snnc.trainer.data.events import UNKNOWN


def write(path: Path, **changes: Any) -> Path:
    spikes = np.zeros((3, 4, 2), np.uint8)
    spikes[0, 1, 0] = spikes[0, 3, 1] = spikes[2, 0, 1] = 1
    arrays = {"spikes": spikes, "labels": np.array([0, 1, 1]), "dt": 0.002} | changes
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
    return path


@pytest.mark.parametrize("kind", [bool, np.uint8, np.int64, np.float32])
def test_frames_are_those_of_the_file(tmp_path: Path, kind: type) -> None:
    path = write(tmp_path / "a.npz")
    with np.load(path) as file:
        spikes = file["spikes"]
    ds = load(write(path, spikes=spikes.astype(kind)))
    assert (ds.tick_s, ds.unit_count, ds.class_names, ds.name) == (0.002, 2, ("0", "1"), "a")
    np.testing.assert_array_equal(ds.frames([0, 1, 2], 0.002, 4), spikes)
    assert ds.speaker.tolist() == [UNKNOWN] * 3
    np.testing.assert_allclose(ds.duration, 0.008)


def test_names_of_classes_and_speakers(tmp_path: Path) -> None:
    ds = load(write(tmp_path / "a.npz", classes=["no", "yes"], speaker=["bob", "ann", "bob"]))
    assert (ds.class_names, ds.speaker_names, ds.speaker.tolist()) == (
        ("no", "yes"),
        ("ann", "bob"),
        [1, 0, 1],
    )
    ds = load(write(tmp_path / "a.npz", speaker=[1, 0, -1], speakers=["ann", "bob"]))
    assert (ds.speaker_names, ds.speaker.tolist()) == (("ann", "bob"), [1, 0, -1])


def test_a_step_comes_from_the_file_or_from_who_loads(tmp_path: Path) -> None:
    path = write(tmp_path / "a.npz")
    assert load(path, dt=1.0).tick_s == 0.002
    path = write(tmp_path / "a.npz", dt=None)
    assert load(path, dt=0.5).tick_s == 0.5
    with pytest.raises(
        InputError, match=r"nothing says how long one is; .*dt=0.001.* --dt .*snnc.from_arrays"
    ):
        load(path)


def test_names_of_a_file_of_samples_alone(tmp_path: Path) -> None:
    assert set(dense_file(write(tmp_path / "a.npz"))) == {"spikes", "labels", "dt"}
    np.savez(tmp_path / "events.npz", units=np.zeros(1), spikes=np.zeros(1))
    (tmp_path / "text.npz").write_text("no archive")
    for name in ("events.npz", "text.npz", "gone.npz", "gone.h5"):
        assert dense_file(tmp_path / name) == ()


def test_labels_may_be_names_which_are_the_classes_then(tmp_path: Path) -> None:
    """In alphabetical order, as of a file of events."""
    events = load(write(tmp_path / "a.npz", labels=np.array(["up", "down", "up"])))
    assert events.class_names == ("down", "up")
    assert events.labels.tolist() == [1, 0, 1]


def test_silent_steps_at_the_end_count(tmp_path: Path) -> None:
    spikes = np.zeros((3, 120, 2), np.uint8)
    spikes[0, 1, 0] = 1
    for dt in (0.005, 1e-4, 1 / 3):
        assert steps_of(load(write(tmp_path / "a.npz", spikes=spikes, dt=dt))) == 120


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"labels": None}, "'spikes' without 'labels'"),
        (
            {"labels": np.array([0, 1])},
            "labels are 2 .*, and there are 3 samples; give a whole number for each",
        ),
        (
            {"labels": np.array([0, 1, 0, 1])},
            r"labels are 4 .*; its spikes are \[3, 4, 2\], read as \[samples, steps, lines\]: if the samples "
            r"are the second axis, store spikes\.swapaxes\(0, 1\)$",
        ),
        (
            {"labels": np.array([0, 1])},
            r"labels are 2 .*: if the samples are the last axis, store spikes\.transpose\(2, 0, 1\), if",
        ),
        ({"labels": np.array(0)}, r"labels are int64 \[\]; give a whole number for each of the 3 samples$"),
        ({"labels": np.array([0] * 5)}, "labels are 5 .*; give a whole number for each$"),
        ({"labels": np.array([0, 1, -1])}, r"labels\[2\] is -1"),
        ({"labels": np.array([0, 1, 9])}, "a label is 9, and there are 3 samples"),
        ({"labels": np.array(["a", "b"])}, "labels are 2 .*, and there are 3 samples; give a whole number"),
        ({"labels": np.array([["a"], ["b"], ["b"]])}, r"labels are <U1 \[3, 1\]; give a whole number"),
        ({"labels": np.array(["a", "b", "b"]), "classes": ["a"]}, r"labels\[1\] is 'b', none of the classes"),
        ({"classes": ["a"]}, r"labels\[1\] is 1; classes are numbered 0..0"),
        ({"classes": ["a", "a"]}, "two classes have the name 'a'"),
        ({"classes": [1, 2]}, "'classes' is int64"),
        ({"spikes": np.zeros((3, 4))}, r"spikes are float64 \[3, 4\]; give 0 and 1"),
        ({"spikes": np.zeros((0, 4, 2))}, r"spikes are float64 \[0, 4, 2\]"),
        ({"spikes": np.zeros((3, 65_537, 1), np.uint8)}, "have 65537 steps, at most 65536"),
        (
            {"spikes": np.full((3, 4, 2), 2)},
            "sample 0, step 0, line 0 holds 2; training takes 0 and 1: store spikes > 0",
        ),
        ({"spikes": np.full((3, 4, 2), np.nan)}, "sample 0, step 0, line 0 holds nan"),
        ({"spikes": np.full((3, 4, 2), "a")}, "spikes are <U1"),
        ({"dt": 0.0}, "'dt' is float64"),
        ({"dt": np.nan}, "'dt' is float64"),
        ({"dt": [0.1, 0.2]}, r"'dt' is float64 \[2\]; store one number"),
        ({"speaker": np.array([0.5, 1, 2])}, "speaker are float64"),
        ({"speaker": ["a", "b", "c"], "speakers": ["a", "b", "c"]}, "'speaker', which holds none"),
        ({"speakers": ["a", "b"]}, "'speaker', which holds none"),
        ({"speakers": ["a", "b", "a"]}, "a name for each recording; call that array 'speaker'"),
        ({"x": np.zeros(3)}, "unknown array 'x'"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, changes: dict[str, Any], text: str) -> None:
    path = write(tmp_path / "bad.npz", **changes)
    with pytest.raises(InputError, match=text) as caught:
        load(path)
    assert str(path) in str(caught.value)
