"""The promise of the grids of a graph: each is the finest that holds its numbers, by the rule that was asked.

Written apart from `graph_scales.py` and `finer_scales.py`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np
import numpy.typing as npt

from snnc.exporter.passes.promises import every_neuron
from snnc.stages import FloatGraph, FloatPopulation

FloatArray = npt.NDArray[np.float64]

LARGEST = 2**17 - 1
BIAS, KB = 4095 << 7, 2**20 - 1
TRIED = [8 ** (k / 63) for k in range(64)]
"""How much finer than the grid that holds all weights `mse` may make one."""
CLOSE, SLACK = 1e-9, 1e-6
"""Relative: numbers that are equal but for rounding; and sums of many squares."""


def finest_of(old: FloatPopulation, before: FloatGraph, most: int, finer: FloatArray) -> FloatArray:
    """The finest scale of each neuron by itself; it holds of its weights the part 1 / `finer`."""
    into = before.into(old.name)
    holds = [(each.synapses.largest() / finer, float(most)) for each in into]
    heard = np.zeros(old.neurons)
    for largest, _ in holds:
        heard = np.maximum(heard, largest)
    for value, limit in (
        (old.threshold, LARGEST),
        (old.reset_by, LARGEST),
        (old.bias, BIAS / 64),
        (old.input_bias, BIAS),
        (old.kb, KB / 64),
        (old.threshold if old.threshold is None else np.where(heard > 0, 0, old.threshold), most),
    ):
        if value is not None:
            holds.append((np.abs(value), float(limit)))
    with np.errstate(divide="ignore"):
        finest = np.min([limit / value for value, limit in holds], axis=0)
    return np.where(np.isinf(finest), 1.0, finest)


def scale_of(
    old: FloatPopulation, before: FloatGraph, most: int, per_neuron: bool, finer: FloatArray
) -> FloatArray:
    """The scale of each neuron, where no scale is exact."""
    into, finest = before.into(old.name), finest_of(old, before, most, finer)
    size = lcm(*(each.synapses.blocks for each in into)) if per_neuron or old.spikes else old.neurons
    if old.threshold is None:
        return _by_block(finest, size)
    blocks = old.threshold.reshape(-1, size)
    alike = (blocks == blocks[:, :1]).all(axis=1)
    if not per_neuron and not alike.all():
        return _by_block(finest, old.neurons)
    least = _by_block(finest, size)
    whole = np.floor(old.threshold * least * (1 + 1e-9))
    if not per_neuron:
        whole = np.full(old.neurons, whole.min())
    same = np.repeat(alike, size)
    return np.where(same, whole / old.threshold, least)


def check_finer(
    old: FloatPopulation,
    before: FloatGraph,
    most: int,
    per_neuron: bool,
    scale: str,
    percentile: float,
    finer: FloatArray,
) -> None:
    """Raise `PassError` unless `finer` is what the rule `scale` makes of the weights of a population."""
    if scale == "max":
        every_neuron(finer == 1, old.name, finer, "not 1: no weight may be cut off")
        return
    into = before.into(old.name)
    size = lcm(*(each.synapses.blocks for each in into)) if per_neuron else old.neurons
    groups = finer.reshape(-1, size)
    every_neuron(
        np.repeat((groups == groups[:, :1]).all(axis=1), size), old.name, finer, "not that of its grid"
    )
    weights = _Weights.into(old, before, per_neuron)
    if scale == "percentile":
        right = _holds(weights, size, percentile, groups[:, 0])
    else:
        right = _least(old, before, weights, most, per_neuron, size, finer)
    every_neuron(np.repeat(right, size), old.name, finer, f"not how much finer {scale} makes its grid")


@dataclass(frozen=True, slots=True)
class _Weights:
    """Of each synapse into a population its neuron and weight; `relative` to the threshold, if a chip has one
    for all.
    """

    neuron: npt.NDArray[np.int64]
    real: FloatArray
    relative: FloatArray

    @classmethod
    def into(cls, old: FloatPopulation, before: FloatGraph, per_neuron: bool) -> _Weights:
        into = before.into(old.name)
        lists = [each.synapses.as_list() for each in into]
        neuron = np.concatenate([np.zeros(0, np.int64), *(each.post for each in lists)]).astype(np.int64)
        real = relative = np.concatenate([np.zeros(0), *(each.weight for each in lists)])
        if old.threshold is not None and not per_neuron:
            blocks = old.threshold.reshape(-1, lcm(*(each.synapses.blocks for each in into)))
            if (np.ptp(blocks, axis=1) == 0).all():
                relative = real / old.threshold[neuron]
        return cls(neuron, real, relative)

    def errors(self, scale: FloatArray, most: int, size: int) -> FloatArray:
        """The squared error on each grid, which `size` neurons share."""
        whole = self.real * scale[self.neuron]
        steps = np.minimum(np.rint(np.abs(whole)), most)
        kept = np.divide(steps, np.abs(whole), out=np.ones(len(whole)), where=whole != 0)
        off = np.square(self.relative * (1 - kept))
        found: FloatArray = np.bincount(self.neuron // size, off, len(scale) // size).astype(np.float64)
        return found


def _holds(weights: _Weights, size: int, percentile: float, finer: FloatArray) -> npt.NDArray[np.bool_]:
    """Of each grid, whether as many weights as the percentage asks for, and no more, are within it."""
    right = np.zeros(len(finer), np.bool_)
    order = np.argsort(weights.neuron, kind="stable")
    starts = np.searchsorted(weights.neuron[order], np.arange(1, len(finer)) * size)
    for number, part in enumerate(np.split(np.abs(weights.relative[order]), starts)):
        present = np.sort(part[part > 0])
        if not len(present):
            right[number] = finer[number] == 1
            continue
        place = math.ceil(Fraction(percentile) * len(present) / 100) - 1
        near = present[max(0, place - 1) : place + 2]  # for the last digit of the percentage
        right[number] = (np.abs(finer[number] * near - present[-1]) <= CLOSE * present[-1]).any()
    return right


def _least(
    old: FloatPopulation,
    before: FloatGraph,
    weights: _Weights,
    most: int,
    per_neuron: bool,
    size: int,
    finer: FloatArray,
) -> npt.NDArray[np.bool_]:
    """Of each grid, whether it is one that may be tried, and none of these has a smaller error."""

    def errors(finer: FloatArray) -> FloatArray:
        scale = scale_of(old, before, most, per_neuron, finer)
        found = weights.errors(scale, most, size)
        if old.threshold is not None:  # a threshold of 0 is none
            found[(np.rint(old.threshold * scale) < 1).reshape(-1, size).any(axis=1)] = np.inf
        return found

    tried = np.min([np.abs(finer / each - 1) for each in TRIED], axis=0) < CLOSE
    least = np.min([errors(np.full(old.neurons, each)) for each in TRIED], axis=0)
    right: npt.NDArray[np.bool_] = tried.reshape(-1, size).all(axis=1)
    return right & (errors(finer) <= least * (1 + SLACK))


def _by_block(value: FloatArray, size: int) -> FloatArray:
    return np.repeat(value.reshape(-1, size).min(axis=1), size)
