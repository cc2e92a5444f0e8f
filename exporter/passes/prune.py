"""Pass: leave out the synapses that matter least, a share of each projection's: in a chain, of each layer's.

It works on the integers, so it is the same for layers that training finished on a grid and for others, and
what is removed is exactly what the chip saves. Weights are compared by their size relative to the threshold
of their neuron (`pruning.py`).

- `magnitude`: the smallest |weight| first; of equal ones those on the (source, delay) line with the fewest
  synapses.
- `lines`: whole (source, delay) lines, those first whose |weights| add up to least: what one spike on the
  line moves at most. Fewer lines are left than by magnitude, and often shorter delays. The last line may be
  left in part, its largest weights.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from snnc.errors import InputError, LimitError
from snnc.exporter.delay_costs import lines_in
from snnc.exporter.fewest_bits import sizes_of
from snnc.exporter.options import PRUNE_RULES
from snnc.exporter.passes.base import Exported, Pass, Plan
from snnc.exporter.passes.check_prune import check_prune
from snnc.exporter.passes.pruning import without
from snnc.stages import QuantizedGraph
from snnc.text import did_you_mean

SHARES = tuple(step / 20 for step in range(20))
"""Shares that `search_shares` tries: 0, 5 % .. 95 %."""


@dataclass(frozen=True, slots=True)
class Prune(Pass[QuantizedGraph, QuantizedGraph]):
    """The share 0 <= s < 1 of each projection's synapses goes, rounded to whole ones, by the rule `by`.

    Of a convolution, the share of its kernel's elements.
    """

    shares: tuple[float, ...]
    by: str = "magnitude"

    name: ClassVar[str] = "prune"
    result: ClassVar[str] = "pruned"

    @classmethod
    def planned(cls, before: QuantizedGraph, plan: Plan, exported: Exported) -> Self:
        """For `prune` None, the shares that `max_drop` allows."""
        options, recordings = plan.options, plan.calibration
        if options.prune is not None:
            return cls((options.prune,) * len(before.projections), options.prune_by)
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
            If a share is out of range, there is not one for each projection, or the rule is unknown or does
            not suit a convolution.
        """
        if self.by not in PRUNE_RULES:
            meant = did_you_mean(self.by, PRUNE_RULES)
            raise InputError(f"--prune-by {self.by}: no such rule{meant}; there are {', '.join(PRUNE_RULES)}")
        if len(self.shares) != len(before.projections):
            what = "layers" if before.is_chain else "projections"
            raise InputError(
                f"prune: {len(self.shares)} shares are given for {len(before.projections)} {what}"
            )
        for share in self.shares:
            if not 0 <= share < 1:
                raise InputError(f"--prune {share:g}: the share must be at least 0 and less than 1")
        if not any(self.shares):
            return before
        pairs = zip(before.projections, self.shares, strict=True)
        left = tuple(without(before, each, share, self.by) for each, share in pairs)
        return replace(before, projections=left)

    def check(self, before: QuantizedGraph, after: QuantizedGraph) -> None:
        """The share of each projection is gone, by the rule; all other numbers stay."""
        check_prune(before, after, self.shares, self.by)

    def summary(self, before: QuantizedGraph, after: QuantizedGraph) -> dict[str, int]:
        """Synapses and (source, delay) lines before and removed, and neurons left without a synapse.

        Where some went, too: the bytes of synapses before and removed, as placement counts them, each layer
        whole on one core.
        """

        def totals(graph: QuantizedGraph) -> tuple[int, int, int]:
            synapses = sum(each.synapses.count for each in graph.projections)
            lines = sum(lines_in(each.synapses) for each in graph.projections)
            alone = 0
            for each in graph.stateful:
                heard = sum(into.synapses.sums() for into in graph.into(each.name))
                alone += each.neurons - int(np.count_nonzero(heard))
            return synapses, lines, alone

        (synapses, lines, alone), (synapses_left, lines_left, alone_now) = totals(before), totals(after)
        counts = {
            "synapses": synapses,
            "synapses_removed": synapses - synapses_left,
            "lines": lines,
            "lines_removed": lines - lines_left,
            "neurons_cut_off": alone_now - alone,
        }
        if synapses == synapses_left:
            return counts
        size, size_left = (sum(sizes_of(graph)[1]) for graph in (before, after))
        return counts | {"chip_synapse_bytes": size, "chip_synapse_bytes_removed": size - size_left}


def removed_from(
    names: Sequence[str], before: QuantizedGraph, after: QuantizedGraph
) -> dict[str, dict[str, int]]:
    """What the provenance says of the layers `names` of a chain, beside their shares, if it was pruned."""
    if after is before:
        return {}
    pairs = zip(before.projections, after.projections, strict=True)
    counts = (old.synapses.count - new.synapses.count for old, new in pairs)
    return {"synapses_pruned": dict(zip(names, counts, strict=True))}


def search_shares(
    graph: QuantizedGraph, by: str, measure: Callable[[QuantizedGraph], int], least: int
) -> tuple[float, ...]:
    """The largest of `SHARES` for all projections alike whose `measure` is at least `least`; then more by
    projection.

    The one with most synapses comes first. From the largest share down, the first that keeps to the budget
    is taken; so n projections take 20 (n + 1) measurements at most. It is greedy: other mixes may remove
    more.

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

    alike = ((share,) * len(graph.projections) for share in reversed(SHARES))
    chosen = next(filter(enough, alike), None)
    if chosen is None:
        raise LimitError(
            f"--prune auto: the network must measure at least {least}, but measures "
            f"{found[(0.0,) * len(graph.projections)]} with nothing pruned; allow a larger drop"
        )
    sizes = [each.synapses.count for each in graph.projections]
    for index in sorted(range(len(sizes)), key=lambda index: -sizes[index]):
        more = [share for share in reversed(SHARES) if share > chosen[index]]
        others = [(*chosen[:index], share, *chosen[index + 1 :]) for share in more]
        chosen = next(filter(enough, others), chosen)
    return chosen
