"""Pass: leave out the synapses that matter least, a share of each layer's.

It works on the integers, so it is the same for layers that training finished on a grid and for others, and
what is removed is exactly what the chip saves. A layer has one threshold, so the order of its weights is
that of their size relative to the threshold.

- `magnitude`: the smallest |weight| first; of equal ones those on the (source, delay) line with the fewest
  synapses.
- `lines`: whole (source, delay) lines, those first whose |weights| add up to least: what one spike on the
  line moves at most. Fewer lines are left than by magnitude, and often shorter delays. The last line may be
  left in part, its largest weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from snnc.errors import InputError, LimitError
from snnc.stages import QuantizedGraph, QuantizedLayer

RULES = ("magnitude", "lines")
SHARES = tuple(step / 20 for step in range(20))
"""Shares that `search_shares` tries: 0, 5 % .. 95 %."""

Measure = Callable[[QuantizedGraph], int]
"""How good a network is, for instance the recordings that it decodes right."""


def prune(graph: QuantizedGraph, shares: Sequence[float], by: str = "magnitude") -> QuantizedGraph:
    """`graph` without the share 0 <= s < 1 of each layer's synapses, rounded to whole ones.

    Raises
    ------
    InputError
        If a share is out of range, there is not one for each layer, or `by` is unknown.
    """
    if by not in RULES:
        raise InputError(f"--prune-by {by}: no such rule; there are {', '.join(RULES)}")
    if len(shares) != len(graph.layers):
        raise InputError(f"prune: {len(shares)} shares are given for {len(graph.layers)} layers")
    for share in shares:
        if not 0 <= share < 1:
            raise InputError(f"--prune {share:g}: the share must be at least 0 and less than 1")
    layers = (_pruned(layer, share, by) for layer, share in zip(graph.layers, shares, strict=True))
    return replace(graph, layers=tuple(layers))


def _pruned(layer: QuantizedLayer, share: float, by: str) -> QuantizedLayer:
    if share == 0:
        return layer
    neuron, source = np.nonzero(layer.weight)
    size = np.abs(layer.weight[neuron, source])
    pair = source * (layer.max_delay + 1) + layer.delay[neuron, source]
    _, line, synapses = np.unique(pair, return_inverse=True, return_counts=True)
    if by == "magnitude":
        order = np.lexsort((synapses[line], size))  # the last key decides first
    else:
        order = np.lexsort((size, line, np.bincount(line, size)[line]))
    gone = order[: round(share * len(order))]
    weight = layer.weight.copy()
    weight[neuron[gone], source[gone]] = 0
    return replace(layer, weight=weight)


@dataclass(frozen=True, slots=True)
class PruneTrial:
    """Shares of the layers, and the measure of the network that they leave."""

    shares: tuple[float, ...]
    measure: int


@dataclass(frozen=True, slots=True)
class PruneSearch:
    """Every network that was tried, in order, and the shares that were chosen."""

    trials: tuple[PruneTrial, ...]
    chosen: tuple[float, ...]


def search_shares(graph: QuantizedGraph, by: str, measure: Measure, least: int) -> PruneSearch:
    """The largest of `SHARES` for all layers alike whose `measure` is at least `least`; then more by layer.

    The layer with most synapses comes first. From the largest share down, the first that keeps to the budget
    is taken; so n layers take 20 (n + 1) measurements at most. It is greedy: other mixes may remove more.

    Raises
    ------
    LimitError
        If the network that nothing is removed from misses the budget too.
    """
    found: dict[tuple[float, ...], int] = {}

    def enough(shares: tuple[float, ...]) -> bool:
        if shares not in found:
            found[shares] = measure(prune(graph, shares, by))
        return found[shares] >= least

    alike = ((share,) * len(graph.layers) for share in reversed(SHARES))
    chosen = next(filter(enough, alike), None)
    if chosen is None:
        raise LimitError(
            f"--prune auto: the least allowed is {least}, and the network measures "
            f"{found[(0.0,) * len(graph.layers)]} with nothing removed; allow a larger drop"
        )
    sizes = [int(np.count_nonzero(layer.weight)) for layer in graph.layers]
    for index in sorted(range(len(sizes)), key=lambda index: -sizes[index]):
        more = [share for share in reversed(SHARES) if share > chosen[index]]
        others = [(*chosen[:index], share, *chosen[index + 1 :]) for share in more]
        chosen = next(filter(enough, others), chosen)
    return PruneSearch(tuple(PruneTrial(*pair) for pair in found.items()), chosen)
