"""The event-driven simulator against others, on 140-256-256-20 with delays 0..24, one thread."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch

from benchmarks.measure import interleaved
from snnc.hwsim.event_driven import summarise
from snnc.stages import QuantizedGraph, QuantizedLayer
from snnc.trainer.integer_model import run_graph

WIDTHS, STEPS, SAMPLES, RATE = (140, 256, 256, 20), 100, 64, 0.05


def network() -> QuantizedGraph:
    """Random weights around 0; thresholds give about 5 % firing."""
    rng = np.random.default_rng(0)
    layers = []
    for index, (inputs, neurons) in enumerate(pairwise(WIDTHS)):
        last = index == len(WIDTHS) - 2
        layers.append(
            QuantizedLayer(
                name="readout" if last else f"hidden{index + 1}",
                weight=rng.integers(-127, 128, (neurons, inputs)),
                delay=rng.integers(0, 25, (neurons, inputs)),
                bias_mant=np.zeros(neurons, np.int32),
                bias_exp=0,
                decay_u=4096,
                decay_v=2048,
                threshold=None if last else 520,
            )
        )
    return QuantizedGraph(tuple(layers), STEPS, 0.01, 0.001, tuple(str(i) for i in range(WIDTHS[-1])))


def sim_vs_torch() -> dict[str, object]:
    """Milliseconds a sample, readout only, against the integer PyTorch model on the same batch."""
    graph = network()
    spikes = (np.random.default_rng(1).random((SAMPLES, STEPS, WIDTHS[0])) < RATE).astype(np.uint8)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        ours, other = interleaved(
            lambda: summarise(graph, spikes, threads=1), lambda: run_graph(graph, spikes), rounds=5
        )
    finally:
        torch.set_num_threads(threads)
    per_sample = 1000 / SAMPLES
    return {
        "name": "sim_vs_torch",
        "ours": ours * per_sample,
        "other": other * per_sample,
        "unit": "ms a sample",
        "ratio": other / ours,
    }
