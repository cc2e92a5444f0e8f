"""Which boards hold a network, on how many lanes, and what is said where none does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from snnc.cli import main
from snnc.errors import InputError, LimitError
from snnc.exporter.graph_export import export_graph
from snnc.stages import Population, Projection, QuantizedGraph, Readout, SynapseMatrix
from snnc.targets.fpga.boards import BOARDS, ECP5, ICE40, Family
from snnc.targets.fpga.parameters import lanes_of
from snnc.targets.fpga.resources import Memory, block_rams, fitting
from snnc.targets.registry import target_of

HOSTILE = 'x"); $system(1); //'


def dense(neurons: int, name: str = "a") -> QuantizedGraph:
    """`neurons` lines -> `neurons` neurons -> 2 classes, all to all."""
    rng = np.random.default_rng(5)

    def synapses(post: int, pre: int) -> SynapseMatrix:
        return SynapseMatrix(rng.integers(1, 128, (post, pre)), rng.integers(0, 16, (post, pre)))

    populations = (
        Population("in", "input", neurons),
        Population(name, "lif", neurons, decay_u=4096, decay_v=300, threshold=9000, reset="zero"),
        Population("out", "li", 2, decay_u=4096, decay_v=100),
    )
    projections = (
        Projection("in", name, synapses(neurons, neurons)),
        Projection(name, "out", synapses(2, neurons)),
    )
    return QuantizedGraph(populations, projections, (Readout("out", "max", 0.5, (HOSTILE, "b")),), 20, 0.001)


@pytest.mark.parametrize(
    ("memory", "family", "count"),
    [
        (Memory(1024, 18), ECP5, 1),
        (Memory(1025, 18), ECP5, 2),
        (Memory(512, 72), ECP5, 2),
        (Memory(2048, 9), ECP5, 1),
        (Memory(64, 32), ECP5, 0),  # lies in LUTs
        (Memory(64, 32), ICE40, 2),
        (Memory(512, 8), ICE40, 1),
        (Memory(256, 17), ICE40, 2),
        (Memory(0, 17), ICE40, 0),
    ],
)
def test_block_rams_of_a_memory(memory: Memory, family: Family, count: int) -> None:
    assert block_rams(memory, family) == count


def test_as_many_lanes_as_fit_are_taken(tmp_path: Path) -> None:
    graph = dense(40)
    found = {name: fitting(graph, name, "fit").layout.lanes for name in BOARDS}
    assert found["ulx3s"] == 64
    assert found["icebreaker"] < found["tangnano20k"] <= found["ulx3s"]
    held = export_graph(graph, "fpga:board=ulx3s", tmp_path / "net.fpga")
    assert held.manifest["settings"] == {"board": "ulx3s", "lanes": "fit"}
    assert lanes_of(held.program) == 64


@pytest.mark.parametrize(
    ("neurons", "board", "lanes", "said"),
    [
        (
            200,
            "icebreaker",
            "fit",
            r"iCEBreaker with iCE40UP5K: with 2 lanes the core needs \d+ block RAMs of 30 that can be used "
            r"\(estimate\); use --board ulx3s, on which \d+ lanes fit",
        ),
        (40, "icebreaker", 64, r"needs .*128 multipliers of 8 .*; use --lanes [24]$"),
        (600, "ulx3s", "fit", r"block RAMs of 208 .*; use fewer synapses \(--prune\)"),
    ],
)
def test_what_does_not_fit_says_what_would(neurons: int, board: str, lanes: int | str, said: str) -> None:
    with pytest.raises(LimitError, match=said):
        fitting(dense(neurons), board, lanes)


@pytest.mark.parametrize("spec", ["fpga:lanes=fit", "fpga:board=ulx3s:lanes=3", "fpga:board=../ulx3s"])
def test_settings_of_boards_that_there_are_not(spec: str) -> None:
    with pytest.raises(InputError, match=r"give 2, 4|there is sim, ulx3s, icebreaker, tangnano20k"):
        target_of(spec)


def test_names_reach_no_file_of_a_board(tmp_path: Path) -> None:
    held = export_graph(dense(10, name="sneaky"), "fpga:board=ulx3s", tmp_path / "net.fpga")
    assert not any(b"sneaky" in data or HOSTILE.encode() in data for data in held.program.values())


def test_targets_for_a_network_names_the_boards(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    held = export_graph(dense(200), "fpga", tmp_path / "net.fpga", allow_saturation=True)
    for width in (80, 120):
        monkeypatch.setenv("COLUMNS", str(width))
        assert main(["targets", "--for", str(held.path)]) == 0
        lines = capsys.readouterr().out.splitlines()
        at = lines.index("fpga icebreaker")
        assert sum("fpga icebreaker" in line for line in lines[:at]) == 1
        use = lines[at + 1 : lines.index("fpga tangnano20k")]
        assert "block RAMs of 30 that can be used" in " ".join(" ".join(use).split())
        assert all(line.startswith("    ") or line.startswith("  - ") for line in use)
        assert max(map(len, lines[:-1])) <= width
        assert len(use) <= 4
