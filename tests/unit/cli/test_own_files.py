"""Files of events in a layout of their own are refused with what makes recordings of them."""

from __future__ import annotations

import pickle

import h5py
import numpy as np

REMEDY = (
    "of events of your own, give the times and the input lines of the events of all recordings, and the "
    'classes that are known, to snnc.from_events (docs/data.md, "A folder of files of your own"), and write '
    "an event file with snnc.trainer.data.save_events_npz"
)


def own_hdf5(path):
    with h5py.File(path, "w") as file:
        file["events/t"], file["events/x"] = [1, 2], [3, 4]
    return path


class Runs:
    """Leaves a file where it is unpickled."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return open, (str(self.mark), "w")


def pickled(path):
    path.write_bytes(pickle.dumps([[1, 2], [3, 4], Runs(path.with_name("ran"))]))


def test_one_file(tmp_path, tiny_artifact, refused):
    np.savez(tmp_path / "a.npz", t=[1, 2], line=[3, 4])
    (tmp_path / "a.aedat").write_bytes(b"#!AER-DAT2.0\r\n\0\0\0\1")
    pickled(tmp_path / "a.pkl")
    for one in (own_hdf5(tmp_path / "a.h5"), *(tmp_path / f"a.{end}" for end in ("npz", "aedat", "pkl"))):
        for command in (["inspect", one], ["train", one], ["run", tiny_artifact, "-i", one]):
            assert REMEDY in refused(*command)
    (tmp_path / "m.dat").write_bytes((tmp_path / "a.pkl").read_bytes())
    assert "m.dat: Python objects (pickle), which snnc never loads" in refused("train", tmp_path / "m.dat")
    assert "a.pkl: Python objects (pickle), which snnc never loads" in refused("inspect", tmp_path / "a.pkl")
    assert not (tmp_path / "ran").exists()


def test_a_folder_of_them(tmp_path, tiny_artifact, refused):
    folder = tmp_path / "own"
    for name in ("left", "right"):
        (folder / name).mkdir(parents=True)
        own_hdf5(folder / name / "a.h5")
    (folder / "right/b.mat").write_bytes(b"MATLAB 5.0 MAT-file")
    holds = "holds no WAV file, but other files (2 .h5, 1 .mat: left/a.h5, right/a.h5, right/b.mat)"
    said = f"{folder}: {holds}; name one that `snnc inspect FILE` knows; {REMEDY}"
    for command in (["train", folder], ["encode", folder]):
        assert said in refused(*command)
    for command in (["inspect", folder], ["run", tiny_artifact, "-i", folder]):  # have looked at the first
        assert f"{folder}: {holds}; {REMEDY}" in refused(*command)


def test_a_folder_whose_first_file_may_be_known(tmp_path, refused):
    """In the layout of SHD, or damaged."""
    for name in ("known", "damaged"):
        (tmp_path / name).mkdir()
        own_hdf5(tmp_path / name / "b.h5")
    with h5py.File(tmp_path / "known/a.h5", "w") as file:
        file["spikes/times"] = [1, 2]
    (tmp_path / "damaged/a.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    for name in ("known", "damaged"):
        assert "(2 .h5: a.h5, b.h5); name one that `snnc inspect FILE`" in refused("inspect", tmp_path / name)


def test_what_an_unknown_file_holds_is_told(tmp_path, refused):
    """Six of it at most, in which a name cannot steer the terminal."""
    with h5py.File(own_hdf5(tmp_path / "a.h5"), "a") as file:
        file["image"] = np.zeros((2, 3, 4))
        file["none"] = h5py.Empty("f4")
        file.attrs["who"], file.attrs["\x1b[2J"] = "S01", 1
    said = refused("inspect", tmp_path / "a.h5")
    held = "events/t [2], events/x [2], image [2, 3, 4], none, attribute \\x1b[2J, attribute who"
    assert f"HDF5 that snnc does not know (it holds {held}): no trace" in said
    with h5py.File(tmp_path / "a.h5", "a") as file:
        file["a"] = 1.0
    assert "(it holds a [], events/t [2], events/x [2], image [2, 3, 4], none, " in (
        said := refused("inspect", tmp_path / "a.h5")
    )
    assert said.count("attribute ") == 1
    assert ", ...): no trace" in said
    h5py.File(tmp_path / "b.h5", "w").close()
    assert "(it holds no data set): no trace" in refused("inspect", tmp_path / "b.h5")


def test_other_files_are_not_called_events(tmp_path, refused):
    (tmp_path / "notes.rst").write_text("Nothing of ours.\n")
    for command in (["inspect", tmp_path / "notes.rst"], ["encode", tmp_path]):
        assert "from_events" not in refused(*command)
