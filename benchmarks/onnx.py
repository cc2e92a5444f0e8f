"""The ONNX graph in onnxruntime and in the reference evaluator: size, and CPU time of a sample, one thread.

python -m benchmarks.onnx
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import numpy as np
from rich.console import Console
from rich.table import Table

from snnc.stages import QuantizedGraph, QuantizedLayer
from snnc.targets.onnx.emitter import model_bytes
from snnc.targets.onnx.executor import OnnxReferenceExecutor, OnnxRuntimeExecutor

NETWORKS = (((140, 256, 256, 20), 24, 76), ((700, 256, 256, 20), 62, 100))
"""Widths, longest delay and steps: those of examples/heidelberg, and of the Spiking Heidelberg Digits."""
BATCHES = (1, 16, 64)
RATE = 0.05


def network(widths: tuple[int, ...], max_delay: int, steps: int) -> QuantizedGraph:
    """Dense random weights and delays."""
    rng = np.random.default_rng(0)
    last = len(widths) - 2
    layers = tuple(
        QuantizedLayer(
            name=f"layer{index}",
            weight=rng.integers(-127, 128, (neurons, inputs)),
            delay=rng.integers(0, max_delay + 1, (neurons, inputs)),
            bias_mant=np.zeros(neurons, np.int32),
            bias_exp=0,
            decay_u=4096,
            decay_v=2048,
            threshold=None if index == last else 520,
        )
        for index, (inputs, neurons) in enumerate(pairwise(widths))
    )
    return QuantizedGraph.chain(layers, steps, 0.01, 0.001, tuple(str(i) for i in range(widths[-1])))


def cpu_seconds(function: Callable[[], object], rounds: int = 3) -> float:
    """The least of some runs, after one that is not counted."""
    times = []
    for _ in range(rounds + 1):
        began = time.process_time()
        function()
        times.append(time.process_time() - began)
    return min(times[1:])


def main() -> None:
    times = [f"ms a sample, {batch} at once" for batch in BATCHES]
    table = Table("network", "executor", "file", "kB", *times)
    for widths, max_delay, steps in NETWORKS:
        graph = network(widths, max_delay, steps)
        spikes = np.random.default_rng(1).random((max(BATCHES), steps, widths[0])) < RATE
        for file, probe in (("model.onnx", False), ("probe.onnx", True)):
            model = model_bytes(graph, probe=probe)
            for executor in (OnnxRuntimeExecutor(threads=1), OnnxReferenceExecutor()):
                run = executor.load(model)
                parts = [spikes[:batch].astype(np.uint8) for batch in BATCHES]
                taken = [1000 * cpu_seconds(partial(run, part)) / len(part) for part in parts]
                name = f"{'-'.join(map(str, widths))}, delays 0 to {max_delay}, T = {steps}"
                table.add_row(
                    name, executor.name, file, f"{len(model) / 1000:.0f}", *(f"{each:.1f}" for each in taken)
                )
    Console(width=160).print(table)


if __name__ == "__main__":
    main()
