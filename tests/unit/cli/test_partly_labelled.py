"""Recordings of which some have no label: what trains, tests or tells of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from order_task import order_task

import snnc
from snnc.cli import main
from snnc.errors import UnlikelyWarning
from snnc.trainer.data import save_events_npz


@pytest.fixture
def some(tmp_path: Path) -> Path:
    """Three of forty recordings have the class that stands for none."""
    task = order_task(40)
    labels = task.labels.copy()
    labels[[5, 6, 7]] = 2
    save_events_npz(replace(task, labels=labels, class_names=(*task.class_names, "?")), tmp_path / "some.npz")
    return tmp_path / "some.npz"


def test_they_are_told_and_train_nothing(some: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = "3 of 40 recordings have no label (class '?'; first: recording 5)"
    assert main(["inspect", str(some)]) == 0
    assert f"{said}: `snnc run` takes them, training does not" in " ".join(capsys.readouterr().out.split())
    assert main(["train", str(some), "-o", str(some.with_name("m.pt")), "--epochs", "1"]) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert f"{said}, and training needs one of each; leave them out: in Python snnc.load_data(FILE)" in told
    assert not some.with_name("m.pt").exists()


def test_what_is_left_of_them_trains_as_the_others_alone(some: Path) -> None:
    """As the message says: no class is left of those without a label."""
    others = snnc.load_data(some).labelled()
    rest = np.delete(np.arange(40), [5, 6, 7])
    assert others.class_names == order_task(40).class_names
    assert others.labels.tolist() == order_task(40).labels[rest].tolist()
    save_events_npz(others, some.with_name("others.npz"))
    given = ["train", str(some.with_name("others.npz")), "-o", str(some.with_name("m.pt")), "--epochs", "1"]
    assert main(given) == 0
    assert snnc.load(some.with_name("m.pt")).model.class_names == order_task(40).class_names


def test_they_are_no_part_of_a_test(some: Path, capsys: pytest.CaptureFixture[str]) -> None:
    task = order_task(40)
    save_events_npz(task, some.with_name("all.npz"))
    model = str(some.with_name("m.pt"))
    assert main(["train", str(some.with_name("all.npz")), "-o", model, "--epochs", "1"]) == 0
    capsys.readouterr()
    assert main(["test", model, "--dataset", str(some)]) == 0
    shown = capsys.readouterr()
    said = "3 of 40 recordings have no label (class '?'; first: recording 5)"
    assert f"note: {said}; the accuracy is of the others" in " ".join(shown.err.split())
    assert "of 37, all of some.npz)" in " ".join(shown.out.split())
    with pytest.warns(UnlikelyWarning, match="^data: 3 of 40 recordings have no label"):
        found = snnc.test(model, some)
    right = int(shown.out.partition(" of 37, all of")[0].rpartition("(")[2])
    assert next(iter(found.values())) == right / 37
    assert main(["export", model, "-o", model + ".c", "--target", "c", "--dataset", str(some)]) == 2
    assert f"{said}, and each needs one here; leave them out: " in " ".join(capsys.readouterr().err.split())


def test_only_those_that_an_accuracy_is_of_are_looked_up(
    some: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of 40 recordings of training, three without a label: 37 are compared."""
    model, exported = str(some.with_name("m.pt")), str(some.with_name("m.c"))
    save_events_npz(order_task(40), some.with_name("all.npz"))
    given = [
        "train",
        str(some.with_name("all.npz")),
        "-o",
        model,
        "--epochs",
        "1",
        "--set",
        "test_speakers=[]",
    ]
    assert main(given) == 0
    assert main(["export", model, "-o", exported, "--target", "c", "--no-budget"]) == 0
    for command in (["run", "-i"], ["verify", "--executors", "oracle", "--allow-missing", "-i"]):
        capsys.readouterr()
        assert main([command[0], exported, *command[1:], str(some)]) == 0
        shown = " ".join(capsys.readouterr().out.split())
        assert "accuracy is of 37, and 37 of them are" in shown, command
        whose = f"{some}: " if command[0] == "verify" else ""  # which may be of several files
        assert f"note: {whose}3 of 40 samples have no label" in shown, command
    assert "3 of 40 samples have no label" in (some.with_name("m.c") / "report.html").read_text()
    assert main(["inspect", str(some)]) == 0
    following = [line for line in capsys.readouterr().out.splitlines() if line.startswith("next: ")]
    assert following == [f"next: snnc {each} ARTIFACT --input {some}" for each in ("run", "verify")]
    found = snnc.load(exported).verify(
        data=str(some), executors="oracle", allow_missing=True, generated=0, verbose=False
    )
    said = " ".join(found.notes)
    assert "3 of 40 samples have no label" in said
    assert "accuracy is of 37, and 37 of them are recordings that trained" in said
    assert {each.total for each in found.report.accuracy} == {37}
    assert found.report.inputs["input"] == 40
