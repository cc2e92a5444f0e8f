"""The nets that the simulator's benchmarks run, with the firing rate asked for in every layer."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from snnc.hwsim.event_driven import summarise
from snnc.stages import QuantizedGraph, QuantizedLayer

SHD, SSC = (140, 256, 256, 20), (140, 512, 512, 35)
STEPS = 100
LONGEST = 24
"""Delays are 0 .. LONGEST, all as likely."""


def spike_trains(samples: int, rate: float, inputs: int, seed: int = 1) -> npt.NDArray[np.uint8]:
    """uint8 [samples, STEPS, inputs], each 1 with probability `rate`."""
    return (np.random.default_rng(seed).random((samples, STEPS, inputs)) < rate).astype(np.uint8)


def network(widths: tuple[int, ...], rate: float) -> QuantizedGraph:
    """Dense, random 8-bit weights around 0; each layer's threshold lets it fire at `rate`, as its input."""
    rng = np.random.default_rng(0)
    trial = spike_trains(4, rate, widths[0], seed=2)
    layers: list[QuantizedLayer] = []
    for index, (inputs, neurons) in enumerate(pairwise(widths)):
        layer = QuantizedLayer(
            name=f"layer{index}",
            weight=rng.integers(-127, 128, (neurons, inputs)),
            delay=rng.integers(0, LONGEST + 1, (neurons, inputs)),
            bias_mant=np.zeros(neurons, np.int32),
            bias_exp=0,
            decay_u=4096,
            decay_v=2048,
            threshold=None,
        )
        if index < len(widths) - 2:
            layer = _firing(layers, layer, trial, rate)
        layers.append(layer)
    return _graph(layers)


def _firing(
    before: list[QuantizedLayer], layer: QuantizedLayer, trial: npt.NDArray[np.uint8], rate: float
) -> QuantizedLayer:
    """`layer` with the lowest threshold at which it fires at most at `rate`."""
    sink = replace(
        layer,
        name="sink",
        weight=np.ones((1, layer.neurons)),
        delay=np.zeros((1, layer.neurons)),
        bias_mant=np.zeros(1, np.int32),
    )
    low, high = 0, 1 << 14
    while low < high:
        middle = (low + high) // 2
        counts = summarise(_graph([*before, replace(layer, threshold=middle), sink]), trial).spike_counts
        if counts[:, -2].mean() > rate * STEPS * layer.neurons:
            low = middle + 1
        else:
            high = middle
    return replace(layer, threshold=low)


def _graph(layers: list[QuantizedLayer]) -> QuantizedGraph:
    classes = tuple(str(i) for i in range(layers[-1].neurons))
    return QuantizedGraph.chain(tuple(layers), STEPS, 0.01, 0.001, classes)
