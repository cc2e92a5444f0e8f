"""Event files: npz, good and hostile; `load`. HDF5 is in `test_shd.py`."""

import io
import os
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from real_data import HEIDELBERG, real_data

from snnc.errors import InputError
from snnc.trainer.data import load, load_events_npz, save_events_npz
from snnc.trainer.data.events import UNKNOWN, EventDataset
from snnc.trainer.data.oddities import notes_of_new

pytestmark = pytest.mark.slow


def arrays(**changes: Any) -> dict[str, Any]:
    """Two recordings; a value of None leaves its key out."""
    values = {
        "times_1e4": np.array([0, 99, 100, 7], np.uint16),
        "units": np.array([0, 1, 2, 1], np.uint8),
        "offsets": np.array([0, 3, 4], np.uint32),
        "labels": np.array([0, 2], np.uint8),
        "speaker": np.array([4, 5], np.uint8),
        "trial": np.array([0, 1], np.uint8),
        "duration": np.array([0.02, 0.01], np.float32),
    } | changes
    return {key: value for key, value in values.items() if value is not None}


def write(path: Path, **changes: Any) -> Path:
    np.savez_compressed(path, **arrays(**changes))
    return path


def test_reads_tenths_of_milliseconds(tmp_path: Path) -> None:
    ds = load(write(tmp_path / "words.npz"))
    assert (ds.name, ds.tick_s, ds.unit_count, ds.class_names) == ("words", 1e-4, 3, ("0", "1", "2"))
    assert ds.speaker.tolist() == [4, 5]
    np.testing.assert_array_equal(ds.frames([0, 1], 0.01, 2)[0], [[1, 1, 0], [0, 0, 1]])


def test_optional_arrays(tmp_path: Path) -> None:
    path = write(
        tmp_path / "words.npz",
        speaker=None,
        trial=None,
        duration=None,
        classes=np.array(["a", "b", "c"]),
        unit_count=np.array(5),
    )
    ds = load_events_npz(path)
    assert ds.speaker.tolist() == ds.trial.tolist() == [UNKNOWN, UNKNOWN]
    np.testing.assert_allclose(ds.duration, [0.01, 0.0007], rtol=1e-6)
    assert ds.class_names == ("a", "b", "c")
    assert ds.unit_count == 5


@pytest.mark.parametrize("seconds", [False, True])
def test_round_trip(tmp_path: Path, seconds: bool) -> None:
    times = np.array([0.25, 0.1, 0.3], np.float32) if seconds else np.array([5, 65535, 3], np.uint16)
    ds = EventDataset(
        times=times,
        units=np.array([699, 0, 3]),
        offsets=np.array([0, 2, 2, 3]),
        labels=np.array([1, 0, 1]),
        speaker=np.array([0, 300, UNKNOWN]),
        trial=np.array([0, 1, 2]),
        duration=np.array([1, 2, 3], np.float32),
        tick_s=1.0 if seconds else 2.5e-4,
        unit_count=700,
        class_names=("null", "fünf"),
        name="again",
    )
    path = tmp_path / "again.npz"
    save_events_npz(ds, path)
    back = load_events_npz(path)
    for field in ("times", "units", "offsets", "labels", "speaker", "trial", "duration"):
        expected = getattr(ds, field)
        np.testing.assert_array_equal(getattr(back, field), expected)
        assert getattr(back, field).dtype == expected.dtype
    assert (back.tick_s, back.unit_count, back.class_names, back.name) == (
        ds.tick_s,
        700,
        ("null", "fünf"),
        "again",
    )
    first = path.read_bytes()
    save_events_npz(back, path)
    assert path.read_bytes() == first
    assert os.listdir(tmp_path) == ["again.npz"]  # no temporary file is left


def test_saving_into_no_folder_names_it(tmp_path: Path) -> None:
    ds = load_events_npz(write(tmp_path / "a.npz"))
    with pytest.raises(InputError, match="missing"):
        save_events_npz(ds, tmp_path / "missing" / "b.npz")


@pytest.mark.skipif(os.name != "posix", reason="POSIX file modes")
def test_saved_file_follows_the_umask(tmp_path: Path) -> None:
    ds = load_events_npz(write(tmp_path / "a.npz"))
    old = os.umask(0o022)
    try:
        save_events_npz(ds, tmp_path / "b.npz")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "b.npz").stat().st_mode) == 0o644


