"""HDF5 files in the layout of SHD and SSC, good and hostile."""

import re
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from snnc.errors import InputError
from snnc.trainer.data import load, load_shd_hdf5
from snnc.trainer.data.events import UNKNOWN
from snnc.trainer.data.own_files import OF_YOUR_OWN

pytestmark = pytest.mark.slow

OWN = re.escape(OF_YOUR_OWN)


def shd(
    path: Path, *, meta: bool = True, unit_type: str = "<u2", unit_count: Any = None, **changes: Any
) -> Path:
    """Two recordings in the published files' layout; `changes` replace data sets, None leaves one out."""
    times = [np.array([0.25, 0.5, 1.25], np.float16), np.array([0.125], np.float16)]
    units = [np.array([0, 699, 4], unit_type), np.array([5], unit_type)]
    values: dict[str, Any] = {
        "labels": np.array([1, 0], np.uint16),
        "extra/keys": np.array([b"zero", b"f\xc3\xbcnf"]),
        "extra/speaker": np.array([3, 11], np.uint16) if meta else None,
        "spikes/times": times,
        "spikes/units": units,
    } | changes
    with h5py.File(path, "w") as file:
        if unit_count is not None:
            file.attrs["unit_count"] = unit_count
        for key, value in values.items():
            if isinstance(value, list):
                data = file.create_dataset(key, (len(value),), h5py.vlen_dtype(value[0].dtype))
                for i, row in enumerate(value):
                    data[i] = row
            elif value is not None:
                file[key] = value
        if meta:
            file["extra/meta_info/gender"] = np.array([b"f", b"m"])
    return path


@pytest.mark.parametrize("unit_type", ["<u2", "<i8"])
def test_shd_layout(tmp_path: Path, unit_type: str) -> None:
    ds = load(shd(tmp_path / "shd_tiny.h5", unit_type=unit_type))
    assert (ds.unit_count, ds.tick_s, ds.class_names) == (700, 1.0, ("zero", "fünf"))
    assert ds.times.tolist() == [0.25, 0.5, 1.25, 0.125]
    assert ds.units.tolist() == [0, 699, 4, 5]
    assert ds.offsets.tolist() == [0, 3, 4]
    assert ds.labels.tolist() == [1, 0]
    assert ds.speaker.tolist() == [3, 11]
    assert ds.duration.tolist() == [1.25, 0.125]
    frames = ds.frames([0, 1], 0.01, 126, unit_pool=5)
    assert np.argwhere(frames).tolist() == [[0, 25, 0], [0, 50, 139], [0, 125, 0], [1, 12, 1]]


FEW = {"spikes/units": [np.array([0, 47, 4], "u2"), np.array([5], "u2")]}
"""Addresses of 48 lines."""


def test_lines_of_other_files_in_the_layout_of_shd(tmp_path: Path) -> None:
    ds = load(shd(tmp_path / "mine.h5", **FEW))
    assert ds.unit_count == 48
    assert ds.notes[0] == (
        "48 lines are taken, since the largest address is 47; if there are more, set the attribute "
        "unit_count of the file to their number"
    )
    told = load(shd(tmp_path / "mine.h5", unit_count=64, **FEW))
    assert told.unit_count == 64
    assert not any("are taken" in note for note in told.notes)
    many = {"spikes/units": [np.array([0, 900, 4], "u2"), np.array([5], "u2")]}
    assert load(shd(tmp_path / "mine.h5", unit_count=np.array([1024]), **many)).unit_count == 1024
    near = {"spikes/units": [np.array([0, 680, 4], "u2"), np.array([5], "u2")]}
    assert load(shd(tmp_path / "mine.h5", **near)).unit_count == 700
    assert load(shd(tmp_path / "shd_train.h5", **FEW)).unit_count == 700


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "is 0; it must be in 1..65536"), (1.5, "is float64"), ([3, 4], r"of shape \(2,\)")],
)
def test_a_number_of_lines_that_is_none(tmp_path: Path, value: Any, text: str) -> None:
    with pytest.raises(InputError, match=f"attribute 'unit_count' {text}|attribute 'unit_count' .*{text}"):
        load(shd(tmp_path / "mine.h5", unit_count=value))


def test_classes_of_shd_without_names_are_numbers(tmp_path: Path) -> None:
    path = shd(tmp_path / "a.h5", **{"extra/keys": None})
    assert load(path).class_names == ("0", "1")
    for known in (("no", "yes"), ("a", "b", "c")):
        assert load(path, classes=known).class_names == known
    assert load(path, classes=("a",)).class_names == ("0", "1")  # of which 1 is none
    assert load(shd(tmp_path / "b.h5"), classes=("no", "yes")).class_names == ("zero", "fünf")


