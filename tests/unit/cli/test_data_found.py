"""The data of training are found from any folder, and where they are not, the remedy is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from order_task import config, order_task

from snnc.cli import main
from snnc.trainer.data import save_events_npz
from snnc.trainer.loop import train
from snnc.trainer.model_file import save_model

VERIFY = ("--executors", "oracle", "--allow-missing", "--generated", "0", "--samples", "2")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """data/train.npz, models/m.pt that names it so, and out/m.c; each lies where the others are not."""
    for folder in ("data", "models", "out", "elsewhere"):
        (tmp_path / folder).mkdir()
    monkeypatch.chdir(tmp_path)
    save_events_npz(order_task(40), Path("data/train.npz"))
    told = config(dataset="data/train.npz", epochs=1, finetune_epochs=0, quantise_epochs=0)
    save_model(train(told), Path("models/m.pt"))
    assert main(["export", "models/m.pt", "--target", "c", "-o", "out/m.c"]) == 0
    return tmp_path


@pytest.mark.parametrize(
    ("folder", "artifact"), [("out/m.c", "."), ("out", "m.c"), ("elsewhere", "../out/m.c"), (".", "out/m.c")]
)
def test_recordings_of_training_are_found(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    folder: str,
    artifact: str,
) -> None:
    monkeypatch.chdir(project / folder)
    for command in (
        ("verify", artifact, *VERIFY),
        ("test", artifact),
        ("run", artifact, "-i", str(project / "data/train.npz")),
    ):
        assert main(list(command)) == 0, capsys.readouterr().err
        assert "compared on golden" not in capsys.readouterr().out
    assert main(["inspect", artifact]) == 0
    assert "--dataset none" not in capsys.readouterr().out


def test_recordings_beside_the_artifact_are_found_within_it(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a file that was moved there, the name alone is left of its path."""
    (project / "data" / "train.npz").rename(project / "out" / "train.npz")
    monkeypatch.chdir(project / "out" / "m.c")
    assert main(["verify", ".", *VERIFY]) == 0


def test_the_error_of_verify_names_both_ways_on(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "data" / "train.npz").rename(project / "elsewhere" / "moved.npz")
    monkeypatch.chdir(project / "out" / "m.c")
    capsys.readouterr()
    assert main(["verify", ".", *VERIFY]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "--dataset FILE names data in another place" in said
    assert "--dataset none compares without recordings" in said
    assert main(["verify", ".", *VERIFY, "--dataset", "none"]) == 0
    assert main(["verify", ".", *VERIFY, "--dataset", "../../elsewhere/moved.npz"]) == 0
    assert main(["verify", ".", *VERIFY, "--dataset", "missing.npz"]) == 2
    assert "--dataset none" not in capsys.readouterr().err  # the user's own file is what is wrong
