"""`snnc inspect` of samples in steps: classes, sources and the step, whatever the values of the spikes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from snnc.cli import main

SPIKES = np.arange(6 * 5 * 4).reshape(6, 5, 4) % 4
WHOSE = ["joe", "nora", "joe", "nora", "joe", "joe"]


def facts(path: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    capsys.readouterr()
    assert main(["inspect", str(path)]) == 0
    return dict(line.split(": ", 1) for line in capsys.readouterr().out.splitlines() if ": " in line)


def dense(path: Path, **changes: Any) -> Path:
    given = {"spikes": SPIKES, "labels": [0, 1, 0, 1, 2, 2], "dt": 0.002, "speaker": WHOSE, **changes}
    np.savez(path, **{name: array for name, array in given.items() if array is not None})
    return path


@pytest.mark.parametrize(
    "spikes", [SPIKES, SPIKES > 1, SPIKES * 0.5, -SPIKES, np.where(SPIKES, SPIKES, np.nan)]
)
def test_what_the_file_holds_beside_the_spikes_is_told_of_any_values(spikes, tmp_path, capsys) -> None:
    found = facts(dense(tmp_path / "a.npz", spikes=spikes, classes=["up", "down", "on"]), capsys)
    assert found["classes"] == "3: up, down, on"
    assert found["samples a class"] == "2 each"
    assert found["sources (field `speaker`)"] == "2: 0 joe, 1 nora"
    assert found["dt"] == "0.002 s a step"


def test_numbers_without_names_and_without_sources(tmp_path, capsys) -> None:
    found = facts(dense(tmp_path / "a.npz", speaker=None, dt=None), capsys)
    assert found["classes"] == "3: 0, 1, 2"
    assert found["sources (field `speaker`)"] == "not named"
    assert found["dt"].startswith("not in the file")


@pytest.mark.parametrize("none", ["?", "", "nan"])
def test_a_missing_label_is_no_class(none, tmp_path, capsys) -> None:
    """Of samples in steps, and of events; `classes` may list it, too."""
    for classes in (None, ["down", "up"], ["?", "down", "up"]):
        labels = np.array(["up", none, "down", "up", none, "down"])
        path = dense(tmp_path / "a.npz", spikes=SPIKES > 1, labels=labels, classes=classes)
        found = facts(path, capsys)
        assert (found["classes"], found["samples a class"]) == ("2: down, up", "2 each")
        assert found["samples without a label"] == "2"
        given = {"labels": labels, **({} if classes is None else {"classes": np.array(classes)})}
        events = {"times": np.arange(6), "tick_s": 0.1, "units": np.arange(6) % 3, "offsets": np.arange(7)}
        np.savez(tmp_path / "e.npz", **events, **given)
        found = facts(tmp_path / "e.npz", capsys)
        assert (found["classes"], found["recordings a class"]) == ("2: down, up", "2 each")
        assert found["recordings without a label"] == "2"


def test_classes_without_a_label_are_named(tmp_path, capsys) -> None:
    found = facts(dense(tmp_path / "a.npz", labels=None, classes=["up", "down"]), capsys)
    assert found["classes"] == "2: up, down; none of the samples has a label"
    assert "samples a class" not in found
    assert facts(dense(tmp_path / "b.npz", labels=None), capsys)["classes"] == "none known"


def test_one_sample_without_its_axis(tmp_path, capsys) -> None:
    found = facts(dense(tmp_path / "a.npz", spikes=SPIKES[0], labels=["up"], speaker=["joe"]), capsys)
    assert (found["classes"], found["sources (field `speaker`)"]) == ("1: up", "1: 0 joe")


def test_why_sources_are_refused_is_told_beside_counts(tmp_path, capsys) -> None:
    found = facts(dense(tmp_path / "a.npz", speaker=WHOSE[:5]), capsys)
    assert "training takes 0 and 1" in found["training"]
    assert found["classes and sources"].startswith("refused: ")
    assert "speaker has length 5; 6 labels need 6" in found["classes and sources"]
    assert found["dt"] == "0.002 s a step"


@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize(
    ("value", "why"),
    [
        (np.nan, "nan (no number), which no network takes: correct it, or leave the sample out"),
        (-1, "-1 (negative), which no network takes: correct it, or leave the sample out"),
        (0.5, "0.5 (a fraction), which no network takes: encode it as events"),
        (
            300,
            "300 (an event carries 255 at most), which no network takes: correct it, or leave the sample out",
        ),
    ],
)
def test_no_command_is_proposed_for_values_that_none_takes(value, why, single, tmp_path, capsys) -> None:
    """Whether the labels are right, or are refused themselves."""
    spikes = SPIKES.astype(type(value))
    spikes[0, 3, 1] = value
    for labels in ([0, 1, 0, 1, 2, 2], [0, 1, 0, 1, 2, 0.5], None):
        path = dense(tmp_path / "a.npz", spikes=spikes, labels=labels)
        if single:
            path = dense(tmp_path / "a.npz", spikes=spikes[0], labels=labels and labels[-1:], speaker=["joe"])
        found = facts(path, capsys)
        assert found["input of a network"] == f"refused: sample 0, step 3, line 1 holds {why}"
        assert "next" not in found
        assert found.get("smallest") == ("-1" if value == -1 else None)


def test_cells_of_counts_are_called_no_events(tmp_path, capsys) -> None:
    """90 of 120 values are not 0; together they are 180."""
    found = facts(dense(tmp_path / "a.npz"), capsys)
    assert (found["cells that are not 0"], found["largest"]) == ("90", "3")
    assert not {"events", "smallest", "input of a network"} & {*found}
    assert found["next"] == f"snnc run ARTIFACT --input {tmp_path / 'a.npz'}"
    found = facts(dense(tmp_path / "b.npz", spikes=SPIKES > 1), capsys)
    assert (found["events"], found["largest"]) == ("60", "True")
    assert "cells that are not 0" not in found
