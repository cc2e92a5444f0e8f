"""A file of another kind is called what it is, and not truncated."""

from __future__ import annotations

import io
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from models import saved, tiny_model

import snnc
from snnc.errors import InputError, ModelFileError
from snnc.io.npz import read_npz
from snnc.io.other_kinds import kind_of
from snnc.io.tensor_file import load_tensors, save_tensors


def _array() -> bytes:
    file = io.BytesIO()
    np.save(file, np.zeros((2, 12, 5)))
    return file.getvalue()


KINDS = {
    "empty": b"",
    "text": "Schöne Notizen.\n".encode(),
    "one array of NumPy (.npy)": _array(),
    "an HDF5 file": b"\x89HDF\r\n\x1a\n" + bytes(8),
    "a pickle, which is never loaded": pickle.dumps({"a": 1}),
    "packed by gzip": b"\x1f\x8b\x08" + bytes(9),
    "sound (WAV)": b"RIFF\x00\x00\x00\x00WAVE",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("read", "what"),
    [
        (lambda path: load_tensors(path, "checkpoint"), "not a checkpoint"),
        (read_npz, "not a readable .npz archive"),
    ],
)
def test_a_file_is_called_what_it_is(kind, read, what, tmp_path: Path) -> None:
    (tmp_path / "own").write_bytes(KINDS[kind])
    with pytest.raises((InputError, ModelFileError)) as refusal:
        read(tmp_path / "own")
    assert str(refusal.value).startswith(f"{tmp_path / 'own'}: {what}: it is {kind}")


def test_a_letter_that_is_cut_is_text_and_other_bytes_are_not() -> None:
    assert kind_of("ö".encode() * 3 + "ö".encode()[:1]) == "text"
    for head in (b"\xff\xfe12", b"abc\x00", os.urandom(400) + b"\xff\x00", b"PK\x03\x04"):
        assert kind_of(head) is None


def test_an_archive_that_is_cut_is_called_truncated(tmp_path: Path) -> None:
    save_tensors({"a": torch.zeros(9)}, tmp_path / "a.pt")
    np.savez(tmp_path / "a.npz", spikes=np.zeros(99))
    for name, read in (("a.pt", lambda path: load_tensors(path, "model file")), ("a.npz", read_npz)):
        content = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(content[: len(content) // 2])
        with pytest.raises((InputError, ModelFileError), match="it may be truncated"):
            read(tmp_path / name)


def test_arrays_in_an_archive_are_no_tensors(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.zeros(3), labels=np.zeros(3))
    with pytest.raises(ModelFileError, match=r"not a checkpoint: it holds arrays of NumPy \(x, labels\)"):
        load_tensors(tmp_path / "a.npz", "checkpoint")


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.npy").write_bytes(_array())
    torch.save(torch.zeros(2, 12, 5), "a.pt")
    np.savez("a.npz", x=np.zeros((4, 12, 5)), labels=np.zeros(4, int))
    np.savez("few.npz", x=np.zeros((4, 12, 5)))
    (tmp_path / "a.txt").write_text("notes\n")
    saved(tiny_model(), tmp_path).rename("m.pt")
    return tmp_path


def test_an_array_is_no_network(files: Path) -> None:
    with pytest.raises(ModelFileError) as refusal:
        snnc.load("a.npy")
    said = str(refusal.value)
    assert said.startswith(
        "a.npy: one array of NumPy; of spikes, write np.savez(FILE, spikes=array), [samples"
    )
    assert "exported.predict(numpy.load('a.npy')) gives the classes" in "".join(refusal.value.args)
    exported = snnc.load("m.pt").export("c", "m.c")
    assert len(exported.predict(np.load("a.npy"))) == 2


def test_the_example_of_a_file_is_read_as_its_kind(files: Path) -> None:
    module = torch.nn.Linear(5, 3)
    for name, read in (
        ("a.npy", "torch.from_numpy(numpy.load('a.npy'))"),
        ("a.npz", "torch.from_numpy(numpy.load('a.npz')['NAME'])"),
        ("a.pt", "torch.load('a.pt')"),
        (Path("a.PTH"), "torch.load('a.PTH')"),
        ("a.txt", "torch.from_numpy(numpy.load(path)) does of an .npy"),
    ):
        with pytest.raises(InputError) as refusal:
            snnc.from_torch(module, name, dt=1e-3)
        assert refusal.value.args == (
            f"the example is {name!r}, expected a tensor" if isinstance(name, str) else refusal.value.args[0],
            f"A path is no example: load the file, as {read}",
        )


def test_tensors_in_a_file_are_no_data(files: Path, refused) -> None:
    exported = snnc.load("m.pt").export("c", "m.c")
    told = "of a tensor of spikes, write np.savez(FILE, spikes=torch.load('a.pt').numpy())"
    for use in (exported.predict, snnc.load_data, snnc.train, lambda path: exported.verify(data=path)):
        with pytest.raises(InputError) as refusal:
            use("a.pt")
        assert told in str(refusal.value)
    for use in (lambda path: exported.verify(path), lambda path: snnc.from_arrays(path, ["a"], dt=1e-3)):
        with pytest.raises(InputError, match=r"give (x=)?torch.load\('a.pt'\)"):
            use("a.pt")
    assert told in refused("run", "m.c", "-i", "a.pt")
    assert told in refused("train", "digits", "--dataset", "a.pt", "-o", "b.pt")


def test_samples_of_other_names_are_to_be_called_spikes(files: Path, refused) -> None:
    exported = snnc.load("m.pt").export("c", "m.c")
    told = "call them spikes [samples, T, lines] and labels: np.savez(file, spikes=x, labels=labels, dt="
    for use in (exported.predict, snnc.load_data, snnc.train):
        with pytest.raises(InputError) as refusal:
            use("a.npz")
        assert told in str(refusal.value)
        with pytest.raises(InputError, match=r"call them spikes .*: np.savez\(file, spikes=x, dt="):
            use("few.npz")
    for command in (("run", "m.c", "-i", "a.npz"), ("inspect", "a.npz"), ("train", "a.npz", "-o", "b.pt")):
        assert told in refused(*command)
    arrays = np.load("a.npz")
    np.savez("own.npz", spikes=arrays["x"], labels=arrays["labels"], dt=0.02)
    assert len(exported.predict("own.npz")) == 4


def test_what_is_no_checkpoint_is_said(files: Path, refused) -> None:
    for name, kind in (
        ("a.txt", ": it is text; name another file"),
        ("m.pt", " of version 2 (its format is 'snnc-model'); name another file for it"),
    ):
        with pytest.raises(ModelFileError, match="not a checkpoint") as refusal:
            snnc.train("digits", checkpoint=name, resume=True, epochs=1)
        assert str(refusal.value) == f"{name}: not a checkpoint{kind}"
        assert (files / name).stat().st_size
