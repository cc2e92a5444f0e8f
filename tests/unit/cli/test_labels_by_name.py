"""Labels of other data: by the names of classes where they are known, told where they do not fit."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from label_commands import COMMANDS
from order_task import config, order_task

import snnc
from snnc.cli import main
from snnc.errors import InputError, UnlikelyWarning
from snnc.text import did_you_mean
from snnc.trainer.data import EventDataset, save_events_npz
from snnc.trainer.loop import train
from snnc.trainer.model_file import save_model

OTHERWISE = "the classes seem to have other names than those that the network learned: "
IN_ANOTHER_ORDER = "the labels seem to number the classes in another order than the network: "


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """m.pt and its export m.c, of the classes rising and falling; n.pt and n.c, of 0 and 1."""
    folder = tmp_path_factory.mktemp("files")
    for name, classes in (("m", ("rising", "falling")), ("n", ("0", "1"))):
        task = replace(order_task(120), class_names=classes)
        save_events_npz(task, folder / f"{name}.npz")
        told = config(dataset=str(folder / f"{name}.npz"), epochs=8, quantise_epochs=0)
        save_model(train(told), folder / f"{name}.pt")
        snnc.load(folder / f"{name}.pt").export("c", folder / f"{name}.c", budget=False)
    return folder


@pytest.fixture(autouse=True)
def _there(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)


def others(names: tuple[str, ...], labels: list[int]) -> EventDataset:
    """New recordings, the rising of which get the first of `labels`, and the falling the second."""
    task = order_task(60)
    times = (task.times + 1).astype(np.uint16)
    return replace(task, times=times, class_names=names, labels=np.array(labels)[task.labels])


def told(capsys: pytest.CaptureFixture[str], model: str, command: tuple[str, ...], file: str) -> str:
    capsys.readouterr()
    assert main([*(word.format(model) for word in command), file]) == 0
    found = capsys.readouterr()
    return " ".join((found.out + found.err).split())


@pytest.mark.parametrize("command", COMMANDS)
def test_names_decide_whatever_their_order(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    save_events_npz(others(("falling", "rising"), [1, 0]), Path("turned.npz"))
    words = told(capsys, "m", command, "turned.npz")
    assert OTHERWISE not in words
    assert IN_ANOTHER_ORDER not in words
    save_events_npz(others(("falling", "rising"), [0, 1]), Path("wrong.npz"))  # rising is called falling
    words = told(capsys, "m", command, "wrong.npz")
    assert OTHERWISE in words
    assert "labelled rising are taken for falling" in words


@pytest.mark.parametrize("command", COMMANDS)
def test_numbers_in_another_order_are_told(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing else could tell it: neither file names its classes."""
    save_events_npz(others(("0", "1"), [0, 1]), Path("same.npz"))
    assert IN_ANOTHER_ORDER not in told(capsys, "n", command, "same.npz")
    save_events_npz(others(("0", "1"), [1, 0]), Path("turned01.npz"))
    assert IN_ANOTHER_ORDER in told(capsys, "n", command, "turned01.npz")


def test_python_warns_of_it() -> None:
    wrong = others(("falling", "rising"), [0, 1])
    for model in ("m.pt", "m.c"):
        with pytest.warns(UnlikelyWarning, match=OTHERWISE):
            snnc.test(model, wrong)
    found = snnc.load("m.c").verify(
        data=wrong, executors=["oracle"], generated=0, allow_missing=True, verbose=False
    )
    assert any(OTHERWISE in note for note in found.report.notes)
    with pytest.warns(UnlikelyWarning, match=OTHERWISE):
        snnc.finetune(snnc.load("m.pt"), wrong, target="c", epochs=1, verbose=False)


@pytest.mark.parametrize(
    ("names", "model", "words"),
    [
        (("Rising", "falling"), "m", "write 'Rising' as 'rising'"),
        (
            ("RISING", "Falling"),
            "m",
            "write 'RISING' as 'rising'",
        ),
    ],
)
def test_names_in_another_case_are_named(
    names: tuple[str, ...], model: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    save_events_npz(others(names, [0, 1]), Path("case.npz"))
    for *command, option in COMMANDS:
        capsys.readouterr()
        code = main([*(word.format(model) for word in command), option, "case.npz"])
        found = capsys.readouterr()
        assert words in " ".join((found.out + found.err).split()), command
        assert code == (2 if option == "--dataset" else 0)


def test_labels_in_another_case_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    made = snnc.load("m.c")
    x = others(("rising", "falling"), [0, 1]).frames(np.arange(10), made.graph.bin_s, made.graph.time_steps)
    labels = np.array(["Rising"] * 10)
    with pytest.raises(InputError, match="did you mean 'rising'"):
        made.verify(x, labels=labels, executors=["oracle"], allow_missing=True)
    np.savez("dense.npz", spikes=x, labels=np.zeros(10, int), classes=["Rising", "falling"])
    assert main(["run", "m.c", "--input", "dense.npz"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "the network has rising, falling; write 'Rising' as 'rising': letter case and spaces count" in told
    file = dict(np.load("m.npz"))
    np.savez("named.npz", **file | {"labels": np.array(["Rising", "falling"])[file["labels"]]})
    with pytest.raises(InputError, match=r"does not name; write 'Rising' as 'rising': .*; add"):
        snnc.load_data("named.npz")


def test_a_name_in_another_case_is_meant() -> None:
    assert did_you_mean("no", ["No", "Yes"]) == " (did you mean 'No'?)"


def test_recordings_without_labels_are_for_run(capsys: pytest.CaptureFixture[str]) -> None:
    """The command can be pasted: of an export, whose folder is known."""
    save_events_npz(others(("?",), [0, 0]), Path("new.npz"))
    for command in COMMANDS[1:3]:
        assert main([*(word.format("m") for word in command), "new.npz"]) == 2
        said = (
            "has no labels; `snnc run m.c --input new.npz` tells their classes, `snnc verify m.c --input new"
        )
        assert said in capsys.readouterr().err
    assert main(["run", "m.c", "--input", "new.npz"]) == 0
    assert main(["verify", "m.c", "--input", "new.npz", "--executors", "oracle", "--allow-missing"]) == 0
    capsys.readouterr()
    assert main(["test", "m.pt"]) == 0
    assert "; `snnc test m.c` tells that of the integers" in " ".join(capsys.readouterr().out.split())
    shutil.move("m.c", "of_c")  # or it is not known where
    assert main(["test", "m.pt"]) == 0
    words = "; `snnc test` of what `snnc export` writes tells that of the integers"
    assert words in " ".join(capsys.readouterr().out.split())
