"""Join cores that fit together: fewer cores, and never more spikes between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from snnc.encodings import least_bytes
from snnc.exporter.placement.network import BoolArray, CountArray, Network, weigh
from snnc.exporter.placement.partition import (
    Owner,
    Partition,
    SliceSize,
    all_counts,
    axons_out,
    core_use,
    excess,
    slice_sizes,
)
from snnc.exporter.placement.traffic import saved_by_joining
from snnc.target import Limits


def merge(network: Network, partition: Partition, limits: Limits, spikes: Sequence[CountArray]) -> Partition:
    """Join the two cores that save most traffic, as long as any two fit on one; ties by number."""
    work = _Merge(network, partition, limits, spikes)
    while (pair := work.best_pair()) is not None:
        work.join(*pair)
    return Partition(tuple(work.owner), partition.cores).compact()


class _Merge:
    """A partition whose cores are joined in place; a core that is gone keeps its number and holds nothing."""

    def __init__(
        self, network: Network, partition: Partition, limits: Limits, spikes: Sequence[CountArray]
    ) -> None:
        self.network, self.limits, self.spikes = network, limits, spikes
        self.owner = [owner.copy() for owner in partition.owner]
        self.counts = all_counts(network, partition)
        self.sizes = slice_sizes(partition, self.counts)
        self.out = axons_out(network, partition, self.counts)
        self.saved = saved_by_joining(network, partition, spikes)
        # -1: the two do not fit on one core, now or later, when both have grown. Each pair stands once.
        self.saved[np.tril_indices(partition.cores)] = -1
        self.neurons = np.array([sum(size.neurons for size in sizes.values()) for sizes in self.sizes])
        self.least = np.array([self._least_bytes(sizes) for sizes in self.sizes])
        for core in range(partition.cores):
            self.saved[core, self._surely_too_much(core)] = -1

    def best_pair(self) -> tuple[int, int] | None:
        """The two cores, lower number first, that fit on one and save most; None if none fit."""
        while True:
            one, other = np.unravel_index(int(self.saved.argmax()), self.saved.shape)
            if self.saved[one, other] < 0:
                return None
            slices, out = self._joined(int(one), int(other))
            if not excess(core_use(self.network, slices, out, self.limits)):
                return int(one), int(other)
            self.saved[one, other] = -1

    def join(self, one: int, other: int) -> None:
        """Everything on core `other` comes to core `one`."""
        self.sizes[one], _ = self._joined(one, other)
        self.sizes[other] = {}
        self.out[one], self.out[other] = self.out[one] + self.out[other], 0
        for owner in self.owner:
            owner[owner == other] = one
        for index, counts in enumerate(self.counts):
            source = self._source(index)[(counts[one] > 0) & (counts[other] > 0)]
            np.subtract.at(self.out, source[source >= 0], 1)  # one listening core less
            counts[one] += counts[other]
            counts[other] = 0
        self.neurons[one] += self.neurons[other]
        self.least[one] += self.least[other]
        apart = np.maximum(self.saved[[one, other]], self.saved[:, [one, other]].T).min(axis=0) < 0
        row = np.where(apart | self._surely_too_much(one), -1, self._saved_with(one))
        self.saved[[one, other]] = self.saved[:, [one, other]] = -1
        self.saved[one, one + 1 :], self.saved[:one, one] = row[one + 1 :], row[:one]

    def _saved_with(self, one: int) -> CountArray:
        """int64 [cores]: by how much traffic falls if each core is joined with `one`."""
        saved = np.zeros(len(self.saved), np.int64)
        for index, counts in enumerate(self.counts):
            source, listens, value = self._source(index), counts > 0, self.spikes[index]
            saved += weigh(listens, value, np.flatnonzero(source == one))  # they no longer reach the other
            heard = np.flatnonzero(listens[one] & (source != one))
            saved += weigh(listens, value, heard)  # they reach both, and then one
            local = heard[source[heard] >= 0]
            local = local[~listens[source[local], local]]  # they lie on the other, which does not listen
            np.add.at(saved, source[local], value[local])
        return saved

    def _joined(self, one: int, other: int) -> tuple[dict[int, SliceSize], int]:
        """Slices and axons out of a core that holds all of two."""
        slices, out = dict(self.sizes[one]), int(self.out[one] + self.out[other])
        for index, size in self.sizes[other].items():
            here = slices.get(index, SliceSize())
            counts, source = self.counts[index], self._source(index)
            twice = (counts[one] > 0) & (counts[other] > 0)
            slices[index] = SliceSize(
                here.neurons + size.neurons,
                here.sources + size.sources - int(np.count_nonzero(twice)),
                here.synapses + size.synapses,
            )
            if self.limits.axons_out_per_core is not None:  # to the two as one core leads one axon
                out -= int(np.count_nonzero(twice & ((source == one) | (source == other))))
        return slices, out

    def _source(self, index: int) -> Owner:
        """int32 [inputs]: the core of each source of layer `index`; -1 for input lines."""
        return self.owner[index - 1] if index else np.full(self.network[0].inputs, -1, np.int32)

    def _surely_too_much(self, core: int) -> BoolArray:
        """bool [cores]: which hold too much to be joined with `core`; quick, and not all that do not fit."""
        neurons, least = self.neurons + self.neurons[core], self.least + self.least[core]
        result = neurons > self.limits.neurons_per_core
        return result | (least > self.limits.synapse_bytes_per_core)

    def _least_bytes(self, sizes: dict[int, SliceSize]) -> int:
        layers = [(self.network[index], size) for index, size in sizes.items()]
        return sum(least_bytes(size.synapses, layer.weight_bits, layer.delay_bits) for layer, size in layers)
