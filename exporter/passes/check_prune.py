"""The promise of pruning: the share of each projection is gone, and nothing that ranks below is left."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from snnc.errors import PassError
from snnc.exporter.passes.promises_of_graphs import (
    called,
    left_of,
    named,
    one_by_one,
    same_parts,
    same_population,
)
from snnc.stages import Convolution, Population, Projection, QuantizedGraph

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
NEAR, NEAR_SUM = 1e-12, 1e-9
"""Relative to thresholds, sizes that are nearer to each other are equal: others differ by more. Sums of them
are not so exact."""


def check_prune(before: QuantizedGraph, after: QuantizedGraph, shares: Sequence[float], by: str) -> None:
    """Raise `PassError` unless `after` is `before` without these shares of its projections, by the rule."""
    same_parts(before, after)
    for one, other in zip(before.populations, after.populations, strict=True):
        same_population(one, other)
    for old, new, share in zip(before.projections, after.projections, shares, strict=True):
        name = called(old, before)
        _, _, weight, _ = one_by_one(old.synapses)
        there = weight != 0
        gone = there & (left_of(old, new, name) == 0)
        if abs(gone.sum() - share * there.sum()) > 0.5 + 1e-9:
            raise PassError(
                f"{name}: {gone.sum()} of {there.sum()} synapses are gone, the share is {share:g}"
            )
        if gone.any():
            _by_rule(old, _relative(before, old), there, gone, by, name)


def _relative(graph: QuantizedGraph, of: Projection) -> Floats:
    """|weight| against the threshold of its neuron, or its size in real units; of a kernel, the largest."""
    _, post, weight, _ = one_by_one(of.synapses)
    relative = _one_to(graph.population(of.destination), graph)
    if isinstance(of.synapses, Convolution):
        relative = relative.reshape(of.synapses.grid_out[0], -1).max(axis=1)
    size = np.abs(weight.astype(np.float64))
    return size * relative[post] if np.ptp(relative) else size


def _one_to(population: Population, graph: QuantizedGraph) -> Floats:
    """What a weight of 1 is to each neuron."""
    if population.threshold is not None:
        return np.array([1 / max(int(each), 1) for each in population.threshold])
    scale = [each.scale for each in graph.readouts if each.population == population.name]
    return np.ones(population.neurons) * (scale[0] if scale and scale[0] is not None else 1.0)


def _by_rule(of: Projection, size: Floats, there: Flags, gone: Flags, by: str, name: str) -> None:
    """No synapse that is gone ranks above one that is left."""
    pre, _, _, delay = one_by_one(of.synapses)
    lines = np.stack([pre, delay]) if not isinstance(of.synapses, Convolution) else np.arange(len(pre))[None]
    line = np.full(len(pre), -1)
    _, line[there] = np.unique(lines[:, there], axis=1, return_inverse=True)
    if by == "magnitude":
        near, major, minor = NEAR, size, np.bincount(line[there])[line]
    else:
        near, major = NEAR_SUM, np.bincount(line[there], size[there])[line]
        minor = np.ones_like(line)
        _one_line_in_part(name, line, there, gone, size)
    highest = major[gone].max()
    level = np.abs(major - highest) <= near * highest
    before_it = level & (minor < minor[gone & level].max())
    wrong = there & ~gone & ((major < highest * (1 - near)) | before_it)
    if wrong.any():
        at = int(wrong.argmax())
        where = named(name, of.synapses, at)
        weight = one_by_one(of.synapses)[2][at]
        raise PassError(f"{where}: {weight} is left, though {by} would have it go before others")


def _one_line_in_part(
    name: str, line: npt.NDArray[np.int64], there: Flags, gone: Flags, size: Floats
) -> None:
    count = int(line.max()) + 1
    went, all_of = np.bincount(line[gone], minlength=count), np.bincount(line[there], minlength=count)
    parts = np.flatnonzero((went > 0) & (went < all_of))
    if len(parts) > 1:
        raise PassError(f"{name}: {len(parts)} lines are pruned in part, the limit is 1")
    for part in parts:
        here = there & (line == part)
        if size[here & gone].max() > size[here & ~gone].min() * (1 + NEAR):
            raise PassError(f"{name}: a line pruned in part keeps smaller weights than it loses")