@pytest.mark.parametrize("fixed", [True, False])
def test_speakers_that_are_texts_have_names(tmp_path: Path, fixed: bool) -> None:
    texts = ["zoë", "an"]
    given = np.array([each.encode() for each in texts])
    speaker = given if fixed else given.astype(h5py.string_dtype())
    ds = load(shd(tmp_path / "a.h5", **{"extra/speaker": speaker}))
    assert (ds.speaker_names, ds.speaker.tolist()) == (("an", "zoë"), [1, 0])


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("extra/keys", "'extra/keys' has 65537 names, at most 65536 are read"),
        ("extra/speaker", "'extra/speaker' has more than 65536 different names, at most 65536 are read"),
    ],
)
def test_names_that_memory_may_not_hold(tmp_path: Path, key: str, text: str) -> None:
    names = np.arange(65537).astype("S5")
    with pytest.raises(InputError, match=text):
        load(shd(tmp_path / "a.h5", **{key: names}))


def test_ssc_has_no_speakers(tmp_path: Path) -> None:
    assert load_shd_hdf5(shd(tmp_path / "ssc.hdf5", meta=False)).speaker.tolist() == [UNKNOWN, UNKNOWN]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"labels": None}, f"'labels' is missing, which the SHD/SSC layout has; {OWN}"),
        ({"spikes/units": None}, f"'spikes/units' is missing, which the SHD/SSC layout has; {OWN}"),
        ({"spikes/times": np.zeros((2, 3), np.float16)}, f"one dimension, ragged for spikes; {OWN}"),
        ({"spikes/times": np.zeros(2, np.float16)}, f"layout has ragged rows; {OWN}"),
        ({"labels": np.zeros(2, [("class", "i8")])}, f"numbers, and names as text; {OWN}"),
        (
            {"spikes/units": [np.zeros(3, "f2"), np.zeros(1, "f2")]},
            "rows of 'spikes/units' are float16; store integers",
        ),
        (
            {"spikes/times": [np.zeros(3, "i8"), np.zeros(1, "i8")]},
            "rows of 'spikes/times' are int64; store floats, the seconds of events",
        ),
        ({"labels": np.array([1.0, np.nan])}, r"labels: recording 1 of 2 has no label \(nan\); leave it out"),
        ({"labels": np.array([1.0, 0.0])}, r"whole numbers; np\.asarray\(labels\)\.astype\(int\) makes them"),
        ({"labels": np.array([0.5, 0.0])}, "'labels' are float64; store whole numbers$"),
        (
            {"spikes/times": [np.array([1, 2, 9e5], "f4"), np.zeros(1, "f4")]},
            "of at most 1 s; store seconds in spikes/times$",
        ),
        ({"spikes/units": [np.zeros(2, "u2"), np.zeros(2, "u2")]}, "rows of different lengths"),
        ({"spikes/units": [np.array([0, 700, 1], "u2"), np.zeros(1, "u2")]}, r"units\[1\] = 700"),
        ({"spikes/times": [np.array([0, np.nan, 1], "f2"), np.zeros(1, "f2")]}, r"times\[1\] = nan"),
        ({"labels": np.array([0, 2])}, r"labels\[1\] = 2"),
        ({"labels": np.array([0, 1, 1])}, "labels need"),
        ({"labels": np.array([[0], [1]])}, r"'labels' has shape \(2, 1\)"),
        ({"extra/speaker": np.array([0.5, 1.0])}, "speaker are float64"),
        ({"extra/speaker": np.array([b"eva", b"zo\xeb"])}, r"'extra/speaker' holds .*zo\\xeb.*not UTF-8"),
        (
            {"extra/speaker": np.array([b"eva", b"x" * 1025]).astype(h5py.string_dtype())},
            r"'extra/speaker'\[1\] has 1025 bytes, a name has at most 1024",
        ),
        ({"extra/speaker": np.array([b"eva", b""])}, "speaker 0"),
        ({"extra/speaker": [np.zeros(1, "u2")] * 2}, f"'extra/speaker' is object; .* names as text; {OWN}"),
        ({"extra/keys": [np.zeros(1, "u2")] * 2}, f"'extra/keys' is object; .* names as text; {OWN}"),
        ({"extra/keys": np.array([b"zero", b"f\xfcnf"])}, r"'extra/keys' holds .*f\\xfcnf.*not UTF-8"),
    ],
)
def test_bad_shd_files_are_named(tmp_path: Path, changes: dict[str, Any], text: str) -> None:
    path = shd(tmp_path / "bad.h5", **changes)
    with pytest.raises(InputError, match=text) as caught:
        load(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b not HDF5", None])
def test_truncated_shd_file(tmp_path: Path, content: bytes | None) -> None:
    path = shd(tmp_path / "bad.h5")
    path.write_bytes(path.read_bytes()[:2000] if content is None else content)
    with pytest.raises(InputError, match=r"bad\.h5: not a readable HDF5 file"):
        load(path)
