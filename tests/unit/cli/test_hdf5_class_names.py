"""Files in the layout of SHD with and without names of classes, of a network that was trained on another."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import h5py
import numpy as np
import pytest
from label_commands import COMMANDS
from order_task import config, order_task

import snnc
from snnc.cli import main
from snnc.errors import SnncError
from snnc.trainer.data import save_events_npz
from snnc.trainer.loop import train
from snnc.trainer.model_file import save_model

pytestmark = pytest.mark.slow

CLASSES = ["rising", "falling"]
OF_H5 = "in the data set `extra/keys` of the file, in the order of the labels' numbers"


def hdf5(name: str, names: list[str] | None = None, more: int = 0) -> None:
    """40 new recordings as of the order task, the first label `more` higher."""
    task = order_task(40)
    seconds = (task.times + 1) * task.tick_s
    labels = task.labels.copy()
    labels[0] += more
    with h5py.File(name, "w") as file:
        for key, values, kind in (("times", seconds, np.float32), ("units", task.units, np.uint16)):
            rows = file.create_dataset(f"spikes/{key}", (40,), h5py.vlen_dtype(kind))
            for at in range(40):
                rows[at] = values[task.offsets[at] : task.offsets[at + 1]].astype(kind)
        file["labels"] = labels
        file.attrs["unit_count"] = task.unit_count
        if names is not None:
            file["extra/keys"] = names


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """m.pt and its export m.c, of the classes rising and falling."""
    folder = tmp_path_factory.mktemp("files")
    save_events_npz(dataclasses.replace(order_task(120), class_names=tuple(CLASSES)), folder / "m.npz")
    save_model(train(config(dataset=str(folder / "m.npz"), epochs=8)), folder / "m.pt")
    snnc.load(folder / "m.pt").export("c", folder / "m.c", budget=False)
    return folder


@pytest.fixture
def place(trained: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(trained)
    return trained


def told(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    capsys.readouterr()
    assert main([*words]) == code
    found = capsys.readouterr()
    return " ".join((found.out + found.err).split())


@pytest.mark.parametrize("command", COMMANDS)
def test_numbers_without_names_count_the_classes_of_the_network(
    command: tuple[str, ...], place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hdf5("numbers.h5")
    hdf5("names.h5", CLASSES)
    shares = [
        [word for word in text.split("next:")[0].split() if "%" in word]
        for text in (
            told(capsys, *(word.format("m") for word in command), file) for file in ("numbers.h5", "names.h5")
        )
    ]
    assert shares[0] == shares[1] != []


def test_the_remedy_of_a_strange_class_works_as_it_is_typed(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hdf5("odd.h5", ["rising", "down"])
    said = told(capsys, "test", "m.pt", "--dataset", "odd.h5", code=2)
    assert f"or name the classes as the model does, {OF_H5}; if these are the model's, in Python: " in said
    exec(said.partition("in Python: ")[2], {"h5py": h5py})
    with h5py.File("odd.h5", "r") as file:
        assert [each.decode() for each in file["extra/keys"]] == CLASSES
    assert main(["test", "m.pt", "--dataset", "odd.h5"]) == 0


def test_numbers_beyond_the_classes_are_told(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hdf5("many.h5", more=4)
    most = 4 + int(order_task(40).labels[0])
    said = told(capsys, "test", "m.pt", "--dataset", "many.h5", code=2)
    assert (
        f"its labels are numbers without names up to {most}, and those of the model's classes are 0 to 1: "
        "leave out the recordings beyond (1 of 40; first: recording 0), or name the classes as the model "
        f"does, {OF_H5}"
    ) in said
    note = f"the network has rising, falling; name these as the network does, {OF_H5}"
    assert note in told(capsys, "run", "m.c", "-i", "many.h5")
    verify = [
        "verify",
        "m.c",
        "--executors",
        "oracle",
        "--allow-missing",
        "--generated",
        "0",
        "-i",
        "many.h5",
    ]
    assert note in told(capsys, *verify)
    hdf5("one.h5")
    with h5py.File("one.h5", "r+") as file:
        file["labels"][:] = file["labels"][:] + 1
    said = told(capsys, "test", "m.pt", "--dataset", "one.h5", code=2)
    assert "its labels are numbers without names, and count from 1: subtract 1" in said


def test_recordings_in_memory_have_a_remedy_of_their_own(place: Path) -> None:
    hdf5("new.h5")
    network, data = snnc.load("m.pt"), snnc.load_data("new.h5")
    with pytest.raises(SnncError, match="in class_names of the recordings, in the order") as caught:
        snnc.test(network, data)
    names = {"dataclasses": dataclasses, "data": data}
    exec(str(caught.value).partition("in Python: ")[2], names)
    assert snnc.test(network, names["data"]) == snnc.test(network, "new.h5")


def test_inspect_says_that_classes_have_no_names(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hdf5("new.h5")
    said = "labels are numbers, and the file has no names of classes: "
    text = told(capsys, "inspect", "new.h5")
    assert said in text
    assert f"name the classes as the network does, {OF_H5}" in text
    hdf5("new.h5", CLASSES)
    assert said not in told(capsys, "inspect", "new.h5")
