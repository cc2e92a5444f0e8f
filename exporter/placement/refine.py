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

from snnc.exporter.placement.network import BoolArray, CountArray, Network, weigh
from snnc.exporter.placement.partition import (
    Partition,
    SliceSize,
    all_counts,
    axons_out,
    core_use,
    excess,
    listeners,
    source_owner,
)
from snnc.exporter.placement.traffic import saved_by_joining
from snnc.target import Limits

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
        pairs = _pairs(saved_by_joining(network, partition, spikes))
        pairs = [pair for pair in pairs if touched.intersection(pair)]
        touched = set()
        for pair in pairs:
            better = _improve(network, partition, limits, spikes, pair)
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
) -> Partition:
    """`partition` after one pass over the neurons on the two cores of `pair`."""
    moves = _Pass(network, partition, limits, spikes, pair).best_moves()
    if not moves:
        return partition
    owner = [each.copy() for each in partition.owner]
    for index, neuron in moves:
        owner[index][neuron] = sum(pair) - owner[index][neuron]
    result = Partition(tuple(owner), partition.cores)
    if limits.axons_out_per_core is not None:  # a source on any core may have got a listener more
        out = axons_out(network, result, all_counts(network, result))
        if out.max() > limits.axons_out_per_core:
            return partition
    return result


class _Layer:
    """Neurons of one layer on two cores, called sides 0 and 1, and what it would gain to move each.

    Attributes
    ----------
    members : numbers in the layer, int [n]; `side` says where each is, `free` whether it may still move.
    present : bool [n, inputs].
    count : int [2, inputs], synapses from each source to either side.
    paying : bool [2, inputs], whether a spike of the source to that side costs: it is not on that core.
    heard : bool [2, n], whether a neuron of the next layer on that side listens to the member.
    gain : int64 [n], by how much traffic falls if the member moves.
    """

    def __init__(
        self,
        network: Network,
        partition: Partition,
        spikes: Sequence[CountArray],
        pair: tuple[int, int],
        index: int,
    ) -> None:
        owner = partition.owner[index]
        cores = np.array(pair)[:, None]
        self.members = np.flatnonzero((owner == pair[0]) | (owner == pair[1]))
        self.side = (owner[self.members] == pair[1]).astype(np.intp)
        self.free = np.ones(len(self.members), np.bool_)
        self.present = network[index].present[self.members]
        self.spikes = spikes[index]
        self.paying = source_owner(network, partition, index)[None] != cores
        self.count = np.stack([np.count_nonzero(self.present[self.side == s], axis=0) for s in (0, 1)])
        self.own = np.zeros(len(self.members), np.int64)  # the members' own spikes
        self.heard = np.zeros((2, len(self.members)), np.bool_)
        if index + 1 < len(network):
            self.own = spikes[index + 1][self.members]
            after = network[index + 1].present
            for s, core in enumerate(pair):
                self.heard[s] = after[partition.owner[index + 1] == core][:, self.members].any(axis=0)
        self.worth = self._worth()
        self.gain = self._home_gain() + np.where(
            self.side == 0, weigh(self.present, self.worth[0]), weigh(self.present, self.worth[1])
        )

    def size(self, s: int) -> SliceSize:
        row = self.count[s]
        return SliceSize(int(np.count_nonzero(self.side == s)), int(np.count_nonzero(row)), int(row.sum()))

    def promising(self) -> bool:
        """Whether a move could gain, now or when all listeners of some source have come to one side."""
        fuller = max(np.count_nonzero(self.side), np.count_nonzero(1 - self.side))
        now = ((self.count > 0) & self.paying).sum(axis=0)
        least = self.paying.all(axis=0)  # a source on one of the two could be free
        gathered = (now > least) & (self.count.sum(axis=0) <= ROOM * fuller)
        return bool(gathered.any() or (self.gain > 0).any())

    def move(self, one: int) -> None:
        """Member `one` changes sides, and may not again."""
        s = self.side[one]
        self.count[s] -= self.present[one]
        self.count[1 - s] += self.present[one]
        self.side[one] = 1 - s
        self.free[one] = False
        self.recount()

    def recount(self) -> None:
        """Recompute the gains after `count` or `paying` changed."""
        worth = self._worth()
        for s in (0, 1):
            changed = np.flatnonzero(worth[s] != self.worth[s])
            if len(changed):
                rows = np.flatnonzero(self.free & (self.side == s))
                self.gain[rows] += weigh(self.present[rows], worth[s] - self.worth[s], changed)
        self.worth = worth

    def hear(self, heard: BoolArray) -> None:
        """Recompute the gains after other neurons of the next layer listen: bool [2, n]."""
        before = self._home_gain()
        self.heard = heard
        self.gain += self._home_gain() - before

    def _worth(self) -> CountArray:
        """int64 [2, inputs]: spikes of each source saved if one listener moves away from either side.

        Saved where it was the last that listens there, less where it becomes the first on the other.
        """
        last = (self.count == 1) & self.paying
        first = (self.count == 0) & self.paying
        return self.spikes * (last.astype(np.int64) - first[::-1])

    def _home_gain(self) -> CountArray:
        """int64 [n]: own spikes that a member need not send if it moves, less those it then must."""
        places = np.arange(len(self.side))
        here, there = self.heard[self.side, places], self.heard[1 - self.side, places]
        return self.own * (there.astype(np.int64) - here)


