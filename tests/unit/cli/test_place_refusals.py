"""Where `snnc place` cannot run, or its tools fail."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from placed_core import REPORT, core, tools

from snnc.cli import main
from snnc.exporter.graph_export import export_graph
from snnc.stages import Artifact
from snnc.targets.fpga import place
from snnc.verification.verify import verify


@pytest.fixture
def artifact(tmp_path: Path) -> Artifact:
    return export_graph(core(), "fpga:board=ulx3s:lanes=2", tmp_path / "net.fpga")


def test_a_machine_without_tools_says_what_to_install(
    artifact: Artifact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(place.shutil, "which", lambda name: None)
    monkeypatch.setattr(place.sys, "executable", str(tmp_path / "python"))
    assert main(["place", str(artifact.path)]) != 0
    said = " ".join(capsys.readouterr().err.split())
    assert "not run: yosys was not found; install it: pip install 'snnc[fpga]'" in said


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ({}, "the netlist of yosys cannot be read"),
        ({"board.json": "[1]"}, "the netlist of yosys cannot be read"),
        ({"board.json": '{"modules": {}}'}, "nextpnr's report of ulx3s cannot be read"),
        ({"board.json": '{"modules": {}}', "report.json": "[]"}, "nextpnr's report of ulx3s cannot be read"),
        (
            {"board.json": '{"modules": {}}', "report.json": json.dumps({**REPORT, "utilization": []})},
            "nextpnr's report of ulx3s cannot be read",
        ),
    ],
)
def test_tools_that_write_something_else_are_named(
    written: dict[str, str],
    says: str,
    artifact: Artifact,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def call(words: list[str], folder: Path, *others: object, **_: object) -> str:
        for name, text in written.items():
            (folder / name).write_text(text)
        return ""

    tools(monkeypatch, call)
    assert main(["place", str(artifact.path)]) == 2
    assert says in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("script", "says"),
    [("#!/nonexistent\n", "cannot be started"), ("#!/bin/sh\nexec sleep 9\n", "did not tell its version")],
)
def test_a_tool_that_does_not_answer_is_named(
    script: str,
    says: str,
    artifact: Artifact,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    tool = tmp_path / "tool"
    tool.write_text(script)
    tool.chmod(0o755)
    monkeypatch.setattr(place, "VERSION_SECONDS", 0.1)
    monkeypatch.setattr(place, "program_path", lambda name, wheel: [str(tool)])
    assert main(["place", str(artifact.path)]) == 2
    assert f"{tool} {says}" in capsys.readouterr().err.replace("\n", " ")


def test_an_altered_program_is_placed_only_if_it_is_trusted(
    artifact: Artifact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    top, manifest = artifact.path / "board/snnc_ulx3s.v", artifact.path / "manifest.json"
    data = top.read_bytes() + b"// another pin\n"
    top.write_bytes(data)
    told = json.loads(manifest.read_text())
    told["files"]["board/snnc_ulx3s.v"] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    manifest.write_text(json.dumps(told))
    placed = []

    def placing(program: dict[str, bytes], mhz: float, seed: int, *_: object) -> place.Placed:
        placed.append(program["board/snnc_ulx3s.v"])
        return place.Placed("ulx3s", 100.0, {}, {}, "", seed)

    monkeypatch.setattr(place, "place", placing)
    assert main(["place", str(artifact.path)]) == 2
    assert "is not the program that this release of snnc emits" in capsys.readouterr().err
    assert placed == []
    assert main(["place", str(artifact.path), "--trust-program"]) == 0
    assert placed == [data]


def test_a_core_without_a_board_is_not_placed(artifact: Artifact, capsys: pytest.CaptureFixture[str]) -> None:
    export_graph(core(), "fpga", artifact.path.parent / "sim.fpga")
    assert main(["place", str(artifact.path.parent / "sim.fpga")]) != 0
    assert "is for no FPGA board" in capsys.readouterr().err


def test_a_folder_that_cannot_keep_the_report_is_said(
    artifact: Artifact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (artifact.path / "place.json").mkdir()
    found = place.Placed("ulx3s", 100.0, {}, {}, "", 1)
    monkeypatch.setattr(place, "place", lambda program, mhz, seed, tell, core: found)
    assert main(["place", str(artifact.path), "-o", str(tmp_path / "mine.json")]) == 0
    said = capsys.readouterr()
    assert "place.json" in said.err
    assert "`snnc verify` will not know of the clock" in said.err
    assert "ulx3s: 100.0 MHz after routing" in said.out
    assert json.loads((tmp_path / "mine.json").read_text())["mhz"] == 100.0
    (note,) = verify(artifact, [], executors=["hwsim"]).notes
    assert "place.json: cannot be read (Is a directory)" in note
