"""The save file of `make wave`: every signal that it names is there, with its bits."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from snnc.exporter.graph_export import export_graph
from snnc.stages import Population, Projection, QuantizedGraph, Readout, SynapseMatrix
from snnc.targets.fpga.waves import SAVE_FILE


def network(lines: int, neurons: int) -> QuantizedGraph:
    """`lines` -> `neurons` -> 2 classes, over 6 steps."""
    populations = (
        Population("in", "input", lines),
        Population("a", "lif", neurons, decay_u=1100, decay_v=700, threshold=70, reset="zero"),
        Population("out", "li", 2, decay_u=4096, decay_v=333),
    )
    projections = (
        Projection("in", "a", SynapseMatrix(np.full((neurons, lines), 50), np.ones((neurons, lines), int))),
        Projection("a", "out", SynapseMatrix(np.full((2, neurons), 9), np.ones((2, neurons), int))),
    )
    return QuantizedGraph(populations, projections, (Readout("out", "sum", 1.0, ("x", "y")),), 6, 0.001)


@pytest.mark.skipif(shutil.which("iverilog") is None, reason="Icarus Verilog is not installed")
@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize(
    ("lines", "neurons", "target", "spram"),
    [
        (2, 2, "fpga:lanes=2", 0),
        (40, 20, "fpga:lanes=4", 0),
        (140, 64, "fpga:board=icebreaker:lanes=2", 1),  # whose words are loaded before the first step
    ],
)
def test_every_signal_of_the_save_file_is_in_the_wave(
    lines: int, neurons: int, target: str, spram: int, tmp_path: Path
) -> None:
    held = export_graph(network(lines, neurons), target, tmp_path / "net.fpga")
    assert f"localparam SPRAM = {spram};" in (held.path / "rtl" / "params.vh").read_text()
    said = [
        subprocess.run(words, cwd=held.path, capture_output=True, text=True, timeout=120, check=True)
        for words in (["make", "obj/iverilog"], ["vvp", "-n", "obj/iverilog", "+wave", "+steps=2"])
    ]
    assert "snnc_sim: done" in said[1].stdout
    assert "WARNING" not in said[1].stdout + said[1].stderr
    assert (held.path / "cycles.bin").stat().st_size == 2 * 4
    wave = (held.path / "wave.fst").read_text()  # vvp writes a VCD where -fst is not given
    there = signals(wave)
    saved = (held.path / SAVE_FILE).read_text().splitlines()
    named = [line for line in saved if line.startswith("snnc_clock.")]
    assert len(named) > 20
    assert [name for name in named if name not in there] == []
    (start,) = [int(line.split()[1]) for line in saved if line.startswith("[timestart]")]
    running = there["snnc_clock.sim.core.sequencer.running"]
    before = wave[: wave.index(f"\n1{running}\n")]
    begun = int(before[before.rindex("\n#") + 2 :].split()[0])
    assert 0 <= begun - start <= 1000  # cycles of 10 ns: up to 64 events are taken first


def signals(vcd: str) -> dict[str, str]:
    """The paths of all signals of a VCD, with their ranges, and their marks in it."""
    scopes: list[str] = []
    found = {}
    for line in vcd[: vcd.index("$enddefinitions")].splitlines():
        if scope := re.match(r"\$scope \w+ (\S+) \$end", line):
            scopes.append(scope[1])
        elif line.startswith("$upscope"):
            scopes.pop()
        elif signal := re.match(r"\$var \w+ \d+ (\S+) (\S+)( \[\d+:\d+\])? \$end", line):
            found[".".join([*scopes, signal[2] + (signal[3] or "").strip()])] = signal[1]
    return found
