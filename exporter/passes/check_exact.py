"""The promise of exact scales: a grid has one where a scale rounds no weight, threshold or amount of reset.

Written apart from `exact_scales.py`: grid by grid, from its different weights to the counts of steps of the
largest that make all of them whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import lcm

import numpy as np
import numpy.typing as npt

from snnc.exporter.passes.check_graph_scales import finest_of
from snnc.stages import DiscreteLayer, FloatGraph, FloatPopulation

FloatArray = npt.NDArray[np.float64]

HALF_ULPS = 4 * 2.0**-24
"""Relative, what a number in float32 may be off a whole one."""
SLACK = 1e-9
PARTS = 64
"""Of a weight step, those in which biases count."""
LARGEST_THRESHOLD, LARGEST_BIAS = 2**17 - 1, 4095 << 7


def exact_scale_of(old: FloatPopulation, before: FloatGraph, most: int, per_neuron: bool) -> FloatArray:
    """The exact scale of each neuron; 0 where its grid has none."""
    into, unit = before.into(old.name), np.ones(old.neurons)
    blocks = lcm(*(each.synapses.blocks for each in into))
    if not per_neuron and old.threshold is not None:
        thresholds = old.threshold.reshape(-1, blocks)
        if (np.ptp(thresholds, axis=1) == 0).all():
            unit = old.threshold
    size = blocks if per_neuron else old.neurons
    limit = finest_of(old, before, most, np.ones(old.neurons)) * unit
    lists = [each.synapses.as_list() for each in into]
    neuron = np.concatenate([np.zeros(0, np.int64), *(each.post for each in lists)]).astype(np.int64)
    weight = np.concatenate([np.zeros(0), *(np.abs(each.weight) for each in lists)]) / unit[neuron]
    order = np.argsort(neuron, kind="stable")
    parts = np.searchsorted(neuron[order], np.arange(0, old.neurons + 1, size))
    found = np.zeros(old.neurons)
    for first, last, at in zip(parts[:-1], parts[1:], range(0, old.neurons, size), strict=True):
        own = slice(at, at + size)

        def of(value: FloatArray | None, own: slice = own) -> FloatArray:
            return np.zeros(1) if value is None else np.unique(np.abs(value[own]) / unit[own])

        found[own] = _finest(
            np.unique(weight[order[first:last]]),
            [of(old.threshold), of(old.reset_by)],
            [PARTS * of(old.bias), of(old.input_bias), PARTS * of(old.kb)],
            float(limit[own].min()),
            most,
        )
    return found / unit


def exact_scale_of_layer(layer: DiscreteLayer, most: int) -> float:
    """The exact scale of a layer of a chain; 0 if there is none."""
    weight = np.unique(np.abs(layer.weight[layer.weight != 0]))
    bias = np.unique(np.abs(layer.bias))
    thresholds = np.zeros(1) if layer.threshold is None else np.array([layer.threshold])
    limits = [np.inf]
    limits += [LARGEST_THRESHOLD / float(thresholds[0])] if thresholds[0] > 0 else []
    limits += [LARGEST_BIAS / PARTS / float(bias[-1])] if bias[-1] > 0 else []
    return _finest(weight, [thresholds], [PARTS * bias], min(limits), most)


def _finest(
    weights: FloatArray, needed: Iterable[FloatArray], others: Iterable[FloatArray], limit: float, most: int
) -> float:
    """The finest scale that makes `weights` and `needed` whole, if possible with `others`; 0 if none does."""
    if not len(weights):
        return 0.0
    largest = weights[-1]
    steps = np.arange(most, 0, -1)
    for value in [*weights, *np.concatenate(list(needed))]:
        steps = steps[_whole(value, steps, largest)]
        if not len(steps):
            return 0.0
    steps = steps[steps / largest <= limit * (1 + SLACK)]
    both = steps
    for value in np.concatenate(list(others)):
        both = both[_whole(value, both, largest)]
    return float(next(iter([*both, *steps]), 0) / largest)


def _whole(value: float, steps: npt.NDArray[np.int64], largest: float) -> npt.NDArray[np.bool_]:
    """On which scales of so many `steps` of the largest weight `value` is a whole number."""
    scaled = value * steps / largest
    right: npt.NDArray[np.bool_] = np.abs(scaled - np.rint(scaled)) <= HALF_ULPS * scaled
    return right
