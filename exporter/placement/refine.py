"""Move neurons between two cores at a time so that fewer spikes pass between cores.

After Kernighan and Lin (Bell System Technical Journal 49, 1970) and Fiduccia and Mattheyses (DAC 1982): in
a pass each neuron moves at most once, the best first, even where that costs something, and the best state
on the way is kept. A core may overflow for as long as the next move comes out of it, which makes a swap
between two full cores possible.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from snnc.exporter.placement.core_use import SliceSize, core_use, excess
from snnc.exporter.placement.network import CountArray, Network, weigh
from snnc.exporter.placement.partition import Partition, all_counts, axons_out, listeners, source_owner
from snnc.exporter.placement.traffic import saved_by_joining
from snnc.targets.target import Limits

ROUNDS = 3
"""How often the pairs of cores are visited; fewer if a round finds nothing."""
PARTNERS = 4
"""Pairs a core: with the cores that it shares most traffic with. This bounds the effort."""
PATIENCE = 40
"""Moves without a new best state, after which a pass ends."""
ROOM = 1.25
"""A source with more listeners on two cores than this times the fuller one's neurons will not fit on one."""


def refine(network: Network, partition: Partition, limits: Limits, spikes: Sequence[CountArray]) -> Partition:
    """`partition` with less traffic, or the same; within the same limits. Deterministic."""
    touched = set(range(partition.cores))  # cores that changed in the last round
    for _ in range(ROUNDS):
        pairs = [
            pair
            for pair in _pairs(saved_by_joining(network, partition, spikes))
            if touched.intersection(pair)
        ]
        touched = set()
        for pair in pairs:
            for index in range(len(network)):
                better = _improve(network, partition, limits, spikes, pair, index)
                if better is not partition:
                    partition = better
                    touched.update(pair)
    return partition.compact()


def _pairs(saved: npt.NDArray[np.int64]) -> list[tuple[int, int]]:
    """Each core with the `PARTNERS` that it shares most traffic with; those that share most come first."""
    chosen = set()
    for core, row in enumerate(saved):
        for other in np.argsort(-row, kind="stable")[:PARTNERS].tolist():
            if row[other] > 0:
                chosen.add((min(core, other), max(core, other)))
    return sorted(chosen, key=lambda pair: (-int(saved[pair]), pair))


def _improve(
    network: Network,
    partition: Partition,
    limits: Limits,
    spikes: Sequence[CountArray],
    pair: tuple[int, int],
    index: int,
) -> Partition:
    """`partition` after one pass over the neurons of layer `index` on the two cores of `pair`."""
    owner = partition.owner[index]
    members = np.flatnonzero((owner == pair[0]) | (owner == pair[1]))
    if len(members) == 0:
        return partition
    work = _Pass(network, partition, limits, spikes, pair, index, members)
    moved = members[work.best_moves()]
    if len(moved) == 0:
        return partition
    changed = owner.copy()
    changed[moved] = np.where(owner[moved] == pair[0], pair[1], pair[0])
    result = Partition((*partition.owner[:index], changed, *partition.owner[index + 1 :]), partition.cores)
    if limits.axons_out_per_core is not None:  # a source on any core may have got a listener more
        out = axons_out(network, result, all_counts(network, result))
        if out.max() > limits.axons_out_per_core:
            return partition
    return result


