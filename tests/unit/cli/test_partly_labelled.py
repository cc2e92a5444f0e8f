"""Recordings of which some have no label: what trains, tests or tells of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from order_task import order_task

from snnc.cli import main
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
    assert f"{said}, and training needs one of each; leave them out" in " ".join(
        capsys.readouterr().err.split()
    )
    assert not some.with_name("m.pt").exists()


def test_they_test_nothing(some: Path, tiny_artifact: Path, capsys: pytest.CaptureFixture[str]) -> None:
    task = order_task(40)
    save_events_npz(task, some.with_name("all.npz"))
    model = str(some.with_name("m.pt"))
    assert main(["train", str(some.with_name("all.npz")), "-o", model, "--epochs", "1"]) == 0
    capsys.readouterr()
    assert main(["test", model, "--dataset", str(some)]) == 2
    said = "has no label for 3 of 40 recordings (class '?'; first: recording 5), so nothing tells which"
    assert said in " ".join(capsys.readouterr().err.split())
    assert np.load(some)["classes"].tolist() == [*task.class_names, "?"]
