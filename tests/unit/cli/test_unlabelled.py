"""Event files of recordings of which no class is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import snnc
from snnc.cli import main
from snnc.trainer.data import save_events_npz


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """Two recordings for the tiny network, which has five lines."""
    events = snnc.from_events([[0.01], [0.02, 0.03]], [[0], [1, 4]], None, tick_s=1.0, lines=5)
    save_events_npz(events, tmp_path / "new.npz")
    return tmp_path / "new.npz"


@pytest.mark.filterwarnings("ignore::snnc.errors.UnlikelyWarning")  # they are short
def test_inspect_proposes_what_takes_them(new: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(new)]) == 0
    first, *lines = capsys.readouterr().out.splitlines()
    assert first == f"{new}: unlabelled event recordings"
    assert "classes: none known" in lines
    assert not any("class" in line for line in lines if line != "classes: none known")
    assert [line for line in lines if line.startswith("next: ")] == [f"next: snnc run ARTIFACT --input {new}"]


@pytest.mark.filterwarnings("ignore::snnc.errors.UnlikelyWarning")
def test_run_compares_nothing_and_says_nothing_of_it(
    new: Path, tiny_artifact: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(tiny_artifact), "--input", str(new)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("sample 0: ")
    assert "labels" not in out
    assert "names one of its classes for every recording, whatever it is" in out
    assert "?" not in out


@pytest.mark.filterwarnings("ignore::snnc.errors.UnlikelyWarning")
@pytest.mark.parametrize("named", [True, False])
def test_a_file_without_labels_is_unlabelled(
    named: bool, new: Path, tiny_artifact: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As numpy writes it; `classes` that no label counts are told."""
    with np.load(new) as file:
        arrays = {name: file[name] for name in file.files if name not in ("labels", "classes")}
    np.savez(new, **arrays, **({"classes": np.array(["a", "b"])} if named else {}))
    assert main(["run", str(tiny_artifact), "--input", str(new)]) == 0
    ran = capsys.readouterr()
    assert "names one of its classes for every recording, whatever it is" in ran.out
    assert main(["inspect", str(new)]) == 0
    inspected = capsys.readouterr().out
    assert inspected.startswith(f"{new}: unlabelled event recordings\n")
    note = "has `classes`, but no `labels`: all its recordings are unlabelled"
    assert [note in said for said in (ran.out + ran.err, inspected)] == [named, named]


def test_a_list_of_arrays_that_is_cut_says_so(tmp_path: Path, refused) -> None:
    np.savez(tmp_path / "x.npz", **{name: np.zeros(1) for name in "abcdegh"})
    assert "(its arrays: a, b, c, d, e, g, …)" in refused("inspect", tmp_path / "x.npz")


def test_unlabelled_frames_are_told_the_same(
    tiny_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Labelled ones that name no speakers are told what their interval takes for granted."""
    told = "note: the network names one of its classes for every recording, whatever it is"
    unnamed = "note: no sources are named (field `speaker`): if several samples are of one speaker, "
    spikes = np.zeros((3, 12, 5), np.uint8)
    for more, notes in (
        ({}, (True, False)),
        ({"labels": np.array([0, 1, 1])}, (False, True)),
        ({"labels": np.array([0, 1, 1]), "speaker": np.array(["a", "a", "b"])}, (False, False)),
    ):
        np.savez(tmp_path / "frames.npz", spikes=spikes, **more)
        capsys.readouterr()
        assert main(["run", str(tiny_artifact), "--input", str(tmp_path / "frames.npz")]) == 0
        out = capsys.readouterr().out
        assert (told in out, unnamed in out) == notes
