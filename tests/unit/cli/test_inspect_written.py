"""`snnc inspect` of what commands write for scripts, other programs and pages."""

from __future__ import annotations

import json
from inspect import signature
from pathlib import Path

import numpy as np
import pytest
from graph_cases import dense, graph_of, li, readout, source
from torch.utils.tensorboard import SummaryWriter

from snnc.cli import main
from snnc.cli.commands import WHAT, function
from snnc.cli.inspect.command_result import COMMANDS
from snnc.exporter.graph_export import export_graph
from snnc.trainer.sweep_table import to_markdown

SPIKES = [[[1, 0, 1], [0, 0, 0]], [[0, 0, 0], [0, 1, 0]]]
"""Two samples of two steps on three lines: three events."""

WRITTEN = "as `snnc run --write-input` writes them for"


def told(path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert main(["inspect", str(path)]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("target", "what", "facts"),
    [
        (
            "c",
            f"events as bytes of 0 and 1, {WRITTEN} a program of the target c",
            "bytes: 12\nevents: 3\nsamples, steps, lines: not in the file: a sample is SNN_STEPS * SNN_INP",
        ),
        (
            "fpga",
            f"events in hexadecimal, {WRITTEN} a core of the target fpga",
            "steps of all samples: 4\nevents: 3\n",
        ),
    ],
)
def test_events_for_a_program(
    target: str, what: str, facts: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.savez(tmp_path / "in.npz", spikes=np.array(SPIKES, np.uint8))
    graph = graph_of(
        [source("x", 3), li("y", 2)],
        [dense("x", "y", [[1, 0, 1], [0, 1, 0]])],
        2,
        [readout("y", "sum", 2, 1.0)],
    )
    export_graph(graph, target, tmp_path / "net")
    written = tmp_path / "INPUT"
    command = ["run", tmp_path / "net", "-i", tmp_path / "in.npz", "-e", "oracle", "--write-input", written]
    assert main(list(map(str, command))) == 0
    assert told(written, capsys).startswith(f"{written}: {what}\n{facts}")


@pytest.mark.parametrize(
    "content",
    [
        bytes(64),  # silence, or a file whose blocks were never written
        b"\0\1" * 2**19 + b"\2",  # a byte behind the first part that is read
        b"10000000000\n" * 2**17 + b"?",
        b"20000000000\n",
    ],
)
def test_what_is_like_any_other_file_is_not_guessed(content: bytes, tmp_path: Path, refused) -> None:
    (tmp_path / "x").write_bytes(content)
    assert "of no kind that snnc knows by its content, or damaged at its start" in refused(
        "inspect", tmp_path / "x"
    )


@pytest.mark.parametrize(
    ("words", "facts"),
    [
        (["check", "model.loihi", "--target", "loihi"], "fits: True"),
        (["chip", "model.loihi", "--input", "in.npz"], "costs: loihi1"),
        (["inspect", "model.loihi"], "kind: artifact"),
        (["run", "model.loihi", "-i", "in.npz", "-e", "oracle"], "executor: oracle"),
        (["targets"], ""),
        (["doctor"], "well: "),
    ],
)
def test_results_for_scripts(
    words: list[str],
    facts: str,
    tiny_artifact: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    tiny_artifact.rename("model.loihi")
    np.savez("in.npz", spikes=np.zeros((1, 12, 5), np.uint8))
    main([*words, "--json", "found.json"])  # the machine may lack what `doctor` asks for
    said = told(Path("found.json"), capsys)
    assert said.startswith(f"found.json: result of `snnc {words[0]} --json`, schema 1\n")
    assert facts in said
    assert "next: " not in said  # what a file says is not for pasting


def test_each_command_with_json_is_known() -> None:
    with_json = {name for name in WHAT if "as_json" in signature(function(name)).parameters}
    assert {*COMMANDS} == with_json - {"verify"}
    assert len(with_json) > 10


@pytest.mark.parametrize(
    "content",
    [{"schema": 2, "command": "run"}, {"schema": 1, "command": "other"}, {"schema": 1, "command": [1]}, {}],
)
def test_other_json_is_no_result(content: dict[str, object], tmp_path: Path, refused) -> None:
    (tmp_path / "x.json").write_text(json.dumps(content))
    assert "JSON that snnc does not know" in refused("inspect", tmp_path / "x.json")


def test_folders_of_an_artifact(tiny_artifact: Path, capsys: pytest.CaptureFixture[str], refused) -> None:
    said = told(tiny_artifact / "lava_processes", capsys)
    assert "folder of an artifact for target loihi\nfiles of the artifact: " in said
    assert f"next: snnc inspect {tiny_artifact}\n" in said
    (tiny_artifact / "mine").mkdir()
    assert "a folder that snnc does not know" in refused("inspect", tiny_artifact / "mine")


def test_a_table_in_markdown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "table.md").write_text(to_markdown((["variant", "seeds"], [["plain", "1"]])))
    assert "table of `snnc sweep` in Markdown\nlines: 3\n" in told(tmp_path / "table.md", capsys)


def test_a_log_for_tensorboard(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with SummaryWriter(tmp_path / "log") as writer:
        writer.add_scalar("loss", 1.0)
    (file,) = (tmp_path / "log").iterdir()
    assert "log of a training for TensorBoard, as `snnc train --log-dir` writes it" in told(file, capsys)
