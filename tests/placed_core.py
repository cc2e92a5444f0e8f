"""A small network for `snnc place`, and tools in the place of yosys and nextpnr."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from snnc.stages import Population, Projection, QuantizedGraph, Readout, SynapseMatrix
from snnc.targets.fpga import place

REPORT = {
    "fmax": {"clk": {"achieved": 120.0}, "clk_25mhz": {"achieved": 300.0}},
    "utilization": {"DP16KD": {"used": 12, "available": 208}, "PCSCLKDIV": {"used": 0, "available": 2}},
}


def core() -> QuantizedGraph:
    """2 lines, which lead to 2 classes."""
    populations = (Population("in", "input", 2), Population("out", "li", 2, decay_u=4096, decay_v=100))
    synapses = SynapseMatrix(np.array([[1, 2], [3, 4]]), np.array([[0, 1], [0, 2]]))
    readouts = (Readout("out", "max", 0.5, ("a", "b")),)
    return QuantizedGraph(populations, (Projection("in", "out", synapses),), readouts, 5, 0.001)


def tools(monkeypatch: pytest.MonkeyPatch, call: Callable[..., str]) -> None:
    """`call` in place of yosys and nextpnr, of version 1.0."""
    monkeypatch.setattr(place, "call", call)
    monkeypatch.setattr(place, "program_path", lambda name, wheel: [name])
    monkeypatch.setattr(place, "_version", lambda words: "1.0")
