"""What a trace takes from the network that it is said to be of, where its file does not name it."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self

import numpy as np
import numpy.typing as npt

from snnc.errors import TraceFileError
from snnc.provenance import graph_hash
from snnc.stages import QuantizedGraph


class OfGraph:
    """What every trace of `graph` has in common, for forms that do not say it themselves."""

    def __init__(self, path: Path, graph: QuantizedGraph) -> None:
        self.path, self.graph = path, graph
        self.graph_hash = graph_hash(graph)
        self.time_steps, self.inputs, self.payload_max = graph.time_steps, graph.inputs, graph.payload_max
        self.readout_scale = graph.readout_scale
        self.layers = tuple(layer.name for layer in graph.layers)
        self.neurons = tuple(layer.neurons for layer in graph.layers)
        self.first, self.stop = 0, graph.time_steps
        self.samples: npt.NDArray[np.int64] = np.zeros(0, np.int64)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is open."""

    def __len__(self) -> int:
        return len(self.samples)

    def _refuse(self, problem: str) -> NoReturn:
        raise TraceFileError(f"{self.path}: {problem}")