def test_speakers_have_names(tmp_path: Path) -> None:
    path = write(tmp_path / "a.npz", speaker=np.array([1, 0]), speakers=np.array(["Ann", "Böb"]))
    ds = load_events_npz(path)
    assert (ds.speaker.tolist(), ds.speaker_names) == ([1, 0], ("Ann", "Böb"))
    assert ds.select([1]).speaker_names == ("Ann", "Böb")
    save_events_npz(ds, tmp_path / "b.npz")
    assert load_events_npz(tmp_path / "b.npz").speaker_names == ("Ann", "Böb")
    nobody = load_events_npz(write(tmp_path / "c.npz", speaker=np.array([-1, 0]), speakers=np.array(["Ann"])))
    assert nobody.speaker.tolist() == [UNKNOWN, 0]


@pytest.mark.parametrize(
    ("changes", "unused"), [({}, False), ({"labels": None}, True), ({"labels": None, "classes": None}, False)]
)
def test_classes_that_no_label_counts_are_told(tmp_path: Path, changes: dict[str, Any], unused: bool) -> None:
    ds = load_events_npz(write(tmp_path / "a.npz", **{"classes": ["a", "b", "c"]} | changes))
    assert ds.classes_unused == unused
    note = "has `classes`, but no `labels`: all its recordings are unlabelled"
    assert [note in notes for notes in (ds.notes, notes_of_new(ds))] == [unused, unused]


def test_names_in_place_of_numbers_are_numbered(tmp_path: Path) -> None:
    ds = load_events_npz(write(tmp_path / "a.npz", speaker=np.array(["zoe", "ann"])))
    assert (ds.speaker.tolist(), ds.speaker_names) == ([1, 0], ("ann", "zoe"))


def test_a_file_without_names_of_speakers_has_none(tmp_path: Path) -> None:
    ds = load_events_npz(write(tmp_path / "a.npz"))
    assert ds.speaker_names is None
    save_events_npz(ds, tmp_path / "b.npz")
    with np.load(tmp_path / "b.npz") as saved:
        assert "speakers" not in saved


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"units": None}, "array 'units' is missing"),
        ({"times_1e4": None}, "times_1e4.*both or neither"),
        ({"times": np.zeros(4, np.float32)}, "times_1e4.*both or neither"),
        ({"times_1e4": None, "times": np.zeros(4, np.float32)}, "'tick_s' is missing"),
        ({"speeker": np.zeros(2, int)}, "unknown array 'speeker'"),
        ({"speakers": np.zeros(6, int)}, "'speakers' is int64; store a list of strings"),
        ({"speakers": np.array(["a", "b"])}, r"speaker\[0\] = 4 has none of the 2 names of speakers"),
        ({"speakers": np.array(["a"] * 6)}, "two speakers have the name 'a'"),
        ({"speakers": np.array(["a"] * 2)}, "holds a name for each recording; call that array 'speaker'"),
        ({"speakers": np.array(["a", "b"]), "speaker": None}, "each recording; call that array 'speaker'"),
        ({"speakers": np.array(["a"]), "speaker": None}, "'speaker', which holds none"),
        ({"speakers": np.array(["a", "b"]), "speaker": np.array(["a", "b"])}, "'speaker', which holds none"),
        ({"speaker": np.array(["a", ""])}, "speaker 0 has the name ''"),
        ({"times_1e4": np.zeros(4, np.float32)}, "'times_1e4' is float32"),
        ({"units": np.zeros(4)}, "'units' is float64"),
        ({"units": np.array([0, 1, 9, 1]), "unit_count": np.array(4)}, r"units\[2\] = 9"),
        ({"offsets": np.array([0, 4, 3])}, r"offsets go from 0 to 3"),
        ({"offsets": np.array([0, 2**63, 4], np.uint64)}, r"offsets\[1\]"),
        ({"labels": np.array([0, 2**40])}, "labels.*65535"),
        ({"labels": np.array([0, -2])}, r"labels\[1\] = -2"),
        ({"duration": np.array([1, np.nan], np.float32)}, r"duration\[1\] = nan"),
        ({"times_1e4": None, "times": np.full(4, np.nan, np.float32), "tick_s": np.array(1.0)}, "times.*nan"),
        ({"labels": np.array([[0, 1]])}, "labels"),
        (
            {"offsets": np.array([0, 3])},
            r"'offsets' has length 2, and 2 recordings need one more: np\.append\(offsets, len\(units\)\)",
        ),
        ({"unit_count": np.array(3.0)}, r"^[^:]*: 'unit_count' is missing or no scalar number"),
        ({"speaker": np.array([b"a", b"b"])}, r"store numbers, or names: speaker\.astype\(str\)"),
        (
            {"labels": np.array([0, np.nan])},
            r"labels: recording 1 of 2 has no label \(nan\); leave it out or",
        ),
        (
            {"labels": np.array([0.0, 1.0])},
            r"integers or strings; np\.asarray\(labels\)\.astype\(int\) makes",
        ),
        (
            {"labels": np.array([b"a", b"b"])},
            r"integers or strings; labels\.astype\(str\) makes them of bytes",
        ),
        ({"labels": np.array([[0, 1], [1, 0]])}, r"of one-hot rows take labels\.argmax\(1\)"),
        (
            {"labels": np.array([1, 2]), "classes": np.array(["a", "b"])},
            r"labels\[1\] = 2 is outside 0..1.*labels start at 1: subtract 1",
        ),
        (
            {"labels": np.array(["up", "left"]), "classes": np.array(["up", "down"])},
            r"labels\[1\] is 'left', which 'classes' does not name",
        ),
        (
            {"units": None, "x": np.zeros((2, 3, 4), int), "y": np.zeros(2, int)},
            r"holds 'x' \[2, 3, 4\] and 'y'; if these are .* np\.savez\(file, spikes=x, labels=y, dt=SEC",
        ),
        ({"units": None, "x": np.zeros(4, int), "y": np.zeros(4, int)}, r"store units = x \+ width \* y in"),
        ({"classes": np.array([1, 2, 3])}, "'classes' is int64"),
    ],
)
def test_bad_arrays_are_named(tmp_path: Path, changes: dict[str, Any], text: str) -> None:
    path = write(tmp_path / "bad.npz", **changes)
    with pytest.raises(InputError, match=text) as caught:
        load_events_npz(path)
    assert str(path) in str(caught.value)


