"""TrainedGraph: what training leaves behind of a network that is no chain of layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.arrays import frozen
from snnc.brief import brief
from snnc.errors import StageError
from snnc.stages.float_graph import FloatGraph
from snnc.stages.float_synapses import FloatMatrix
from snnc.stages.trained import NO_DATA
from snnc.text import quoted

Positions = Mapping[str, Mapping[str, npt.NDArray[np.float32]]]


@dataclass(frozen=True, slots=True)
class TrainedGraph:
    """A trained network of any populations and projections that the contract has.

    `graph` is the network with whole delays, batch norm folded. `positions` are its delays in steps as they
    were learned, before they were rounded: by destination and source, float32 [neurons, sources], or [1,
    sources] if each source has one, or, of a convolution, [channels, elements of a kernel]. `quantised`
    holds, for each number of weight bits that training finished for, the graph whose weights and biases were
    trained as these integers. `unit_pool`, `dataset`, `config` and `metrics` are as in `TrainedModel`.
    """

    __repr__ = brief

    graph: FloatGraph
    unit_pool: int = 1
    dataset: str = NO_DATA
    config: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    positions: Positions = field(default_factory=dict)
    quantised: Mapping[int, FloatGraph] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("config", "metrics"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
        if self.unit_pool < 1:
            raise StageError(f"model: unit_pool is {self.unit_pool}, expected 1 or more")
        if len(self.graph.readouts) != 1 or len(self.graph.populations) - len(self.graph.stateful) != 1:
            raise StageError("model: a trained network has one input population and one readout")
        object.__setattr__(self, "positions", self._checked_positions())
        quantised = dict(sorted(self.quantised.items()))
        object.__setattr__(self, "quantised", MappingProxyType(quantised))
        for bits, graph in quantised.items():
            if not 2 <= bits <= formats.WEIGHT_BITS_DEFAULT:
                raise StageError(f"model: finished for weights of {bits} bits, expected 2 .. 8")
            if _shape(graph) != _shape(self.graph):
                raise StageError(f"model: its {bits}-bit network has other populations or projections")

    @property
    def time_steps(self) -> int:
        return self.graph.time_steps

    @property
    def bin_s(self) -> float:
        return self.graph.bin_s

    @property
    def class_names(self) -> tuple[str, ...]:
        return self.graph.readouts[0].class_names

    @property
    def inputs(self) -> int:
        """Input lines."""
        return self.graph.inputs

    def of_bits(self, weight_bits: int | Sequence[int]) -> FloatGraph:
        """What an export with so many bits, for all populations or each, rounds: as training finished it, if
        so.
        """
        different = [weight_bits] if isinstance(weight_bits, int) else sorted(set(weight_bits))
        return self.quantised.get(different[0], self.graph) if len(different) == 1 else self.graph

    def _checked_positions(self) -> Positions:
        ways = {(each.destination, each.source): each.synapses for each in self.graph.projections}
        found: dict[str, Mapping[str, npt.NDArray[np.float32]]] = {}
        for destination, sources in self.positions.items():
            arrays = {}
            for source, given in sources.items():
                what = f"positions of {quoted(source)} -> {quoted(destination)}"
                if (destination, source) not in ways:
                    raise StageError(f"model: {what} are given, and there is no such projection")
                synapses = ways[destination, source]
                array = frozen(given, np.float32, name=f"model: {what}")
                stored = synapses.weights
                shapes = [(len(stored), stored[0].size)]
                if isinstance(synapses, FloatMatrix):
                    shapes.append((1, synapses.pre_neurons))
                if array.shape not in shapes:
                    raise StageError(f"model: {what} have the shape {array.shape}, expected {shapes[0]}")
                arrays[source] = array
            found[destination] = MappingProxyType(arrays)
        return MappingProxyType(found)


def _shape(graph: FloatGraph) -> object:
    """What all networks of a model have in common."""
    return (
        [(each.name, each.model, each.neurons) for each in graph.populations],
        [
            (each.source, each.destination, each.synapses.pre_neurons, each.synapses.post_neurons)
            for each in graph.projections
        ],
        [(each.population, each.decoder, each.class_names) for each in graph.readouts],
        (graph.time_steps, graph.bin_s),
    )
