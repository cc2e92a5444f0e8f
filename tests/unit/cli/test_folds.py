"""`snnc folds`: the sweep that it writes, and what `snnc sweep` then tells of recordings of all folds."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from order_task import order_task

from snnc.cli import main
from snnc.cli.sweep_test_parts import totals
from snnc.trainer.data import save_events_npz
from snnc.trainer.model_file import load_model
from snnc.trainer.sweep import load_sweep

NAMES = ("ann", "ben", "cy", "dee", "eve")


@pytest.fixture
def trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A network trained on 40 recordings of five sources; the folder in which it lies is the working one."""
    monkeypatch.chdir(tmp_path)
    task = order_task(40)
    events = replace(task, speaker=task.speaker % 5, speaker_names=NAMES)
    save_events_npz(events, tmp_path / "data.npz")
    small = ["--epochs", "1", "--set", "hidden=[4]", "--set", "kernel_size=3", "--dt", "0.01"]
    assert main(["train", "data.npz", "-o", "net.pt", *small, "-q"]) == 0
    return tmp_path


def test_the_sweep_that_is_written_runs(
    trained: Path, in_this_process: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["folds", "net.pt", "-o", "sub/each.toml", "--json", "folds.json"]) == 2
    (trained / "sub").mkdir()
    capsys.readouterr()
    assert main(["folds", "net.pt", "-o", "sub/each.toml", "--json", "folds.json"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "5 folds of 5 sources, 40 recordings",
        "the first: ann to test, ben to choose the epoch, all others to train",
        "wrote sub/each.toml",
        "next: snnc sweep sub/each.toml -o sub/each --test",
    ]
    told = json.loads((trained / "folds.json").read_text())["folds"]
    assert told[4] == {"name": "eve", "test": ["eve"], "validation": ["ann"]}
    assert main(["sweep", "sub/each.toml", "-o", "sub/each", "--test"]) == 0
    assert in_this_process == [f"network@{name}-seed0" for name in NAMES]
    own = load_model(trained / "net.pt").config
    for name, run in zip(NAMES, load_sweep(Path("sub/each.toml"), trained / "sub/each"), strict=True):
        config = load_model(run.model).config
        assert config["test_speakers"] == [name]
        assert {key for key in own if config[key] != own[key]} <= {
            "dataset",
            "test_speakers",
            "validation_speakers",
        }
    # Each of the 40 recordings is tested once: the sum of what each run says of its eight.
    found = json.loads((trained / "sub/each/table.json").read_text())["tested"]
    assert [each["recordings"] for each in found.values()] == [8] * 5
    right = [sum(round(8 * each[stage]) for each in found.values()) for stage in ("test", "test-int8")]
    said = capsys.readouterr().out
    assert f"network: whole delays, test: {right[0]} of 40 recordings are right, in 5 folds: 95 %" in said
    assert f"network: 8 bits, test: {right[1]} of 40 recordings are right" in said
    assert f"network: 8 bits, test: {right[1]} of 40" in (trained / "sub/each/table.md").read_text()


def test_what_is_not_written(trained: Path, refused: Callable[..., str]) -> None:
    (trained / "folds.toml").write_text("mine = 1")
    assert "folds.toml: is there; --overwrite replaces it" in refused("folds", "net.pt")
    model = (trained / "net.pt").read_bytes()
    assert "-o net.pt: is there and no TOML file" in refused("folds", "net.pt", "-o", "net.pt", "--overwrite")
    assert (trained / "net.pt").read_bytes() == model
    assert main(["folds", "net.pt", "--overwrite", "-q", "--folds", "3"]) == 0
    assert (trained / "folds.toml").read_text().count("[folds.fold-") == 3
    said = refused("folds", "net.pt", "-o", "other.toml", "--folds", "6")
    assert "6 folds of 5 sources; ask for 3 to 5" in said
    assert "no such file" in refused("folds", "none.pt")
    events = order_task(40)
    save_events_npz(replace(events, speaker=np.arange(40) % 2), trained / "data.npz")
    assert "are not those that the model was trained on" in refused("folds", "net.pt", "-o", "other.toml")
    assert not (trained / "other.toml").exists()


@pytest.mark.skipif(os.name == "nt", reason="names of files are Unicode")
def test_a_path_that_toml_cannot_hold_is_refused(trained: Path, refused: Callable[..., str]) -> None:
    folder = Path(os.fsdecode(bytes(trained) + b"/\xff"))
    folder.mkdir()
    (trained / "data.npz").rename(folder / "data.npz")
    (trained / "net.pt").rename(folder / "net.pt")
    said = refused("folds", str(folder / "net.pt"), "-o", "other.toml")
    assert "TOML cannot hold this path, which is no Unicode; rename it" in said
    assert not (trained / "other.toml").exists()


def test_an_interval_is_of_recordings_that_were_answered_once(trained: Path) -> None:
    assert main(["folds", "net.pt", "-q"]) == 0
    runs = load_sweep(Path("folds.toml"), trained)
    tested = {run.name: {"test": 1.0, "recordings": 10} for run in runs}
    # Wilson's interval of 50 of 50: 1 / (1 + 1.96² / 50) to 1
    right = "50 of 50 recordings are right, in 5 folds: 95 % interval 92.9 to 100.0 % for these sources alone"
    assert totals(runs, tested) == [f"network: whole delays, test: {right}"]
    again = [replace(run, config=run.config.model_copy(update={"seed": 1})) for run in runs]
    tested |= {run.name: {"test": 0.5, "recordings": 10} for run in again}
    assert totals([*runs, *again], tested) == [
        "network: whole delays, test: 75 of 100 answers are right, in 5 folds with 2 seeds each"
    ]
    assert totals([replace(run, fold="") for run in runs], tested) == []