class _Pass:
    """One pass over all neurons on two cores."""

    def __init__(
        self,
        network: Network,
        partition: Partition,
        limits: Limits,
        spikes: Sequence[CountArray],
        pair: tuple[int, int],
    ) -> None:
        self.network, self.limits = network, limits
        self.layers = [_Layer(network, partition, spikes, pair, index) for index in range(len(network))]
        self.axons = [np.zeros(len(layer.members), np.int64) for layer in self.layers]
        self.out = np.zeros(2, np.int64)
        if limits.axons_out_per_core is not None:
            counts = all_counts(network, partition)
            self.out = axons_out(network, partition, counts)[list(pair)]
            self.axons = [
                listeners(counts, network, index)[layer.members] for index, layer in enumerate(self.layers)
            ]

    def best_moves(self) -> list[tuple[int, int]]:
        """(layer, neuron) that change sides in the best state met; none if no state is better."""
        if not any(layer.promising() for layer in self.layers if len(layer.members)):
            return []
        moves: list[tuple[int, int]] = []
        total = best = kept = 0
        full: int | None = None  # the side beyond its limits; the next move comes out of it
        while len(moves) - kept < PATIENCE:
            found = self._best(full)
            if found is None:
                break
            index, one = found
            layer = self.layers[index]
            total += int(layer.gain[one])
            moves.append((index, int(layer.members[one])))
            self._move(index, one)
            over = [s for s in (0, 1) if self._excess(s)]
            if len(over) == 2:
                break
            full = over[0] if over else None
            if full is None and total > best:
                best, kept = total, len(moves)
        return moves[:kept]

    def _best(self, full: int | None) -> tuple[int, int] | None:
        """Layer and position of the free member with the largest gain, on side `full` if given."""
        found, most = None, 0
        for index, layer in enumerate(self.layers):
            places = np.flatnonzero(layer.free if full is None else layer.free & (layer.side == full))
            if len(places):
                one = int(places[layer.gain[places].argmax()])
                if found is None or layer.gain[one] > most:
                    found, most = (index, one), int(layer.gain[one])
        return found

    def _move(self, index: int, one: int) -> None:
        layer = self.layers[index]
        s = layer.side[one]
        self.out[s] -= self.axons[index][one]
        self.out[1 - s] += self.axons[index][one]
        layer.move(one)
        if index > 0 and len(self.layers[index - 1].members):
            before = self.layers[index - 1]
            before.hear(layer.count[:, before.members] > 0)
        if index + 1 < len(self.layers) and len(self.layers[index + 1].members):
            after, source = self.layers[index + 1], layer.members[one]
            after.paying[:, source] = [s == 0, s == 1]  # it lies on the other side now, and pays here
            after.recount()

    def _excess(self, s: int) -> str:
        slices = {index: layer.size(s) for index, layer in enumerate(self.layers)}
        return excess(core_use(self.network, slices, int(self.out[s]), self.limits))
