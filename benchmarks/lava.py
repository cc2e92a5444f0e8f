"""A graph as the Lava program that an artifact ships, with Lava's own process models."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.measure import Missing
from snnc.errors import ExecutorError, ExecutorUnavailableError
from snnc.stages import Artifact, Core, PlacedProgram, Population, QuantizedGraph
from snnc.targets.loihi.executor import LavaStockExecutor
from snnc.targets.registry import load_target


class LavaProgram:
    """`graph` emitted for Loihi into a temporary folder; a context manager."""

    def __init__(self, graph: QuantizedGraph) -> None:
        self._executor = LavaStockExecutor()
        why = self._executor.missing()
        if why is not None:
            raise Missing(why)
        self._folder = tempfile.TemporaryDirectory(prefix="snnc-lava-")
        cores = tuple(
            Core(0, index, 0, 0, (Population(layer.name, np.arange(layer.neurons)),), {})
            for index, layer in enumerate(graph.layers)
        )
        files = load_target("loihi").emit(PlacedProgram("loihi", graph, cores))
        for name, content in files.items():
            path = Path(self._folder.name) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        nothing = np.zeros((0, graph.time_steps, graph.inputs), np.uint8)
        readout = np.zeros((0, graph.time_steps, graph.layers[-1].neurons), np.int32)
        self._artifact = Artifact(Path(self._folder.name), "loihi", graph, {}, nothing, readout)

    def __enter__(self) -> LavaProgram:
        return self

    def __exit__(self, *error: object) -> None:
        self._folder.cleanup()

    def run(self, spikes: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.int32], float]:
        """Readout, int32 [samples, T, classes], and seconds, start-up included."""
        began = time.perf_counter()
        try:
            readout = self._executor.run(self._artifact, spikes).readout
        except (ExecutorError, ExecutorUnavailableError) as error:
            raise Missing(f"Lava did not run: {str(error).splitlines()[0]}") from error
        return readout, time.perf_counter() - began
