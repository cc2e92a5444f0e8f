"""Where the data of training changed under their name, each command that is named next runs as printed."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from order_task import config, order_task

import snnc
from snnc.cli import main
from snnc.errors import InputError, UnlikelyWarning
from snnc.trainer.data import save_events_npz
from snnc.trainer.loop import train
from snnc.trainer.model_file import save_model

QUICK = ("--executors", "oracle", "--allow-missing", "--generated", "0")


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """m.pt of data.npz, which changed since; prints of a command that succeeds."""
    monkeypatch.chdir(tmp_path)
    save_events_npz(order_task(40), Path("data.npz"))
    told = config(dataset="data.npz", epochs=1, finetune_epochs=0, quantise_epochs=0)
    save_model(train(told), Path("m.pt"))
    before = order_task(40)
    save_events_npz(replace(before, labels=np.roll(before.labels, 1)), Path("data.npz"))

    def printed(*command: str) -> str:
        capsys.readouterr()
        assert main(list(command)) == 0, capsys.readouterr().err
        found = capsys.readouterr()
        return found.out + found.err

    return printed


def following(text: str) -> list[str]:
    (line,) = (each for each in text.splitlines() if each.startswith("next: "))
    return line.removeprefix("next: ").split("; then ")


@pytest.mark.parametrize(
    ("command", "named"),
    [
        (("export", "m.pt", "-t", "c", "-o", "m.c"), "snnc verify m.c --dataset none"),
        (
            ("export", "m.pt", "-t", "c", "-o", "m.c", "--max-drop", "90", "--dataset", "data.npz"),
            "snnc verify m.c --dataset data.npz",
        ),
    ],
)
def test_after_export(out, command: tuple[str, ...], named: str) -> None:
    assert following(out(*command)) == [named]
    out(*shlex.split(named)[1:], *QUICK)


def told(split: str, count: int) -> str:
    """In steps of 40 recordings, speakers 8 and 9 test and 7 validates."""
    return (
        f"{count} of 40 recordings of data.npz, not the file of training (another SHA-256): {split}, by the "
        "rules of training; whether its recordings trained the network is not known (the data of training"
    )


def test_each_accuracy_says_that_nobody_knows_whether_they_trained(out) -> None:
    assert told("test", 8) in out("test", "m.pt", "--dataset", "data.npz")
    assert told("validation", 4) in out("test", "m.pt", "--dataset", "data.npz", "--split", "validation")
    text = out("export", "m.pt", "-t", "c", "-o", "m.c", "--dataset", "data.npz")
    assert "measured on " + told("validation", 4) in " ".join(text.split())
    measured_on = json.loads(Path("m.c/manifest.json").read_text())["provenance"]["measured_on"]
    assert measured_on.startswith(told("validation", 4))
    assert told("test", 8) in out("test", "m.c", "--dataset", "data.npz")
    text = out("verify", "m.c", "--dataset", "data.npz", *QUICK)
    assert "note: " + told("test", 8) in " ".join(text.split())
    assert any(
        each.startswith(told("test", 8)) for each in json.loads(Path("m.c/report.json").read_text())["notes"]
    )
    text = out("targets", "--for", "m.pt", "--dataset", "data.npz")
    assert "note: measured on " + told("validation", 4) in text


def test_inspect_says_it_of_what_was_measured_before(out) -> None:
    out("export", "m.pt", "-t", "c", "-o", "m.c", "--dataset", "data.npz")
    out("verify", "m.c", "--dataset", "data.npz", *QUICK)
    text = " ".join(out("inspect", "m.c").split())
    assert re.search(r"accuracy, quantised: \d of 8, test of data.npz, not the file of training", text)
    assert f"note, test: {told('test', 8)}" in text
    text = " ".join(out("inspect", "m.pt", "m.c").split())
    assert "8, test of data.npz, not the file of training" in text
    assert "4, validation of data.npz, not the file of training" in text
    assert f"note: m.c: accuracy, integers: {told('test', 8)}" in text
    assert f"note: m.c: validation, integers: {told('validation', 4)}" in text


def test_python_warns_of_it(out) -> None:
    network = snnc.load("m.pt")
    with pytest.warns(UnlikelyWarning, match=re.escape(told("test", 8))):
        snnc.test(network, "data.npz")
    with pytest.warns(UnlikelyWarning, match=re.escape(told("validation", 4))):
        exported = network.export("c", "m.c", data="data.npz")
    with pytest.warns(UnlikelyWarning, match=re.escape(told("test", 8))):
        exported.verify(data="data.npz", executors=["oracle"])


def test_export_says_once_why_they_are_not_read(out) -> None:
    text = " ".join(out("export", "m.pt", "-t", "c", "-o", "m.c").split())
    assert text.count("another SHA-256") == 1
    assert "counted on golden inputs, not on recordings, which cannot be read" in text


def test_after_run_test_and_inspect(out) -> None:
    out("export", "m.pt", "-t", "c", "-o", "m.c")
    assert following(out("inspect", "m.c")) == ["snnc verify m.c --dataset none"]
    assert following(out("test", "m.c", "--dataset", "data.npz")) == ["snnc verify m.c --dataset data.npz"]
    assert following(out("run", "m.c", "-i", "data.npz")) == ["snnc verify m.c --input data.npz"]
    text = " ".join(out("verify", "m.c", "--input", "data.npz", *QUICK).split())
    assert "note: compared on no recordings of its own: event data 'data.npz' are not those" in text
    assert "next: " in out("run", "m.c", "-i", "data.npz")  # its program did not run, so nothing is shown yet


def test_inspect_names_the_file_that_the_export_was_given_while_it_is_there(out, monkeypatch) -> None:
    out("export", "m.pt", "-t", "c", "-o", "m.c", "--dataset", "data.npz")
    (named,) = following(out("inspect", "m.c"))
    assert named == "snnc verify m.c --dataset data.npz"
    monkeypatch.chdir("m.c")
    (elsewhere,) = following(out("inspect", "../m.c"))
    assert Path(shlex.split(elsewhere)[-1]).samefile("../data.npz")
    monkeypatch.chdir("..")
    Path("data.npz").write_bytes(b"other")
    assert following(out("inspect", "m.c")) == ["snnc verify m.c --dataset none"]
    Path("data.npz").unlink()
    assert following(out("inspect", "m.c")) == ["snnc verify m.c --dataset none"]


def test_what_inspect_names_runs(out) -> None:
    out("export", "m.pt", "-t", "c", "-o", "m.c", "--dataset", "data.npz")
    (named,) = following(out("inspect", "m.c"))
    assert "accuracy" in out(*shlex.split(named)[1:], *QUICK)


def test_an_error_in_python_names_the_argument_and_its_value(out) -> None:
    with pytest.raises(InputError, match=r"; to use them on purpose, give data='data\.npz'$"):
        snnc.test(snnc.load("m.pt"))


def test_run_names_no_verify_after_one_that_succeeded(out) -> None:
    out("export", "m.pt", "-t", "c", "-o", "m.c")
    out("verify", "m.c", "--dataset", "none", "--generated", "0")
    assert "next: " not in out("run", "m.c", "-i", "data.npz")
    assert following(out("test", "m.c", "--dataset", "data.npz")) == ["snnc run m.c --input data.npz"]


def test_the_export_that_is_named_after_test_measures_on_the_same_data(out) -> None:
    (named,) = following(out("test", "m.pt", "--dataset", "data.npz"))
    assert named == "snnc export m.pt --dataset data.npz --target c  # or loihi, fpga"
    assert "no loss budget" not in out(*shlex.split(named, comments=True)[1:])


def test_it_names_no_data_in_which_nothing_validates(out) -> None:
    save_events_npz(order_task(40).select(np.arange(2)), Path("few.npz"))
    (named,) = following(out("test", "m.pt", "--dataset", "few.npz"))
    assert named == "snnc export m.pt --target c  # or loihi, fpga"
    out(*shlex.split(named, comments=True)[1:])


def test_the_integers_are_tested_on_the_same_recordings(out) -> None:
    out("export", "m.pt", "-t", "c", "-o", "m.c")
    for given in (("--dataset", "data.npz"), ("--split", "train", "--dataset", "data.npz")):
        text = out("test", "m.pt", *given)
        (named,) = re.findall(r"`(snnc test m\.c.*?)` tells that of the integers", text)
        assert named == shlex.join(["snnc", "test", "m.c", *given])
        out(*shlex.split(named)[1:])


@pytest.mark.parametrize("command", [("test", "m.pt", "--dataset", "data.npz"), ("inspect", "m.pt")])
def test_no_export_is_named_that_would_replace_a_verified_one(out, command: tuple[str, ...]) -> None:
    """Without the file of training it would be another, and lose the report: it is refused."""
    out("export", "m.pt", "-t", "c", "--no-budget")
    out("verify", "m.c", "--dataset", "none", *QUICK)
    told = "data.npz" if command[0] == "test" else "none"
    (named,) = following(out(*command))
    assert named == f"snnc verify m.c --dataset {told}"
    out(*shlex.split(named)[1:], "--generated", "0")
    given = "data.npz" if command[0] == "test" else "FILE"
    assert following(out(*command)) == [f"snnc run m.c --input {given}"]
