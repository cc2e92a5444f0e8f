"""A graph as the Lava program that an artifact ships; its two ways to sum, against each other."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.measure import Missing
from benchmarks.nets import LONGEST, SHD, STEPS, network, spike_trains
from snnc.errors import ExecutorError, ExecutorUnavailableError
from snnc.hwsim.event_driven import summarise
from snnc.stages import Artifact, Core, CoreNeurons, PlacedProgram, QuantizedGraph
from snnc.targets.loihi.executor import LavaEventExecutor, LavaStockExecutor
from snnc.targets.registry import load_target

RATE = 0.05
ROUNDS = 3


def unavailable_reason() -> str | None:
    """What the comparison with Lava lacks here, and the remedy."""
    return LavaStockExecutor().unavailable_reason()


class LavaProgram:
    """`graph` emitted for Loihi."""

    def __init__(self, graph: QuantizedGraph) -> None:
        if (why := unavailable_reason()) is not None:
            raise Missing(why)
        cores = tuple(
            Core(0, index, 0, 0, (CoreNeurons(layer.name, np.arange(layer.neurons)),), {})
            for index, layer in enumerate(graph.layers)
        )
        program = load_target("loihi").emit(PlacedProgram("loihi", graph, cores))
        nothing = np.zeros((0, graph.time_steps, graph.inputs), np.uint8)
        readout = np.zeros((0, graph.time_steps, graph.layers[-1].neurons), np.int32)
        self._artifact = Artifact(Path("nowhere"), "loihi", graph, {}, nothing, readout, program)

    def run(self, spikes: npt.NDArray[np.uint8], model: str = "stock") -> tuple[npt.NDArray[np.int32], float]:
        """Readout, int32 [samples, T, classes], and seconds, start-up included."""
        executor = {"stock": LavaStockExecutor, "event": LavaEventExecutor}[model]()
        began = time.perf_counter()
        try:
            readout = executor.run(self._artifact, spikes).readout
        except (ExecutorError, ExecutorUnavailableError) as error:
            raise Missing(f"Lava did not run: {str(error).splitlines()[0]}") from error
        return readout, time.perf_counter() - began


def lava_event_vs_stock() -> dict[str, object]:
    """Our event-driven synapses against the process models that ship with Lava, in one program: a step.

    Every u, v and spike is recorded on both sides. Two runs of each, of few samples and of more: what the
    difference takes, without start-up. Samples follow each other, `STEPS` + `LONGEST` steps apart.
    """
    graph = network(SHD, RATE)
    times: dict[str, list[float]] = {"event": [], "stock": []}
    lava = LavaProgram(graph)
    for _ in range(ROUNDS):
        for model, few, many in (("event", 1, 17), ("stock", 1, 3)):
            spikes = spike_trains(many, RATE, SHD[0])
            readout, long = lava.run(spikes, model)
            np.testing.assert_array_equal(readout, summarise(graph, spikes).readout)
            _, short = lava.run(spikes[:few], model)
            steps = (many - few) * (STEPS + LONGEST)
            times[model].append(1e3 * (long - short) / steps)
    ours, other = (statistics.median(times[model]) for model in ("event", "stock"))
    return {
        "name": "lava_event_vs_stock",
        "ours": ours,
        "other": other,
        "unit": "ms a Lava step",
        "ratio": other / ours,
    }
