"""The loss budget through `snnc export`: its recordings, and what the artifact keeps of it."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from exports import export, losses_of
from models import ON_GOLDEN, saved, tiny_model

from snnc.cli import main
from snnc.errors import ArtifactError
from snnc.stages.losses import ExportLosses
from snnc.trainer import samples
from snnc.trainer.data import load_digits, save_events_npz

pytestmark = pytest.mark.slow


def test_the_budget_is_measured_by_default_and_kept(digits_file, tmp_path, capsys):
    artifact = export(digits_file, tmp_path, "-v")
    output = capsys.readouterr().out
    assert (
        "loss budget, on 200 of 240 validation recordings of 4 sources (field `speaker`: 2, 12, 22, 32):"
        in output
    )
    loss = losses_of(artifact).loss
    assert loss is not None
    steps = ["float", "rounded", "finished", "weights", "decay", "quantised"]
    assert [stage.stage for stage in loss.stages] == steps
    shown = output[output.index("loss budget") :].replace("delays rounded", "rounded")
    lines = [line.split() for line in shown.splitlines()]
    for stage in loss.stages:
        (line,) = (line for line in lines if line[:1] == [stage.stage])
        assert line[1] == f"{stage.correct / 2:.2f}"  # of 200
        assert line[4] == str(stage.spikes)
    assert losses_of(artifact).bits is None


def test_the_report_shows_what_the_artifact_holds(digits_file, tmp_path):
    artifact = export(digits_file, tmp_path, "--max-drop", 100)
    assert main(["verify", str(artifact.path), *ON_GOLDEN, "--executors", "hwsim"]) == 0
    report = json.loads((artifact.path / "report.json").read_text())
    assert report["costs"] == json.loads((artifact.path / "budget.json").read_text())
    assert 'id="plot-sqnr"' in (artifact.path / "report.html").read_text()
    assert [row["weight_bits"] for row in report["layers"]] == list(losses_of(artifact).bits.chosen)


def test_no_budget(digits_file, tmp_path, capsys):
    artifact = export(digits_file, tmp_path, "--no-budget", "-v")
    assert "budget.json" not in artifact.manifest["files"]
    assert losses_of(artifact) == ExportLosses()
    output = capsys.readouterr().out
    assert "loss budget" not in output
    assert "note:" not in output


def test_only_validation_recordings_are_looked_at(digits_file, tmp_path, monkeypatch):
    splits = []
    real = samples.load_samples
    monkeypatch.setattr(
        samples, "load_samples", lambda m, split, *rest: splits.append(split) or real(m, split, *rest)
    )
    export(digits_file, tmp_path, "--max-drop", 100, "--scale", "task", "--weight-bits", 3)
    assert splits == ["validation"]


def test_equal_bytes_whatever_is_measured(digits_file, tmp_path):
    options = ("--max-drop", 100, "--scale", "task", "--weight-bits", 3)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        export(digits_file, tmp_path / name, *options)
    one, two = (tmp_path / name / "out" for name in ("one", "two"))
    for path in sorted(p for p in one.rglob("*") if p.is_file()):
        assert path.read_bytes() == (two / path.relative_to(one)).read_bytes(), path


# What cannot be measured.
def test_without_data_the_export_works_and_says_so(tmp_path, capsys):
    """The tiny model reads 5 lines, the shipped digits have 140."""
    artifact = export(saved(tiny_model(), tmp_path), tmp_path)
    (note,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("  note:"))
    assert note.startswith(
        "  note: no loss budget, because the recordings cannot be read: event data 'digits' has 140 units"
    )
    assert losses_of(artifact) == ExportLosses()


@pytest.mark.parametrize(
    ("options", "needs"),
    [
        (("--max-drop", 1), "--max-drop"),
        (("--scale", "task"), "--scale task"),
        (("--budget",), "--budget"),
        (("--dataset", "digits"), "the loss budget"),
    ],
)
def test_without_data_what_needs_them_is_refused(options, needs, refused, tmp_path):
    message = refused("export", saved(tiny_model(), tmp_path), "-o", tmp_path / "out", *options)
    assert f"{needs} needs validation recordings: event data 'digits' has 140 units" in message
    assert not (tmp_path / "out").exists()


def test_data_in_another_place(digits_file, tmp_path, refused):
    digits = load_digits()
    save_events_npz(digits.select(np.flatnonzero(digits.speaker < 12)), tmp_path / "mine.npz")
    artifact = export(digits_file, tmp_path, "--dataset", tmp_path / "mine.npz")
    found = losses_of(artifact).loss
    assert found is not None
    assert found.recordings.available < 240
    assert "no such file" in refused("export", digits_file, "--dataset", tmp_path / "none.npz")


def test_a_damaged_budget_is_refused(digits_file, tmp_path):
    artifact = export(digits_file, tmp_path)
    document = json.loads(artifact.carried["budget.json"])
    document["loss"]["stages"][0]["correct"] = "many"
    damaged = replace(artifact, carried={"budget.json": json.dumps(document).encode()})
    with pytest.raises(ArtifactError, match=r"budget\.json: loss\.stages\.0\.correct: .*; export again"):
        losses_of(damaged)
