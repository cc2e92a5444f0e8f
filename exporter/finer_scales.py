"""How much finer the grids of a graph are than the finest that hold all weights: `percentile` and `mse`.

Of 2, a scale is twice as large, and weights beyond half of the largest go to the end of their grid. Neurons
that share a grid have one number: those of a kernel's channel, or each by itself; for a chip, those of a
population. There, weights of neurons with different thresholds are compared relative to these.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from snnc import formats
from snnc.exporter.graph_scales import FINEST, FloatArray, bits_of, grids_of, on_grid, shared_by, unit_of
from snnc.stages import FloatGraph, FloatPopulation, FloatProjection

TRIED = 64
"""`mse` tries so many numbers from 1 to `FINEST`, evenly in proportion, as of the layers of a chain."""
NEAR = 1e-9

Rule = Callable[[FloatPopulation, Sequence[FloatProjection], int, bool], FloatArray]


def finer_scales(
    graph: FloatGraph, bits: int | Sequence[int], per_neuron: bool, scale: str, percent: float
) -> dict[str, FloatArray]:
    """By population that has a state, 1 or more for each neuron; `scale` is one of `GRAPH_SCALES`.

    `percent` of the weights on a grid are within it, if `scale` is "percentile".
    """
    rules: dict[str, Rule] = {
        "max": lambda of, into, bits, per_neuron: np.ones(of.neurons),
        "percentile": partial(_percentile, percent=percent),
        "mse": _least_squares,
    }
    each_of = zip(graph.stateful, bits_of(graph, bits), strict=True)
    return {of.name: rules[scale](of, graph.into(of.name), number, per_neuron) for of, number in each_of}


def _percentile(
    of: FloatPopulation, into: Sequence[FloatProjection], bits: int, per_neuron: bool, percent: float
) -> FloatArray:
    size, unit = shared_by(of, into, per_neuron), unit_of(of, into, per_neuron)
    lists = [each.synapses.as_list() for each in into]
    weight = np.concatenate([np.zeros(0), *(np.abs(each.weight) / unit[each.post] for each in lists)])
    grid = np.concatenate([np.zeros(0, np.int64), *(each.post // size for each in lists)])
    order = np.lexsort((weight, grid))
    weight, grid = weight[order], grid[order]
    weight, grid = weight[weight > 0], grid[weight > 0]
    count = np.bincount(grid, minlength=of.neurons // size)
    last = np.cumsum(count) - 1
    held = last - count + np.maximum(np.ceil(percent * count / 100 - NEAR), 1).astype(np.int64)
    found, some = np.ones(len(count)), count > 0
    found[some] = weight[last[some]] / weight[held[some]]
    return np.repeat(found, size)


def _least_squares(
    of: FloatPopulation, into: Sequence[FloatProjection], bits: int, per_neuron: bool
) -> FloatArray:
    """The least squared error of the weights; of equal ones the coarsest."""
    size, unit = shared_by(of, into, per_neuron), unit_of(of, into, per_neuron)
    most = formats.SignedFormat(bits).maximum
    least, found = np.full(of.neurons // size, np.inf), np.ones(of.neurons // size)
    for finer in np.geomspace(1, FINEST, TRIED).tolist():
        grids, _ = grids_of(of, into, most, per_neuron, np.full(of.neurons, finer))
        error = np.zeros(of.neurons)
        for each in into:
            scale, real = each.synapses.by_neuron(grids.scale), each.synapses.weights
            with np.errstate(divide="ignore", invalid="ignore"):  # the scale 0 of a threshold that is lost
                off = np.square(real - on_grid(real, scale, most) / scale)
            error += each.synapses.with_weights(np.nan_to_num(off, posinf=0)).sums()
        if grids.threshold is not None:
            error[grids.threshold < 1] = np.inf
        total = np.square(1 / unit) * error
        of_grid = total.reshape(-1, size).sum(axis=1)
        found[of_grid < least] = finer
        least = np.minimum(least, of_grid)
    return np.repeat(found, size)
