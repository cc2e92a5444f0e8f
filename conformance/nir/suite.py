"""The cases as they lie in `cases/`: read, checked, and written as NIR files.

The numbers of a case count in steps; a file has seconds, so a case becomes a file for a step of dt seconds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import nir
import numpy as np

CASES = Path(__file__).resolve().parent / "cases"
LATE = ", one step late"
GAINS = ("steps", "one")
"""Two files of the same meaning: r = tau / dt, or r = 1 and weights that are tau / dt times as large. Some
readers ignore r, and so read one of the two only; each gets the one that its own writer writes."""
WEIGHTS = ("Linear", "Affine")
"""The same once more: an Affine without a bias is a Linear."""
TIMES = {"LIF": ("tau",), "CubaLIF": ("tau_syn", "tau_mem"), "Delay": ("delay",)}

Spikes = list[list[int]]
"""For each neuron or line the steps in which it spikes; a step twice for two spikes."""


@dataclass(frozen=True)
class Case:
    """One question; `data` is what its file holds."""

    data: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.data["name"])

    @property
    def steps(self) -> int:
        return int(self.data["steps"])

    @property
    def inputs(self) -> Spikes:
        return list(self.data["input"])

    @cached_property
    def readings(self) -> dict[str, Spikes]:
        """All readings, then each of them one step later, if the case has no own name for that."""
        found: dict[str, Spikes] = dict(self.data["readings"])
        for name, spikes in self.data["readings"].items():
            late = [[step + 1 for step in line if step + 1 < self.steps] for line in spikes]
            if late not in found.values():
                found[name + LATE] = late
        return found

    def reading(self, spikes: Spikes) -> str | None:
        """Its name, or None if these spikes are of no reading."""
        return next((name for name, expected in self.readings.items() if expected == spikes), None)

    def graph(self, dt: float, gain: str = "steps", weights: str = "Linear") -> nir.NIRGraph:
        """As NIR nodes in single precision, for steps of `dt` seconds, unless the case has a step."""
        dt = float(self.data.get("dt", dt))
        scale = self._input_scale() if gain == "one" else 1.0
        nodes = {name: _node(node, dt, gain, scale) for name, node in self.data["nodes"].items()}
        if weights == "Affine" and not self.data.get("as_it_is"):
            nodes = {name: _affine(node) for name, node in nodes.items()}
        edges = [(source, target) for source, target in self.data["edges"]]
        return nir.NIRGraph(nodes=nodes, edges=edges)

    def dt(self, usual: float) -> float:
        return float(self.data.get("dt", usual))

    def _input_scale(self) -> float:
        """tau / dt of the neurons, which is one number in every case."""
        nodes = self.data["nodes"].values()
        if any("r" in node for node in nodes):
            return 1.0
        neurons = [node for node in nodes if "v_threshold" in node]
        taus = {tau for node in neurons for name in TIMES[node["type"]] for tau in node[name]}
        (tau,) = taus
        return float(tau) ** (2 if any(node["type"] == "CubaLIF" for node in nodes) else 1)


def _node(node: Mapping[str, Any], dt: float, gain: str, scale: float) -> nir.NIRNode:
    kind = node["type"]
    if kind in ("Input", "Output"):
        port = kind.lower()
        return getattr(nir, kind)(**{f"{port}_type": {port: np.array(node["shape"])}})
    values = {name: np.array(value, np.float32) for name, value in node.items() if name != "type"}
    if kind in ("Linear", "Affine"):
        # One-hot lines in front of a Delay carry spikes; only what enters neurons is scaled.
        factor = 1.0 if node.get("lines") else scale
        values = {name: value * np.float32(factor) for name, value in values.items() if name != "lines"}
    steps = {name: values[name].astype(float) for name in TIMES.get(kind, ())}
    values |= {name: (value * dt).astype(np.float32) for name, value in steps.items()}
    if kind in ("LIF", "CubaLIF"):
        zero = np.zeros_like(values["v_threshold"])
        memory = steps["tau" if kind == "LIF" else "tau_mem"].astype(np.float32)
        usual = {"r": memory if gain == "steps" else zero + 1, "v_leak": zero, "v_reset": zero}
        if kind == "CubaLIF":
            usual["w_in"] = steps["tau_syn"].astype(np.float32) if gain == "steps" else zero + 1
        values = usual | values
    return getattr(nir, kind)(**values)


def _affine(node: nir.NIRNode) -> nir.NIRNode:
    if not isinstance(node, nir.Linear):
        return node
    return nir.Affine(weight=node.weight, bias=np.zeros(len(node.weight), np.float32))


def load(folder: Path = CASES) -> dict[str, Case]:
    """Every case by its name, in the order of the names."""
    return {path.stem: Case(json.loads(path.read_text())) for path in sorted(folder.glob("*.json"))}


def events(spikes: Spikes, steps: int) -> np.ndarray:
    """[steps, lines] of counts."""
    found = np.zeros((steps, len(spikes)), np.float32)
    for line, times in enumerate(spikes):
        np.add.at(found[:, line], times, 1)
    return found
