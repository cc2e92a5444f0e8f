"""The promise of prune: a share of each layer's synapses is gone, by the rule, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from snnc.errors import PassError
from snnc.exporter.check_common import every_synapse, keeps_chain, same_network, same_neurons, same_synapses
from snnc.stages import QuantizedGraph, QuantizedLayer


def of_prune(before: QuantizedGraph, after: QuantizedGraph, shares: Sequence[float], by: str) -> None:
    """The share of each layer is gone, by the rule `by`; all other numbers stay.

    Raises
    ------
    PassError
        It names the layer, and the synapse that is left against the rule, or the number that changed.
    """
    keeps_chain(before, after)
    same_network(before, after)
    for old, new, share in zip(before.layers, after.layers, shares, strict=True):
        same_neurons(old, new)
        same_synapses(old, new, some_gone=True)
        there = int(np.count_nonzero(old.weight))
        gone = there - int(np.count_nonzero(new.weight))
        if abs(gone - share * there) > 0.5 + 1e-9:
            raise PassError(f"{new.name}: {gone} of {there} synapses are gone, the share is {share:g}")
        if gone:
            _by_rule(old, new, by)


def _by_rule(old: QuantizedLayer, new: QuantizedLayer, by: str) -> None:
    """No synapse that is gone ranks above one that is left."""
    neuron, source = np.nonzero(old.weight)
    size = np.abs(old.weight[neuron, source]).astype(np.int64)
    gone = new.weight[neuron, source] == 0
    each, line = np.unique(source + 1j * old.delay[neuron, source], return_inverse=True)
    if by == "magnitude":
        major, minor = size, np.bincount(line)[line]
    else:
        major = minor = np.bincount(line, size).astype(np.int64)[line]
        _one_line_in_part(new, line, len(each), gone, size)
    highest = major[gone].max()
    last = gone & (major == highest)
    wrong = ~gone & ((major < highest) | ((major == highest) & (minor < minor[last].max())))
    right = np.ones(old.weight.shape, np.bool_)
    right[neuron[wrong], source[wrong]] = False
    every_synapse(right, new.name, old.weight, f"left, though {by} would have it go before others")


def _one_line_in_part(
    layer: QuantizedLayer,
    line: npt.NDArray[np.intp],
    lines: int,
    gone: npt.NDArray[np.bool_],
    size: npt.NDArray[np.int64],
) -> None:
    went = np.bincount(line[gone], minlength=lines)
    parts = np.flatnonzero((went > 0) & (went < np.bincount(line, minlength=lines)))
    if len(parts) > 1:
        raise PassError(f"{layer.name}: {len(parts)} lines are left in part, at most one may be")
    for part in parts:
        here = line == part
        if size[here & gone].max() > size[here & ~gone].min():
            raise PassError(f"{layer.name}: of a line that is left in part, larger weights are gone")
