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

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt

from snnc.errors import InputError, LimitError, PassError
from snnc.exporter.delay_costs import count_lines
from snnc.exporter.options import PRUNE_RULES
from snnc.exporter.passes.base import Exported, Pass, Plan
from snnc.exporter.passes.promises import every_synapse, same_frame, same_neurons, same_synapses
from snnc.stages import QuantizedGraph, QuantizedLayer

SHARES = tuple(step / 20 for step in range(20))
"""Shares that `search_shares` tries: 0, 5 % .. 95 %."""


@dataclass(frozen=True, slots=True)
class Prune(Pass[QuantizedGraph, QuantizedGraph]):
    """The share 0 <= s < 1 of each layer's synapses goes, rounded to whole ones, by the rule `by`."""

    shares: tuple[float, ...]
    by: str = "magnitude"

    name: ClassVar[str] = "prune"
    result: ClassVar[str] = "pruned"

    @classmethod
    def planned(cls, before: QuantizedGraph, plan: Plan, exported: Exported) -> Self:
        """For `prune` None, the shares that `max_drop` allows."""
        options, recordings = plan.options, plan.calibration
        if options.prune is not None:
            return cls((options.prune,) * len(before.layers), options.prune_by)
        assert recordings is not None  # `plan_export` sees to it
        assert options.max_drop is not None

        def measure(smaller: QuantizedGraph) -> int:
            plan.progress("synapses to leave out")
            return recordings.measure(exported(smaller)).correct

        least = math.ceil(plan.reference - options.max_drop / 100 * len(recordings) - 1e-9)
        return cls(search_shares(before, options.prune_by, measure, least), options.prune_by)

    def run(self, before: QuantizedGraph) -> QuantizedGraph:
        """`before` without the shares of its synapses.

        Raises
        ------
        InputError
            If a share is out of range, there is not one for each layer, or the rule is unknown.
        """
        if self.by not in PRUNE_RULES:
            raise InputError(f"--prune-by {self.by}: no such rule; there are {', '.join(PRUNE_RULES)}")
        if len(self.shares) != len(before.layers):
            raise InputError(f"prune: {len(self.shares)} shares are given for {len(before.layers)} layers")
        for share in self.shares:
            if not 0 <= share < 1:
                raise InputError(f"--prune {share:g}: the share must be at least 0 and less than 1")
        if not any(self.shares):
            return before
        pairs = zip(before.layers, self.shares, strict=True)
        return before.with_layers(_pruned(layer, share, self.by) for layer, share in pairs)

    def check(self, before: QuantizedGraph, after: QuantizedGraph) -> None:
        """The share of each layer is gone, by the rule; all other numbers stay."""
        same_frame(before, after)
        for old, new, share in zip(before.layers, after.layers, self.shares, strict=True):
            same_neurons(old, new)
            same_synapses(old, new, some_gone=True)
            there = int(np.count_nonzero(old.weight))
            gone = there - int(np.count_nonzero(new.weight))
            if abs(gone - share * there) > 0.5 + 1e-9:
                raise PassError(f"{new.name}: {gone} of {there} synapses are gone, the share is {share:g}")
            if gone:
                _by_rule(old, new, self.by)

    def summary(self, before: QuantizedGraph, after: QuantizedGraph) -> dict[str, int]:
        """Synapses and (source, delay) lines before and removed, and neurons left without a synapse."""

        def totals(graph: QuantizedGraph) -> tuple[int, int, int]:
            synapses = lines = alone = 0
            for layer in graph.layers:
                synapses += int(np.count_nonzero(layer.weight))
                lines += count_lines(layer)
                alone += layer.neurons - int(np.count_nonzero(layer.weight.any(axis=1)))
            return synapses, lines, alone

        (synapses, lines, alone), (synapses_left, lines_left, alone_now) = totals(before), totals(after)
        return {
            "synapses": synapses,
            "synapses_removed": synapses - synapses_left,
            "lines": lines,
            "lines_removed": lines - lines_left,
            "neurons_cut_off": alone_now - alone,
        }


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


def search_shares(
    graph: QuantizedGraph, by: str, measure: Callable[[QuantizedGraph], int], least: int
) -> tuple[float, ...]:
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
            found[shares] = measure(Prune(shares, by).run(graph))
        return found[shares] >= least

    alike = ((share,) * len(graph.layers) for share in reversed(SHARES))
    chosen = next(filter(enough, alike), None)
    if chosen is None:
        raise LimitError(
            f"--prune auto: the network must measure at least {least}, but measures "
            f"{found[(0.0,) * len(graph.layers)]} with nothing pruned; allow a larger drop"
        )
    sizes = [int(np.count_nonzero(layer.weight)) for layer in graph.layers]
    for index in sorted(range(len(sizes)), key=lambda index: -sizes[index]):
        more = [share for share in reversed(SHARES) if share > chosen[index]]
        others = [(*chosen[:index], share, *chosen[index + 1 :]) for share in more]
        chosen = next(filter(enough, others), chosen)
    return chosen


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
        raise PassError(f"{layer.name}: {len(parts)} lines are pruned in part, the limit is 1")
    for part in parts:
        here = line == part
        if size[here & gone].max() > size[here & ~gone].min():
            raise PassError(f"{layer.name}: a line pruned in part keeps smaller weights than it loses")
