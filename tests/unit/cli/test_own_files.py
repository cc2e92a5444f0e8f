"""Files of events in a layout of their own are refused with what makes recordings of them."""

from __future__ import annotations

import h5py
import numpy as np

REMEDY = (
    "of events of your own, give the times and the input lines of the events of all recordings, and the "
    "classes that are known, to snnc.from_events (docs/data.md, your own events), and write an event file "
    "with save_events_npz"
)


def own_hdf5(path):
    with h5py.File(path, "w") as file:
        file["events/t"], file["events/x"] = [1, 2], [3, 4]
    return path


def test_one_file(tmp_path, tiny_artifact, refused):
    np.savez(tmp_path / "a.npz", t=[1, 2], line=[3, 4])
    (tmp_path / "a.aedat").write_bytes(b"#!AER-DAT2.0\r\n\0\0\0\1")
    for one in (own_hdf5(tmp_path / "a.h5"), tmp_path / "a.npz", tmp_path / "a.aedat"):
        for command in (["inspect", one], ["train", one], ["run", tiny_artifact, "-i", one]):
            assert REMEDY in refused(*command)


def test_a_folder_of_them(tmp_path, tiny_artifact, refused):
    folder = tmp_path / "own"
    for name in ("left", "right"):
        (folder / name).mkdir(parents=True)
        own_hdf5(folder / name / "a.h5")
    (folder / "right/b.mat").write_bytes(b"MATLAB 5.0 MAT-file")
    said = (
        f"{folder}: holds no WAV file, but other files (2 .h5, 1 .mat: left/a.h5, right/a.h5, right/b.mat); "
        f"name one that `snnc inspect FILE` knows; {REMEDY}"
    )
    for command in (["train", folder], ["inspect", folder], ["encode", folder]):
        assert said in refused(*command)
    assert said in refused("run", tiny_artifact, "-i", folder)


def test_other_files_are_not_called_events(tmp_path, refused):
    (tmp_path / "notes.rst").write_text("Nothing of ours.\n")
    for command in (["inspect", tmp_path / "notes.rst"], ["encode", tmp_path]):
        assert "from_events" not in refused(*command)
