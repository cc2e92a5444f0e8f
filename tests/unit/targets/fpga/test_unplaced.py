"""What the report tells of a core without a board."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from fpga_cores import network

from snnc.exporter.graph_export import export_graph
from snnc.stages import Population, Projection, QuantizedGraph, Readout, SynapseMatrix
from snnc.targets.fpga.bound import most_of_a_sample
from snnc.targets.fpga.layout import layout
from snnc.targets.fpga.parameters import lanes_of
from snnc.targets.fpga.resources import use
from snnc.targets.fpga.settings import configure
from snnc.targets.fpga.unplaced import population_cycles, unplaced
from snnc.targets.registry import target_of
from snnc.verification.verify import verify


def dense(lines: int) -> QuantizedGraph:
    """`lines` -> 6 neurons -> 2 classes, all to all, over 3 steps."""
    populations = (
        Population("in", "input", lines),
        Population("a", "lif", 6, decay_u=4096, decay_v=700, threshold=70, reset="zero"),
        Population("out", "li", 2, decay_u=4096, decay_v=333),
    )
    projections = (
        Projection("in", "a", SynapseMatrix(np.full((6, lines), 3), np.zeros((6, lines), int))),
        Projection("a", "out", SynapseMatrix(np.full((2, 6), 9), np.zeros((2, 6), int))),
    )
    return QuantizedGraph(populations, projections, (Readout("out", "max", 1.0, ("x", "y")),), 3, 0.001)


def test_cycles_of_a_population_are_words_of_its_synapses_and_its_groups() -> None:
    """On 4 lanes, 6 neurons are 2 groups, so 2 words a line and 2 updates; readouts have 1 word a neuron."""
    assert population_cycles(layout(dense(10), 4)) == {"a": 10 * 2 + 2, "out": 6 + 1}


def test_the_rows_are_those_of_the_export_and_of_boards(tmp_path: Path) -> None:
    """On 16 lanes a step begins with 25 cycles, 30 for what waits for spikes; 10 words of lines, 6 of a
    neuron each, 2 groups: 73, and 10 of the next step's events. A sample has 3 steps."""
    held = export_graph(dense(10), "fpga", tmp_path / "own", allow_saturation=True)
    rows = unplaced(held)
    assert rows["cycles of a step"] == "at most 83"
    assert rows["cycles of a sample"] == "at most 229"
    assert rows["most cycles"] == f"a, {100 * 11 / 73:.1f} % of the bound"
    assert rows["synapse words"].startswith("16 of ")
    for board, other in (
        ("ulx3s", "; 64 lanes would fit, too"),
        ("tangnano20k", ""),
    ):
        told = use(held.graph, configure({"board": board, "lanes": 16}))
        taken = rows[f"block RAMs on {board}"]
        assert f" 16 lanes: {taken.partition(',')[0]} block RAMs" in told
        assert taken.endswith(f", with 16 lanes (estimate){other}")
    told = "does not fit with 16 lanes (estimate); exported with 4 lanes it would"
    assert rows["block RAMs on icebreaker"] == told


def test_verify_puts_them_into_the_report(tmp_path: Path) -> None:
    held = export_graph(network(), "fpga", tmp_path / "own", allow_saturation=True)
    rows = {row["resource"]: row["use"] for row in verify(held, [], executors=["oracle"]).resources}
    assert rows == unplaced(held)
    board = export_graph(network(), "fpga:board=ulx3s", tmp_path / "board", allow_saturation=True)
    found = verify(board, [], executors=["oracle"]).resources
    taken = target_of("fpga").taken(board.graph, board.manifest["settings"])
    assert [row["use"] for row in found[:3]] == [f"{used} / {most}" for _, used, most in taken]
    assert {row["resource"]: row["use"] for row in found[3:]} == unplaced(board)
    bound = most_of_a_sample(layout(board.graph, lanes_of(board.program)))
    assert unplaced(board)["cycles of a sample"] == f"at most {bound:,} ({bound / 75e3:.3g} ms at 75 MHz)"
    assert not any(name.startswith("block RAMs on") for name in unplaced(board))
