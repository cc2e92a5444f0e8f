"""Seconds that the machine model takes a sample: `python -m benchmarks.machine`."""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np

from snnc.exporter.passes.place import Place
from snnc.hwsim.machine.summary import estimate
from snnc.stages import QuantizedGraph, QuantizedLayer
from snnc.targets.registry import load_target

SIZES = ((140, 256, 256, 20), (700, 1024, 1024, 35))
STEPS, SAMPLES, RATE = 250, 10, 0.02


def network(sizes: tuple[int, ...], rng: np.random.Generator) -> QuantizedGraph:
    """All to all, random weights, delays up to 30; thresholds let about a seventh of the neurons fire."""
    layers = []
    for index, (inputs, neurons) in enumerate(pairwise(sizes)):
        readout = index == len(sizes) - 2
        layers.append(
            QuantizedLayer(
                name="readout" if readout else f"hidden{index + 1}",
                weight=rng.integers(-60, 72, (neurons, inputs)),
                delay=rng.integers(0, 31, (neurons, inputs)),
                bias_mant=np.zeros(neurons, np.int32),
                bias_exp=0,
                decay_u=4096,
                decay_v=400,
                threshold=None if readout else inputs,
            )
        )
    return QuantizedGraph.chain(tuple(layers), STEPS, 0.004, 1.0, tuple(map(str, range(sizes[-1]))))


def main() -> None:
    target = load_target("loihi")
    for sizes in SIZES:
        rng = np.random.default_rng(0)
        program = Place(target).run(network(sizes, rng))
        spikes = (rng.random((SAMPLES, STEPS, sizes[0])) < RATE).astype(np.uint8)
        costs, *others = target.costs.values()
        estimate(program, spikes[:1], costs)  # compiles
        taken = []
        for more in ((), others):
            began = time.perf_counter()
            found = estimate(program, spikes, costs, others=more)
            taken.append((time.perf_counter() - began) / SAMPLES)
        name = "-".join(map(str, sizes))
        operations = found.workload.effective / SAMPLES
        rate = 1 - found.workload.activation_sparsity
        print(
            f"{name}, {STEPS} steps, {len(program.cores)} cores, {rate:.1%} of neurons firing, "
            f"{operations:,.0f} synaptic operations a sample: {taken[0]:.3f} s a sample with one set of "
            f"constants, {taken[1]:.3f} s with {1 + len(others)}"
        )


if __name__ == "__main__":
    main()
