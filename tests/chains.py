"""Trained nets for the whole chain of passes: any real numbers, or only such as the grids of export hold."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from hypothesis import strategies as st
from models import CONFIG

from snnc.stages import BatchNorm, TrainedLayer, TrainedModel


@dataclass(frozen=True)
class Shape:
    """What a net is drawn from: `bits` of each layer, `keep` of its synapses, delays 0 .. `longest`."""

    widths: tuple[int, ...]
    bits: tuple[int, ...]
    keep: float
    longest: int
    steps: int
    norm: bool
    seed: int


@st.composite
def shapes(draw: st.DrawFn, most_delay: int = 200, most_steps: int = 1000) -> Shape:
    """1-5 layers of 1-12 neurons, delays up to 0 .. `most_delay`, 2-8 bits, dense or sparse."""
    widths = draw(st.lists(st.integers(1, 12), min_size=2, max_size=6))
    longest = draw(st.sampled_from([most_delay, 5]) | st.integers(0, most_delay))
    return Shape(
        widths=tuple(widths),
        bits=tuple(draw(st.integers(2, 8)) for _ in widths[1:]),
        keep=draw(st.sampled_from([0.2, 0.6, 1.0])),
        longest=longest,
        steps=draw(st.integers(longest // 2 + 1, min(longest + 20, most_steps))),
        norm=draw(st.booleans()),
        seed=draw(st.integers(0, 2**32 - 1)),
    )


def model(shape: Shape, layers: list[TrainedLayer]) -> TrainedModel:
    names = tuple(f"class{index}" for index in range(shape.widths[-1]))
    config = {**CONFIG, "dataset": "absent.npz"}
    return TrainedModel(tuple(layers), shape.steps, 0.01, 1, names, "absent.npz", config)


def rough_model(shape: Shape) -> TrainedModel:
    """Real numbers of any kind; a grid must round all of them. Most nets fire."""
    rng, layers = np.random.default_rng(shape.seed), []
    for index, (inputs, neurons) in enumerate(pairwise(shape.widths)):
        top, last = (1 << (shape.bits[index] - 1)) - 1, index == len(shape.bits) - 1
        weight = rng.normal(0.2, 0.4, (neurons, inputs)) * (rng.random((neurons, inputs)) < shape.keep)
        weight[0, 0] = 0.9
        half, norm, largest = shape.longest // 2, None, np.abs(weight).max()
        if shape.norm:
            gamma, var = rng.normal(1, 0.3, neurons), rng.uniform(0.5, 2, neurons)
            norm = BatchNorm(gamma, *rng.normal(0, 0.1, (2, neurons)), var, 1e-5)
            largest = np.abs(weight * (gamma / np.sqrt(var + 1e-5))[:, None]).max()
        layers.append(
            TrainedLayer(
                name=f"layer{index}",
                weight=weight,
                position=rng.uniform(-half - 0.6, half + 0.6, weight.shape),
                kernel_size=2 * half + 1,
                sigma=0.0,
                tau=float(rng.choice([1.0, 1.7, 10.0, 2000.0])),
                # At least one step of the grid.
                threshold=None if last else float(largest * rng.uniform(1.05 / top, 1.2)),
                batch_norm=norm,
            )
        )
    return model(shape, layers)


def grid_model(shape: Shape, tau: float) -> tuple[TrainedModel, list[float]]:
    """Real numbers that the grids hold exactly, and of each layer the steps of v to 1 of the real v.

    A weight, as batch norm leaves it, is a whole number divided by a power of two, the largest of a layer
    fills its bits, and threshold and bias are whole on the same grid; all are exact in float32. With `tau` 2
    biases are multiples of 64, as a << 6 is, so v loses no bit in the decays of `shape.steps` <= 7 steps.
    """
    rng, layers, units = np.random.default_rng(shape.seed), [], []
    for index, (inputs, neurons) in enumerate(pairwise(shape.widths)):
        top, last = (1 << (shape.bits[index] - 1)) - 1, index == len(shape.bits) - 1
        scale = 2.0 ** int(rng.integers(-2, 8))
        whole = rng.integers(-top // 4, top + 1, (neurons, inputs)) * (
            rng.random((neurons, inputs)) < shape.keep
        )
        whole[rng.integers(neurons), rng.integers(inputs)] = top
        gain, norm = np.ones(neurons), None
        if shape.norm:
            # (x - mean) * gamma / sqrt(3.75 + 0.25) + beta, where beta - mean * gain is the bias.
            gain = rng.choice([-0.5, 0.5, 1.0, 2.0], neurons)
            bias = rng.integers(-4096, 4096, neurons) >> int(rng.choice([0, 3, 6]))
            bias = bias * (64 if tau > 1 else int(rng.choice([1, 8])))
            mean = rng.integers(-64, 65, neurons) / scale
            beta = bias / (64 * scale) + mean * gain
            norm = BatchNorm(2 * gain, beta, mean, np.full(neurons, 3.75), 0.25)
        size = shape.longest // 2 * 2 + 1
        layers.append(
            TrainedLayer(
                name=f"layer{index}",
                weight=whole / scale / gain[:, None],
                position=size // 2 - rng.integers(0, size, whole.shape),
                kernel_size=size,
                sigma=0.0,
                tau=tau,
                threshold=None if last else int(rng.integers(1, top + 1)) / scale,
                batch_norm=norm,
            )
        )
        units.append(64 * scale)
    return model(shape, layers), units
