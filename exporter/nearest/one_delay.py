"""Step: all synapses of a source have one delay, in the range of the chip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from snnc.errors import LimitError, PassError
from snnc.exporter.nearest.checks import same_but_delays
from snnc.exporter.nearest.synapses import Ints, stored, with_synapses
from snnc.exporter.passes.base import Exported, Pass, Plan
from snnc.stages import Projection, QuantizedGraph, SynapseList
from snnc.target import Limits


@dataclass(frozen=True, slots=True)
class OneDelay(Pass[QuantizedGraph, QuantizedGraph]):
    """Each source of a projection delays by `shortest` .. `longest` steps, where its |weights| move least.

    What moves least is a weighted median: the sum of |weight| times the steps that each synapse moves is the
    least that there is, and of several such delays the shortest is taken. That sum falls towards the median
    from either side, so where the range ends before it, the end of the range is best. `longest` None: delays
    stay as they are.
    """

    shortest: int
    longest: int | None

    name: ClassVar[str] = "one_delay"

    @classmethod
    def planned(cls, before: QuantizedGraph, plan: Plan, exported: Exported) -> Self:
        """The range by which less moves: the chip's, or of a chain one from 0 that grows on the chip.

        Every delay of a chain may be longer by the chip's shortest: each layer acts that much later then.
        """
        assert plan.target is not None
        limits = plan.target.limits
        if limits.delays_per_source is None:
            return cls(0, None)
        ranges = list(_ranges(before, limits))
        return min((cls(*each) for each in ranges), key=lambda each: weighted_steps(before, each.run(before)))

    def run(self, before: QuantizedGraph) -> QuantizedGraph:
        """Raise `LimitError` if two synapses would become one: from a source to one neuron, of two delays."""
        if self.longest is None:
            return before
        changed = {}
        for number, each in enumerate(before.projections):
            found = each.synapses.as_list()
            if found.most_of_a_pair > 1:
                raise LimitError(
                    f"{each.name}: several synapses lead from a neuron to one, with different delays; with "
                    "one delay they would be one of another weight; train without them"
                )
            new = stored(each.synapses, found.weight, self._common(found)[found.pre])
            if new is not each.synapses:
                changed[number] = new
        return with_synapses(before, changed)

    def _common(self, found: SynapseList) -> Ints:
        """The delay of each source, int64 [sources]; 0 of one without synapses."""
        order = np.lexsort((found.delay, found.pre))
        pre, size = found.pre[order], np.abs(found.weight[order].astype(np.int64))
        whole = np.bincount(found.pre, np.abs(found.weight), found.pre_neurons).astype(np.int64)
        so_far = np.cumsum(size) - (np.cumsum(whole) - whole)[pre]
        half = np.flatnonzero(2 * so_far >= whole[pre])
        sources, first = np.unique(pre[half], return_index=True)
        delay = np.zeros(found.pre_neurons, np.int64)
        delay[sources] = np.clip(found.delay[order][half[first]], self.shortest, self.longest)
        return delay

    def check(self, before: QuantizedGraph, after: QuantizedGraph) -> None:
        """Sources have one delay in the range, and a step more or less would move more, or as much."""
        for name, was, now in same_but_delays(before, after):
            if self.longest is None:
                if not np.array_equal(was.delay, now.delay):
                    raise PassError(f"{name}: a delay changed")
                continue
            delays = dict[int, set[int]]()
            for pre, delay in zip(now.pre.tolist(), now.delay.tolist(), strict=True):
                delays.setdefault(pre, set()).add(delay)
            for source, found in delays.items():
                if len(found) > 1 or not self.shortest <= min(found) <= max(found) <= self.longest:
                    raise PassError(
                        f"{name}, source {source}: has the delays {sorted(found)}, one of "
                        f"{self.shortest}..{self.longest} is promised"
                    )
            costs = [self._cost(was, now, step) for step in (-1, 0, 1)]
            for source, found in delays.items():
                for step, cost in zip((-1, 1), (costs[0], costs[2]), strict=True):
                    inside = self.shortest <= min(found) + step <= self.longest
                    if inside and cost[source] < costs[1][source]:
                        raise PassError(f"{name}, source {source}: {min(found) + step} steps would move less")

    def _cost(self, was: SynapseList, now: SynapseList, step: int) -> Ints:
        """|weight| times the steps moved, int64 [sources], were every delay `step` longer."""
        found = np.zeros(was.pre_neurons, np.int64)
        moved = np.abs(was.delay.astype(np.int64) - now.delay - step)
        np.add.at(found, was.pre, np.abs(was.weight.astype(np.int64)) * moved)
        return found

    def summary(self, before: QuantizedGraph, after: QuantizedGraph) -> dict[str, int | float]:
        """Synapses and those that moved, the farthest, and steps that an average unit of |weight| moved."""
        weight = moved = farthest = 0
        for old, new in zip(before.projections, after.projections, strict=True):
            was, now = old.synapses.as_list(), new.synapses.as_list()
            steps = np.abs(was.delay - now.delay)
            moved += int(np.count_nonzero(steps))
            farthest = max(farthest, int(steps.max(initial=0)))
            weight += int(old.synapses.sums().sum())
        return {
            "synapses": sum(each.synapses.count for each in before.projections),
            "synapses_moved": moved,
            "farthest_steps": farthest,
            "mean_steps": round(weighted_steps(before, after) / max(weight, 1), 2),
        }


def weighted_steps(before: QuantizedGraph, after: QuantizedGraph) -> int:
    """The sum of |weight| times the steps that each synapse moved."""

    def of(old: Projection, new: Projection) -> int:
        was, now = old.synapses.as_list(), new.synapses.as_list()
        steps = np.abs(was.delay.astype(np.int64) - now.delay)
        return int((np.abs(was.weight.astype(np.int64)) * steps).sum()) << old.weight_exp

    return sum(of(*pair) for pair in zip(before.projections, after.projections, strict=True))


def _ranges(graph: QuantizedGraph, limits: Limits) -> Iterator[tuple[int, int]]:
    yield limits.delay_min, limits.delay_max
    if graph.is_chain and limits.delay_min:
        yield 0, limits.delay_max - limits.delay_min
