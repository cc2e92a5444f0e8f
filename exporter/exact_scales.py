"""Scales that round nothing: of weights that lie on a grid already, as those of quantisation-aware training.

A scale is exact if it makes whole numbers of all weights of a grid, its thresholds and amounts of reset. Then
the largest weight is K steps, 1 .. the largest integer, so these are all scales that can be exact. Numbers
are float32 in most frameworks: one counts as whole if it is so near to a whole number as `ROUNDED` says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.quantisation import Grid
from snnc.stages import DiscreteLayer, FloatPopulation, FloatProjection

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Exact = Callable[[FloatArray], tuple[BoolArray, BoolArray]]

ROUNDED = 2.0**-22
"""Relative: four roundings to float32, of 2^-24 at most; two of a number, two of the largest weight."""
CLOSE = 1e-9
"""So near above its limit a scale counts as it."""
TINY = 1e-300
"""What is less has no inverse in floating point."""


def whole(steps: FloatArray) -> BoolArray:
    """Which are whole numbers, but for the rounding to float32. 0.1 is none, and so never becomes 0."""
    near: BoolArray = np.abs(steps - np.rint(steps)) <= ROUNDED * np.abs(steps)
    return near


def finest_exact(
    largest: FloatArray, least: FloatArray, limit: FloatArray, most: int, exact: Exact
) -> FloatArray:
    """float64 [grids], the finest scale of each grid that rounds nothing; 0 where there is none.

    Parameters
    ----------
    largest, least : float64 [grids], the largest |weight| of a grid and the least but 0; 0 if it has none.
    limit : float64 [grids], the finest scale on which all numbers fit their formats.
    most : the largest integer of a weight.
    exact : of scales [grids], whether weights and thresholds are whole; and whether the numbers are that may
        be rounded, as biases. A scale that rounds neither goes before a finer one.
    """
    found, best = np.zeros(len(largest)), np.zeros(len(largest))
    for steps in range(most, 0, -1):
        scale = np.divide(steps, largest, out=np.zeros(len(largest)), where=largest > 0)
        possible = (best == 0) & (scale > 0) & whole(least * scale) & (scale <= limit * (1 + CLOSE))
        if possible.any():
            needed, others = exact(np.where(possible, scale, 0))
            found = np.where(possible & needed & (found == 0), scale, found)
            best = np.where(possible & needed & others, scale, best)
    return np.where(best > 0, best, found)


def exact_grid(layer: DiscreteLayer, bits: int) -> Grid | None:
    """The exact grid of a layer of a chain, None if there is none."""
    present = np.abs(layer.weight[layer.weight != 0])
    if not len(present):
        return None
    threshold = np.zeros(0) if layer.threshold is None else np.array([layer.threshold])
    parts = 1 << formats.STATE_FRACTION_BITS
    bias = np.append(np.abs(layer.bias), 0.0) * parts
    ends = (threshold, formats.THRESHOLD_MAX), (bias, formats.BIAS_MANTISSA_MAX << formats.BIAS_EXPONENT_MAX)
    limit = min(
        (end / value for values, end in ends for value in values[values > 0].tolist()), default=np.inf
    )

    def exact(scale: FloatArray) -> tuple[BoolArray, BoolArray]:
        needed = whole(present * scale).all() and whole(threshold * scale).all()
        return np.array([needed]), np.array([whole(bias * scale).all()])

    most = formats.SignedFormat(bits).maximum
    scale = float(
        finest_exact(np.array([present.max()]), np.array([present.min()]), np.array([limit]), most, exact)[0]
    )
    if not scale:
        return None
    return Grid(bits, scale, None if layer.threshold is None else round(layer.threshold * scale))


def exact_scales(
    of: FloatPopulation,
    into: Sequence[FloatProjection],
    most: int,
    size: int,
    unit: FloatArray,
    finest: FloatArray,
) -> FloatArray:
    """float64 [neurons], the exact scale of each neuron of a population; 0 where there is none.

    Each `size` neurons have one grid for their weights relative to `unit` [neurons] (`unit_of`). `finest`
    [neurons]: the scale on which the numbers of a neuron fit their formats.
    """

    def by_grid(values: FloatArray) -> FloatArray:
        return (values / unit).reshape(-1, size)

    def all_of_grid(right: BoolArray) -> BoolArray:
        found: BoolArray = np.logical_and.reduce(right.reshape(-1, size), axis=1)
        return found

    def exact(scale: FloatArray) -> tuple[BoolArray, BoolArray]:
        own = np.repeat(scale, size) / unit
        needed: BoolArray = np.ones(of.neurons, np.bool_)
        others = needed.copy()
        for number in (of.threshold, of.reset_by):
            if number is not None:
                needed = needed & whole(number * own)
        if all_of_grid(needed)[scale > 0].any():  # weights are many
            for each in into:
                off = ~whole(each.synapses.weights * each.synapses.by_neuron(own))
                held: BoolArray = each.synapses.with_weights(off.astype(np.float64)).largest() == 0
                needed = needed & held
        fine = 1 << formats.STATE_FRACTION_BITS
        for number, parts in ((of.bias, fine), (of.input_bias, 1), (of.kb, fine)):
            if number is not None:
                others = others & whole(number * own * parts)
        return all_of_grid(needed), all_of_grid(others)

    largest = np.max([np.zeros(of.neurons), *(each.synapses.largest() for each in into)], axis=0)
    inverse = np.max([np.zeros(of.neurons), *map(_inverse, into)], axis=0)
    least = np.divide(1, inverse, out=np.zeros(of.neurons), where=inverse > 0)
    least = np.where(inverse > 0, least, np.inf)
    ends = by_grid(least).min(axis=1)
    return (
        np.repeat(
            finest_exact(
                by_grid(largest).max(axis=1),
                np.where(np.isinf(ends), 0, ends),
                (finest * unit).reshape(-1, size).min(axis=1),
                most,
                exact,
            ),
            size,
        )
        / unit
    )


def _inverse(each: FloatProjection) -> FloatArray:
    """float64 [neurons], 1 over the least |weight| into each; 0 where there is none."""
    sizes = np.abs(each.synapses.weights)
    inverse = np.divide(1, sizes, out=np.zeros(sizes.shape), where=sizes > TINY)
    return each.synapses.with_weights(inverse).largest()


def grid_words(of: FloatPopulation, into: Sequence[FloatProjection], most: int, scale: FloatArray) -> str:
    """As "weights lie on a grid of 0.25: exact", of integers on the grids `scale` [neurons].

    Empty if a weight, threshold or amount of reset is rounded or cut off, or neurons have no grid in common.
    """
    step = np.zeros(of.neurons, np.int64)
    for each in into:
        synapses = each.synapses.as_list()
        steps = np.abs(synapses.weight) * scale[synapses.post]
        if not whole(steps).all() or (np.rint(steps) > most).any():
            return ""
        np.gcd.at(step, synapses.post, np.rint(steps).astype(np.int64))
    needed = [number for number in (of.threshold, of.reset_by) if number is not None]
    if not step.any() or not all(whole(number * scale).all() for number in needed):
        return ""
    real = (step / scale)[step > 0]
    if not whole(real / real.min()).all():
        return ""
    parts = 1 << formats.STATE_FRACTION_BITS
    others = [(of.bias, parts), (of.input_bias, 1), (of.kb, parts)]
    rounded = any(number is not None and not whole(number * scale * fine).all() for number, fine in others)
    return f"weights lie on a grid of {real.min():.4g}: exact{', only biases are rounded' * rounded}"
