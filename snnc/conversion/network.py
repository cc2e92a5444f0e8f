"""Network: what `from_torch` read."""

from __future__ import annotations

from dataclasses import dataclass

from snnc.conversion.comparison import Agreement
from snnc.stages import FloatGraph


@dataclass(frozen=True, slots=True)
class Network:
    """A graph in real numbers, and how far its spikes agree with those of the module that it is of."""

    graph: FloatGraph
    agreement: tuple[Agreement, ...]
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        sizes = " + ".join(str(each.neurons) for each in self.graph.populations)
        return f"Network({sizes} neurons, T = {self.graph.time_steps}, {self.graph.bin_s:g} s a step)"