def test_pickled_objects_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "bad.npz", labels=np.array([0, "x"], object))
    with pytest.raises(InputError, match=r"bad\.npz: array 'labels' holds pickled Python objects"):
        load_events_npz(path)


@pytest.mark.parametrize("keep", [0, 10, 300, -30])
def test_truncated_file(tmp_path: Path, keep: int) -> None:
    path = write(tmp_path / "bad.npz")
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(InputError, match=r"bad\.npz: not a readable \.npz archive"):
        load_events_npz(path)


def test_flipped_bytes_are_an_input_error(tmp_path: Path) -> None:
    path = write(tmp_path / "bad.npz")
    whole = path.read_bytes()
    refused = 0
    for position in range(0, len(whole), 3):
        damaged = bytearray(whole)
        damaged[position] ^= 0x55
        path.write_bytes(damaged)
        try:
            load_events_npz(path)
        except InputError:
            refused += 1
    assert refused > len(whole) // 12  # the rest hits time stamps and the like


def header_npz(path: Path, shape: tuple[int, ...]) -> Path:
    """A file whose `times_1e4` claims `shape` but holds four values."""
    np.savez(path, **arrays(times_1e4=None))
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": "<u2", "fortran_order": False, "shape": shape})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("times_1e4.npy", stream.getvalue() + bytes(8))
    return path


@pytest.mark.parametrize("shape", [(10**12,), (5,), (3,), (2**62, 2**62)])
def test_header_must_agree_with_the_content(tmp_path: Path, shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match=r"array 'times_1e4' cannot be read.*the file holds 8"):
        load_events_npz(header_npz(tmp_path / "bad.npz", shape))


def test_total_size_has_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "big.npz")
    monkeypatch.setattr("snnc.io.npz.MAX_BYTES", 100)
    with pytest.raises(InputError, match=r"big\.npz: its arrays take \d+ bytes, above the limit of 100"):
        load_events_npz(path)


def test_load_lists_what_it_accepts(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"words\.csv.*'digits'.*\.npz.*\.h5, \.hdf5"):
        load(tmp_path / "words.csv")
    for name in ("gone.npz", "gone.h5", "gone.hdf5"):
        with pytest.raises(InputError, match=f"{name}: no such file"):
            load(tmp_path / name)


def test_the_package_imports_without_torch_or_h5py() -> None:
    code = "import sys, snnc.trainer.data; sys.exit(int(bool({'torch', 'h5py'} & set(sys.modules))))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_real_recordings() -> None:
    ds = load(real_data(HEIDELBERG))
    assert len(ds) == 8156
    assert (ds.unit_count, len(ds.class_names), ds.tick_s) == (140, 20, 1e-4)
    assert ds.offsets[-1] == 10_455_834
    steps = ds.needed_steps(0.01)
    assert steps == 127  # the last event is at 1.2645 s
    some = np.arange(0, 8156, 8)
    assert ds.frames(some, 0.01, steps)[:, :72].mean() == pytest.approx(0.095, abs=0.02)
