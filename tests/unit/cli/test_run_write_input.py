"""`snnc run --write-input`: the samples as the artifact's own program reads them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from fpga_links import events
from graph_cases import dense, graph_of, li, readout, source

from snnc.cli import main
from snnc.exporter.graph_export import export_graph
from snnc.stages import QuantizedGraph

SPIKES = [[[1, 0, 1], [0, 0, 0]], [[0, 0, 0], [0, 1, 0]]]
"""Two samples of two steps on three lines."""


def network() -> QuantizedGraph:
    return graph_of(
        [source("x", 3), li("y", 2)],
        [dense("x", "y", [[1, 0, 1], [0, 1, 0]])],
        2,
        [readout("y", "sum", 2, 1.0)],
    )


@pytest.fixture
def given(tmp_path: Path) -> Path:
    np.savez(tmp_path / "in.npz", spikes=np.array(SPIKES, np.uint8))
    return tmp_path / "in.npz"


def run(folder: Path, given: Path, written: Path) -> int:
    return main(["run", str(folder), "-i", str(given), "-e", "oracle", "--write-input", str(written)])


def test_the_script_of_a_board_reads_the_events(
    tmp_path: Path, given: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export_graph(network(), "fpga:board=ulx3s:lanes=2", tmp_path / "net.fpga")
    assert run(tmp_path / "net.fpga", given, tmp_path / "mine.hex") == 0
    assert f"wrote {tmp_path / 'mine.hex'}" in capsys.readouterr().out
    about = json.loads((tmp_path / "net.fpga/host/network.json").read_text())
    lines = (tmp_path / "mine.hex").read_text().splitlines()
    assert events.read_events(iter(lines), about) == [[{0: 1, 2: 1}, {}], [{}, {1: 1}]]


def test_the_program_in_c_reads_the_bytes(tmp_path: Path, given: Path) -> None:
    export_graph(network(), "c", tmp_path / "net.c")
    assert run(tmp_path / "net.c", given, tmp_path / "INPUT") == 0
    assert (tmp_path / "INPUT").read_bytes() == bytes([1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0])


def test_another_target_reads_no_such_file(tmp_path: Path, given: Path, refused: Callable[..., str]) -> None:
    export_graph(network(), "onnx", tmp_path / "net.onnx")
    said = refused("run", tmp_path / "net.onnx", "-i", given, "--write-input", tmp_path / "INPUT")
    assert "--write-input: the program for onnx reads no file of events of its own" in said
    assert not (tmp_path / "INPUT").exists()


def test_no_file_is_replaced(tmp_path: Path, given: Path, refused: Callable[..., str]) -> None:
    export_graph(network(), "fpga", tmp_path / "net.fpga")
    taken = tmp_path / "net.fpga/events.hex"
    said = refused("run", tmp_path / "net.fpga", "-i", given, "--write-input", taken)
    assert "exists, and --write-input replaces no file; choose another name" in said
    (tmp_path / "notes").write_text("mine")
    said = refused("run", tmp_path / "net.fpga", "-i", given, "--write-input", tmp_path / "notes")
    assert "notes: exists, and --write-input replaces no file" in said


@pytest.mark.parametrize("name", ["INPUT.npz", "input.CSV", "events.h5"])
def test_a_name_of_another_kind_of_file_is_refused(
    tmp_path: Path, given: Path, refused: Callable[..., str], name: str
) -> None:
    export_graph(network(), "c", tmp_path / "net.c")
    said = refused("run", tmp_path / "net.c", "-i", given, "--write-input", tmp_path / name)
    assert "--write-input writes what the artifact's program reads; choose a name such as events.bin" in said
    assert not (tmp_path / name).exists()
