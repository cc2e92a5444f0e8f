"""Random input trains of several densities and durations: uint8 [T, inputs] of 0 .. `payload_max`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from snnc.stages import QuantizedGraph

Train = npt.NDArray[np.uint8]
Rng = np.random.Generator

SHAPES = (
    "sparse",
    "dense",
    "silent, then dense",
    "bursts",
    "early",
    "late",
    "single lines",
    "few events",
    "even",
)


def shaped(graph: QuantizedGraph, shape: str, rng: Rng) -> Train:
    """A random train of one of the `SHAPES`, with random payloads; half of the time all the largest."""
    steps, inputs = graph.time_steps, graph.inputs
    fires = rng.random((steps, inputs), np.float32) < _rates(shape, steps, inputs, rng)
    if not fires.any():
        fires[rng.integers(steps), rng.integers(inputs)] = True
    if graph.payload_max == 1:
        return fires.astype(np.uint8)
    least = graph.payload_max if rng.random() < 0.5 else 1
    payload = rng.integers(least, graph.payload_max + 1, fires.shape)
    return np.where(fires, payload, 0).astype(np.uint8)


def _rates(shape: str, steps: int, inputs: int, rng: Rng) -> npt.NDArray[np.float64]:
    """The probability of an event in each step and line; [T, inputs], or what broadcasts to it."""
    step = np.arange(steps)[:, None]
    cut = rng.integers(steps)
    rate = 0.5 ** rng.uniform(0, 5)
    if shape == "sparse":
        return np.array(0.5 ** rng.uniform(4, 9))
    if shape == "dense":
        return np.array(rng.uniform(0.4, 1))
    if shape == "silent, then dense":
        return np.where(step >= cut, rng.uniform(0.4, 1), 0.0)
    if shape == "bursts":  # of some lines each, of a few steps
        start = rng.integers(0, steps, inputs)
        length = rng.integers(1, max(2, steps // 4 + 1), inputs)
        chosen = rng.random(inputs) < rng.uniform(0.1, 1)
        return np.where(chosen & (step >= start) & (step < start + length), max(rate, 0.5), 0.0)
    if shape == "early":
        return np.where(step <= cut // 2, rate, 0.0)
    if shape == "late":
        return np.where(step >= steps - 1 - cut // 2, rate, 0.0)
    if shape == "single lines":
        lines = rng.choice(inputs, min(inputs, int(rng.integers(1, 4))), replace=False)
        return np.where(np.isin(np.arange(inputs), lines), max(rate, 0.2), 0.0)
    if shape == "few events":
        return np.array(rng.integers(1, 9) / (steps * inputs))
    return np.array(rate)
