"""The grid of each neuron of a graph: how many integer steps stand for 1 of its real weights.

A grid belongs to the neuron that weights lead to: its weights, threshold, r, biases and kb have the same one,
so it divides all sums of that neuron and changes no spike. It is the finest that holds all of them. Neurons
that share a kernel share a grid; for a target that holds few thresholds, neurons of a population have one
threshold in integers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import lcm

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.errors import LimitError
from snnc.stages import FloatGraph, FloatPopulation, FloatProjection

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

UNIT = 1 << formats.STATE_FRACTION_BITS
BIAS_MAX = formats.BIAS_MANTISSA_MAX << formats.BIAS_EXPONENT_MAX
CLOSE = 1e-9
"""So near below a whole number a threshold counts as it."""


@dataclass(frozen=True, slots=True)
class NeuronGrids:
    """`scale` float64 [neurons]; `threshold` int64 [neurons], the integer one before "at" is considered."""

    scale: FloatArray
    threshold: IntArray | None


def choose_graph_grids(
    graph: FloatGraph, bits: int | Sequence[int], per_neuron: bool
) -> dict[str, NeuronGrids]:
    """By population that has a state; with `per_neuron`, as many thresholds as neurons.

    `bits`: of the weights into all of these populations, or into each.

    Raises
    ------
    LimitError
        If a neuron's weights are so large that its threshold would be 0.
    """
    numbers = [bits] * len(graph.stateful) if isinstance(bits, int) else bits
    return {
        each.name: _grids(each, graph.into(each.name), number, per_neuron)
        for each, number in zip(graph.stateful, numbers, strict=True)
    }


def blocks_of(into: Sequence[FloatProjection]) -> int:
    """How many neurons, one after another, share all of their weights."""
    return lcm(*(each.synapses.blocks for each in into))


def _grids(of: FloatPopulation, into: Sequence[FloatProjection], bits: int, per_neuron: bool) -> NeuronGrids:
    most = formats.SignedFormat(bits).maximum
    finest = _finest(of, into, most)
    size = blocks_of(into) if per_neuron or of.spikes else of.neurons
    if of.threshold is None:
        return NeuronGrids(_least(finest, size), None)
    same = _alike(of.threshold, size)
    if not (per_neuron or same.all()):
        size, same = of.neurons, np.zeros(of.neurons, np.bool_)  # one grid, and thresholds differ
    least = _least(finest, size)
    steps = of.threshold * least
    whole = np.floor(steps * (1 + CLOSE))
    if not per_neuron and same.all():
        whole = np.full(of.neurons, whole.min())
    scale = np.where(same, whole / of.threshold, least)
    threshold = np.where(same, whole, np.rint(of.threshold * scale))
    if (threshold < 1).any():
        neuron = int(threshold.argmin())
        raise LimitError(
            f"{of.name}, neuron {neuron}: its threshold {of.threshold[neuron]:.4g} is {steps[neuron]:.3g} "
            f"steps of the finest grid that holds its weights in {bits} bits, and would become 0; use more "
            "weight bits, or train with smaller weights"
        )
    return NeuronGrids(scale, threshold.astype(np.int64))


def _finest(of: FloatPopulation, into: Sequence[FloatProjection], most: int) -> FloatArray:
    """float64 [neurons], the largest scale on which each number of a neuron fits its format."""
    limits: list[tuple[FloatArray | None, float]] = [
        *((each.synapses.largest(), most) for each in into),
        (of.threshold, formats.THRESHOLD_MAX),
        (of.reset_by, formats.THRESHOLD_MAX),
        (of.bias, BIAS_MAX / UNIT),
        (of.input_bias, BIAS_MAX),
        (of.kb, formats.KB_MAX / UNIT),
    ]
    finest = np.full(of.neurons, np.inf)
    for value, largest in limits:
        if value is not None:
            size = np.abs(value)
            finest[size > 0] = np.minimum(finest[size > 0], largest / size[size > 0])
    finest[np.isinf(finest)] = 1.0  # nothing to hold: the neuron does nothing
    heard = sum((each.synapses.largest() > 0 for each in into), np.zeros(of.neurons, np.bool_))
    if of.threshold is not None:  # without weights, a threshold as fine as theirs is enough
        alone = (heard == 0) & (of.threshold > 0)
        finest[alone] = np.minimum(finest[alone], most / of.threshold[alone])
    return finest


def _least(finest: FloatArray, size: int) -> FloatArray:
    """The least of each `size` neurons, for each of them."""
    return np.repeat(finest.reshape(-1, size).min(axis=1), size)


def _alike(value: FloatArray, size: int) -> npt.NDArray[np.bool_]:
    """For each neuron, whether all of its `size` have the same value."""
    blocks = value.reshape(-1, size)
    return np.repeat((blocks == blocks[:, :1]).all(axis=1), size)
