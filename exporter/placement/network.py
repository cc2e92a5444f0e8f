"""What placement needs of a graph: who is connected to whom, and how many bits a synapse takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.encodings import weight_bits
from snnc.stages import QuantizedGraph

BoolArray = npt.NDArray[np.bool_]
CountArray = npt.NDArray[np.int64]

CHUNK = 1 << 18
"""Elements that are turned into floats at a time; a whole layer never is."""


@dataclass(frozen=True, slots=True)
class Connections:
    """One layer: `present` bool [neurons, inputs], bits of a weight, longest delay in steps."""

    name: str
    present: BoolArray
    weight_bits: int
    max_delay: int

    @property
    def neurons(self) -> int:
        return int(self.present.shape[0])

    @property
    def inputs(self) -> int:
        return int(self.present.shape[1])

    @property
    def delay_bits(self) -> int:
        return self.max_delay.bit_length()


Network = tuple[Connections, ...]
"""The layers in order. The sources of layer l are the neurons of layer l - 1, or the input lines."""


def network_of(graph: QuantizedGraph) -> Network:
    """The connections of `graph`; one byte a possible synapse."""
    return tuple(
        Connections(layer.name, layer.weight != 0, weight_bits(layer), layer.max_delay)
        for layer in graph.layers
    )


def weigh(present: BoolArray, values: CountArray, columns: npt.NDArray[np.intp] | None = None) -> CountArray:
    """`present[:, columns] @ values[columns]` as int64 [rows], exact below 2**53; without `columns`, all."""
    if columns is not None:
        if len(columns) == 0:
            return np.zeros(len(present), np.int64)
        present, values = present[:, columns], values[columns]
    factor = values.astype(np.float64)
    rows = max(1, CHUNK // max(1, present.shape[1]))
    parts = [present[i : i + rows].astype(np.float64) @ factor for i in range(0, len(present), rows)]
    return np.rint(np.concatenate(parts)).astype(np.int64) if parts else np.zeros(0, np.int64)
