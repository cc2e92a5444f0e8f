"""What `train`, `export` and `demo` find at their output: the same is replaced, other things are not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import nir
import numpy as np
import pytest
from models import saved, tiny_model
from order_task import own_run

from snnc.cli import main
from snnc.exporter.artifact import read_artifact
from snnc.exporter.manifest import MANIFEST
from snnc.trainer.checkpoint import load_checkpoint
from snnc.trainer.model_file import load_model

pytestmark = pytest.mark.slow


def content(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """`out.loihi` of `model.pt`, and a file of its own that a new export would not have."""
    model = saved(tiny_model(), tmp_path)
    assert main(["export", str(model), "-o", str(tmp_path / "out.loihi"), "--weight-bits", "6"]) == 0
    (tmp_path / "out.loihi" / "report.json").write_text("{}")
    return tmp_path / "out.loihi"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "was exported with weight_bits = 6, this export has 8"),
        (["--weight-bits", "6,6"], "weight_bits = 6, this export has [6, 6]"),
        (["--weight-bits", "6", "--allow-saturation"], "allow_saturation = false, this export has true"),
        (["--weight-bits", "6", "--prune", "0.1"], "prune = 0.0, this export has 0.1"),
        (["--weight-bits", "6", "--target", "onnx"], "is an export to 'loihi', not to 'onnx'"),
    ],
)
def test_other_options_are_not_replaced(refused, exported: Path, options: list[str], words: str) -> None:
    before = content(exported)
    command = ["export", str(exported.with_name("model.pt")), "-o", str(exported), *options]
    said = refused(*command)
    assert words in said
    assert "choose another name (-o), or replace it with --overwrite" in said
    assert content(exported) == before
    assert main([*command, "--overwrite"]) == 0
    assert not (exported / "report.json").exists()


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--prune", "30", "--prune 30: the share must be at least 0 and less than 1"),
        ("--max-drop", "-1", "--max-drop -1: give 0 .. 100 percentage points"),
        ("--weight-bits", "99", "--weight-bits 99: give 2 .. 8"),
    ],
)
def test_a_value_that_no_export_takes_is_told_first(
    refused, exported: Path, option: str, value: str, words: str
) -> None:
    said = refused("export", exported.with_name("model.pt"), "-o", exported, option, value)
    assert words in said
    assert "was exported with" not in said


def test_another_model_is_not_replaced(refused, exported: Path) -> None:
    other = exported.with_name("model.pt")
    saved(tiny_model(time_steps=13), exported.parent)
    before = content(exported)
    said = refused("export", other, "-o", exported, "--weight-bits", "6")
    assert "is the export of another model ('model.pt', another SHA-256)" in said
    assert content(exported) == before
    assert main(["export", str(other), "-o", str(exported), "--overwrite"]) == 0


def test_the_same_under_another_name_stays_with_its_report(refused, exported: Path) -> None:
    """The same bytes under another name are the same model, so what is there stays."""
    copy = exported.with_name("copy.pt")
    shutil.copy(exported.with_name("model.pt"), copy)
    command = ["export", str(copy), "-o", str(exported), "--weight-bits", "6"]
    before = (exported / "manifest.json").read_bytes()
    assert main(command) == 0
    assert (exported / "manifest.json").read_bytes() == before
    assert (exported / "report.json").exists()
    assert read_artifact(exported).manifest["provenance"]["model"] == "model.pt"


def test_what_an_import_was_told_counts(refused, tmp_path: Path) -> None:
    ones, rng = np.ones(4), np.random.default_rng(3)
    neurons = nir.LIF(tau=2e-3 * ones, r=ones, v_leak=0 * ones, v_threshold=ones, v_reset=0 * ones)
    readout = nir.LI(tau=2e-3 * ones[:2], r=ones[:2], v_leak=0 * ones[:2])
    chain = [nir.Linear(rng.normal(0, 5, (4, 3))), neurons, nir.Linear(rng.normal(0, 1, (2, 4))), readout]
    nir.write(tmp_path / "net.nir", nir.NIRGraph.from_list(*chain))
    command = ["export", str(tmp_path / "net.nir"), "--reset", "zero", "--dt", "1e-4", "--time-steps"]
    assert main([*command, "20"]) == 0
    assert "was exported with time_steps = 20, this export has 30" in refused(*command, "30")
    assert main([*command, "20"]) == 0
    assert main([*command, "30", "--overwrite"]) == 0


def test_a_users_file_is_safe_from_overwrite_too(refused, exported: Path) -> None:
    (exported / "notes.txt").write_text("mine")
    said = refused("export", exported.with_name("model.pt"), "-o", exported, "--overwrite")
    assert "also holds 'notes.txt'" in said


@pytest.mark.parametrize("provenance", [{}, {"model": "y" * 999, "model_sha256": 3, "options": []}])
def test_an_artifact_that_does_not_say_what_it_is_of(refused, exported: Path, provenance: object) -> None:
    manifest = json.loads((exported / MANIFEST).read_text())
    (exported / MANIFEST).write_text(json.dumps({**manifest, "provenance": provenance}))
    said = refused("export", exported.with_name("model.pt"), "-o", exported, "--weight-bits", "6")
    assert "is the export of another model" in said
    assert len(said) < 400


def test_demo_keeps_an_artifact_of_other_options(
    refused, exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before it trains; what it exported itself is no obstacle."""
    from snnc.cli.demo import _refuse_to_lose

    folder = exported.parent
    exported.rename(folder / "model.loihi")
    monkeypatch.setattr("snnc.trainer.loop.train", lambda *_, **__: pytest.fail("training began"))
    said = refused("demo", "-o", folder)
    assert "was exported with weight_bits = 6, this export has 8" in said
    assert main(["export", str(folder / "model.pt"), "--overwrite"]) == 0
    _refuse_to_lose(folder / "model.loihi", folder / "model.pt")
    assert "is a model of another configuration" in refused("demo", "-o", folder)
    (folder / "model.pt").unlink()
    assert "is the export of another model" in refused("demo", "-o", folder)


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A configuration whose run takes a moment."""
    return own_run(tmp_path, epochs=1, finetune_epochs=0, quantise_epochs=0)


def train(mine: Path, *options: object) -> list[str]:
    return ["train", str(mine), "-o", str(mine.with_name("model.pt")), *map(str, options)]


def test_a_model_of_another_configuration_is_not_replaced(refused, mine: Path) -> None:
    model = mine.with_name("model.pt")
    assert main(train(mine)) == 0
    assert main(train(mine)) == 0  # the same run again
    before = model.read_bytes()
    said = refused(*train(mine, "--seed", 5))
    assert "is a model of another configuration (seed = 1, this run has 5)" in said
    assert "choose another name (-o), or replace it with --overwrite" in said
    assert model.read_bytes() == before
    assert main(train(mine, "--seed", 5, "--overwrite")) == 0
    assert load_model(model).config["seed"] == 5


def test_a_file_that_is_no_model_is_not_replaced(refused, mine: Path) -> None:
    model = mine.with_name("model.pt")
    model.write_bytes(b"years of work")
    assert "exists and is not a model file that this release reads" in refused(*train(mine))
    assert model.read_bytes() == b"years of work"


def test_a_checkpoint_is_gone_on_from_or_given_up_on_purpose(refused, mine: Path) -> None:
    from snnc.trainer.config import load_config
    from snnc.trainer.loop import train as run

    checkpoint = mine.with_name("model.pt.checkpoint")
    run(load_config(mine, {"epochs": 2}), checkpoint=checkpoint)
    before = checkpoint.read_bytes()
    assert load_checkpoint(checkpoint)["state"]["epoch"] == 2
    said = refused(*train(mine, "--set", "epochs=2"))
    assert "holds 2 epochs of this run; continue with --resume, or start again with --over" in said
    said = refused(*train(mine))
    assert "holds 2 epochs of a run of another configuration (epochs = 2, this run has 1)" in said
    checkpoint.write_bytes(before[:50])
    assert "cannot be read as a checkpoint" in refused(*train(mine))
    checkpoint.write_bytes(before)
    assert main(train(mine, "--set", "epochs=2", "--resume")) == 0
    checkpoint.write_bytes(before)
    assert main(train(mine, "--set", "epochs=2", "--overwrite")) == 0
    assert not checkpoint.exists()