class _Pass:
    """Neurons of one layer on two cores, called sides 0 and 1, and what each move would gain."""

    def __init__(
        self,
        network: Network,
        partition: Partition,
        limits: Limits,
        spikes: Sequence[CountArray],
        pair: tuple[int, int],
        index: int,
        members: npt.NDArray[np.intp],
    ) -> None:
        self.network, self.limits, self.index = network, limits, index
        self.present = network[index].present[members]
        self.side = (partition.owner[index][members] == pair[1]).astype(np.intp)
        self.spikes = spikes[index]
        cores = np.array(pair)[:, None]
        # A source on the core itself costs nothing there.
        self.paying = source_owner(network, partition, index)[None] != cores
        self.count = np.stack([np.count_nonzero(self.present[self.side == s], axis=0) for s in (0, 1)])
        self.home = np.zeros((2, len(members)), np.int64)  # a neuron's own spikes that stay on the side
        if index + 1 < len(network):
            after = network[index + 1].present
            for s, core in enumerate(pair):
                heard = after[partition.owner[index + 1] == core][:, members].any(axis=0)
                self.home[s] = spikes[index + 1][members] * heard
        self.others = [_sizes_without(network, partition, core, index) for core in pair]
        self.axons = np.zeros(len(members), np.int64)
        self.out = np.zeros(2, np.int64)
        if limits.axons_out_per_core is not None:
            counts = all_counts(network, partition)
            self.axons = listeners(counts, network, index)[members]
            self.out = axons_out(network, partition, counts)[list(pair)]

    def best_moves(self) -> npt.NDArray[np.intp]:
        """Positions in `members` that change sides in the best state met; none if no state is better."""
        home_gain = self.home[1 - self.side, np.arange(len(self.side))]
        home_gain = home_gain - self.home[self.side, np.arange(len(self.side))]
        if home_gain.max() <= 0 and not self._promising():
            return np.zeros(0, np.intp)
        worth = [self._worth(0), self._worth(1)]
        gain = home_gain + np.where(
            self.side == 0, weigh(self.present, worth[0]), weigh(self.present, worth[1])
        )
        free = np.ones(len(gain), np.bool_)
        moves: list[int] = []
        total = best = kept = 0
        full: int | None = None  # the side beyond its limits; the next move comes out of it
        while len(moves) - kept < PATIENCE:
            movable = free if full is None else free & (self.side == full)
            if not movable.any():
                break
            one = int(np.where(movable, gain, np.iinfo(np.int64).min).argmax())
            total += int(gain[one])
            free[one] = False
            self._move(one)
            moves.append(one)
            for s in (0, 1):
                worth[s], old = self._worth(s), worth[s]
                changed = np.flatnonzero(worth[s] != old)
                rows = np.flatnonzero(free & (self.side == s))
                gain[rows] += weigh(self.present[rows], worth[s] - old, changed)
            over = [s for s in (0, 1) if self._excess(s)]
            if len(over) == 2:
                break
            full = over[0] if over else None
            if full is None and total > best:
                best, kept = total, len(moves)
        return np.array(sorted(moves[:kept]), np.intp)

    def _worth(self, s: int) -> CountArray:
        """int64 [inputs]: spikes of each source saved if one listener moves away from side `s`.

        Saved where it was the last that listens there, less where it becomes the first on the other.
        """
        last = (self.count[s] == 1) & self.paying[s]
        first = (self.count[1 - s] == 0) & self.paying[1 - s]
        return self.spikes * (last.astype(np.int64) - first)

    def _move(self, one: int) -> None:
        s = self.side[one]
        self.count[s] -= self.present[one]
        self.count[1 - s] += self.present[one]
        self.out[s] -= self.axons[one]
        self.out[1 - s] += self.axons[one]
        self.side[one] = 1 - s

    def _excess(self, s: int) -> str:
        here = self.side == s
        size = SliceSize(
            int(np.count_nonzero(here)), int(np.count_nonzero(self.count[s])), int(self.count[s].sum())
        )
        slices = {**self.others[s], self.index: size}
        return excess(core_use(self.network, slices, int(self.out[s]), self.limits))

    def _promising(self) -> bool:
        """Whether all listeners of some source, now on both sides, could come to one of them."""
        fuller = max(np.count_nonzero(self.side), np.count_nonzero(1 - self.side))
        now = ((self.count > 0) & self.paying).sum(axis=0)
        least = self.paying.all(axis=0)  # a source on one of the two could be free
        return bool(((now > least) & (self.count.sum(axis=0) <= ROOM * fuller)).any())


def _sizes_without(network: Network, partition: Partition, core: int, index: int) -> dict[int, SliceSize]:
    """Slices of `core` of every layer but `index`."""
    sizes = {}
    for other, layer in enumerate(network):
        mine = layer.present[partition.owner[other] == core]
        if other != index and len(mine):
            count = np.count_nonzero(mine, axis=0)
            sizes[other] = SliceSize(len(mine), int(np.count_nonzero(count)), int(count.sum()))
    return sizes
