"""An open trace, whatever the form of its file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self

import numpy as np
import numpy.typing as npt

from snnc.decoding.trace import Recorded, recorded, trace_order
from snnc.errors import TraceFileError
from snnc.provenance import graph_hash
from snnc.stages import QuantizedGraph
from snnc.stages.population import ADLIF, INPUT, SPIKING

VARIABLES = ("u", "w", "v", "spikes")


def variables_of(model: str) -> tuple[str, ...]:
    """Those of `VARIABLES` that a population of `model` has."""
    has = {"u": True, "w": model == ADLIF, "v": True, "spikes": model in SPIKING}
    return tuple(name for name in VARIABLES if has[name])


def payload_max(graph: QuantizedGraph) -> int:
    """Largest event of any input of `graph`, 1 if it has none."""
    return max((each.payload_max or 1 for each in graph.populations if each.model == INPUT), default=1)


class TraceReader(ABC):
    """An open trace; large arrays stay on disk until they are asked for. Use as a context manager.

    Attributes
    ----------
    executor, graph_hash, time_steps
        Who computed it, SHA-256 of the network's integers, T of the network.
    layers, neurons, models
        Names, sizes and models of all layers of the network in its order, recorded or not: of all populations
        that are no input.
    order
        Their numbers in the contract order.
    readouts
        How each readout is decoded (clause 7).
    inputs, payload_max
        Input lines of the network, and the most that an input event may carry.
    first, stop
        The recorded steps are first .. stop - 1.
    samples
        int64 [samples], the number of each recorded sample, rising.
    """

    path: Path
    executor: str
    graph_hash: str
    time_steps: int
    inputs: int
    payload_max: int
    layers: tuple[str, ...]
    neurons: tuple[int, ...]
    models: tuple[str, ...]
    order: tuple[int, ...]
    readouts: tuple[Recorded, ...]
    first: int
    stop: int
    samples: npt.NDArray[np.int64]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """Close the file, if it is open."""

    def __len__(self) -> int:
        """Number of samples."""
        return len(self.samples)

    @abstractmethod
    def holds(self, layer: int, variable: str) -> bool:
        """Whether `variable` ("u", "w", "v" or "spikes") of layer number `layer` was recorded."""

    def computed(self, layer: int) -> tuple[str, ...]:
        """The variables that an executor computes of layer number `layer`."""
        return variables_of(self.models[layer])

    @abstractmethod
    def read(self, layer: int, variable: str, rows: slice, steps: slice = slice(None)) -> npt.NDArray[Any]:
        """Samples `rows` (by place in the file) of one variable, int32 or bool [rows, steps, neurons].

        `steps` counts from the first recorded step.
        """

    @property
    @abstractmethod
    def has_input(self) -> bool:
        """Whether the input was recorded."""

    @abstractmethod
    def read_input(self, rows: slice) -> npt.NDArray[np.bool_ | np.uint8]:
        """The input of samples `rows`, [rows, T, inputs]: all steps, not only the recorded ones.

        bool, or uint8 where there are payloads.
        """

    def _refuse(self, problem: str) -> NoReturn:
        raise TraceFileError(f"{self.path}: {problem}")


class OfGraph(TraceReader):
    """An open trace of `graph`, in a form that does not say of which network it is."""

    def __init__(self, path: Path, graph: QuantizedGraph) -> None:
        self.path, self.graph = path, graph
        self.graph_hash = graph_hash(graph)
        self.time_steps, self.inputs, self.payload_max = graph.time_steps, graph.inputs, payload_max(graph)
        self.layers = tuple(each.name for each in graph.stateful)
        self.neurons = tuple(each.neurons for each in graph.stateful)
        self.models = tuple(each.model for each in graph.stateful)
        self.order = trace_order(graph)
        self.readouts = recorded(graph)
        self.first, self.stop = 0, graph.time_steps
        self.samples = np.zeros(0, np.int64)
