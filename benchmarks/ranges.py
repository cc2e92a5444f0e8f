"""`python -m benchmarks.ranges`: the range proof and its check on random networks, delays 0..62, T = 250."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Column, Table

from snnc.exporter.ranges.certificate import pack_ranges
from snnc.exporter.ranges.check import check_ranges
from snnc.exporter.ranges.prove import graph_bounds
from snnc.stages import QuantizedGraph, QuantizedLayer

WIDTHS = [(700, 256, 256, 35), (700, 1024, 1024, 35), (700, 3000, 2600, 35)]
STEPS = 250
COLUMNS = ("network", "synapses", "prove s", "MiB", "pack s", "file MiB", "check s")
"""`MiB`: the most memory taken while proving, beside the network."""


def network(widths: tuple[int, ...]) -> QuantizedGraph:
    rng = np.random.default_rng(0)
    layers = [
        QuantizedLayer(
            name=f"layer{index}",
            weight=rng.normal(0, 20, (neurons, inputs)).astype(np.int8),
            delay=rng.integers(0, 63, (neurons, inputs)),
            bias_mant=rng.integers(-300, 301, neurons),
            bias_exp=0,
            decay_u=4096,
            decay_v=410 if index == len(widths) - 2 else 2048,
            threshold=None if index == len(widths) - 2 else 400,
        )
        for index, (inputs, neurons) in enumerate(pairwise(widths))
    ]
    return QuantizedGraph.chain(tuple(layers), STEPS, 0.01, 0.001, tuple(map(str, range(widths[-1]))))


def timed(function: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    began = time.perf_counter()
    result = function(*arguments)
    return result, time.perf_counter() - began


def main() -> None:
    table = Table(*(Column(name, no_wrap=True) for name in COLUMNS))
    for widths in WIDTHS:
        graph = network(widths)
        ranges, prove = timed(graph_bounds, graph)
        data, pack = timed(pack_ranges, ranges)
        _, check = timed(check_ranges, graph, ranges)
        tracemalloc.start()
        graph_bounds(graph)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        synapses = sum(int(np.count_nonzero(layer.weight)) for layer in graph.layers)
        table.add_row(
            "-".join(map(str, widths)),
            f"{synapses / 1e6:.2f} M",
            *(f"{value:.2f}" for value in (prove, peak / 2**20, pack, len(data) / 2**20, check)),
        )
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
