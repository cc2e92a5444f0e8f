"""A partition: which core holds which neuron, and what a core uses of each resource that a target limits.

Cores have no place on the chip yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from snnc.encodings import slice_bytes
from snnc.exporter.placement.network import CountArray, Network
from snnc.target import Limits


class SliceSize(NamedTuple):
    """The part of one layer on one core: neurons, distinct sources that they listen to, and synapses."""

    neurons: int = 0
    sources: int = 0
    synapses: int = 0


def core_use(
    network: Network, slices: Mapping[int, SliceSize], axons_out: int, limits: Limits
) -> dict[str, tuple[int, int]]:
    """Resource -> (used, max) of a core with `slices` (layer number -> size); only what is limited.

    neurons : neurons of all slices.
    synapse_bytes : each slice in the smaller encoding (`snnc/encodings.py`).
    axons_in : sources from which a spike can come to this core, input lines included.
    axons_out : `axons_out`, for each neuron here the number of cores that listen to it, its own included.
    delay_slots : slots of all neurons (`Limits.slots_with_delay`); only where some layer of the network has
        longer delays than every neuron has slots for, else the limit on neurons says the same.
    """
    parts = [(network[index], size) for index, size in slices.items() if size.neurons]
    use = {
        "neurons": (sum(size.neurons for _, size in parts), limits.neurons_per_core),
        "synapse_bytes": (
            sum(slice_bytes(*size, layer.weight_bits, layer.delay_bits) for layer, size in parts),
            limits.synapse_bytes_per_core,
        ),
    }
    if any(layer.max_delay >= limits.delay_slots for layer in network):
        slots = sum(size.neurons * limits.slots_with_delay(layer.max_delay) for layer, size in parts)
        use["delay_slots"] = slots, limits.slots_per_core
    if limits.axons_in_per_core is not None:
        use["axons_in"] = (sum(size.sources for _, size in parts), limits.axons_in_per_core)
    if limits.axons_out_per_core is not None:
        use["axons_out"] = (axons_out, limits.axons_out_per_core)
    return use


def excess(use: Mapping[str, tuple[int, int]]) -> str:
    """Name of the first resource used beyond its limit, or ""."""
    return next((name for name, (used, most) in use.items() if used > most), "")


Owner = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Partition:
    """`owner[l]` int32 [neurons]: the core, 0 .. `cores` - 1, of each neuron of layer l."""

    owner: tuple[Owner, ...]
    cores: int

    def compact(self) -> Partition:
        """Cores without neurons left out; the others keep their order."""
        kept, renamed = np.unique(np.concatenate(self.owner), return_inverse=True)
        ends = np.cumsum([len(owner) for owner in self.owner])[:-1]
        return Partition(tuple(np.split(renamed.astype(np.int32), ends)), len(kept))

    def in_order(self) -> Partition:
        """The same, cores numbered by the first neuron that they hold, from the first layer on."""
        _, first, core = np.unique(np.concatenate(self.owner), return_index=True, return_inverse=True)
        renamed = np.argsort(np.argsort(first)).astype(np.int32)[core]
        ends = np.cumsum([len(owner) for owner in self.owner])[:-1]
        return Partition(tuple(np.split(renamed, ends)), len(first))


def synapse_counts(network: Network, partition: Partition, index: int) -> npt.NDArray[np.int32]:
    """int32 [cores, inputs]: synapses from each source of layer `index` to its neurons on each core."""
    present, owner = network[index].present, partition.owner[index]
    counts = np.zeros((partition.cores, present.shape[1]), np.int32)
    for core in np.unique(owner):
        counts[core] = np.count_nonzero(present[owner == core], axis=0)
    return counts


def slice_sizes(partition: Partition, counts: Sequence[npt.NDArray[np.int32]]) -> list[dict[int, SliceSize]]:
    """For each core: layer number -> size of its slice; layers that are not there are left out."""
    sizes: list[dict[int, SliceSize]] = [{} for _ in range(partition.cores)]
    for index, (owner, count) in enumerate(zip(partition.owner, counts, strict=True)):
        neurons = np.bincount(owner, minlength=partition.cores)
        for core in np.flatnonzero(neurons):
            row = count[core]
            sizes[core][index] = SliceSize(int(neurons[core]), int(np.count_nonzero(row)), int(row.sum()))
    return sizes


def listeners(counts: Sequence[npt.NDArray[np.int32]], network: Network, index: int) -> CountArray:
    """int64 [neurons]: for each neuron of layer `index`, cores that listen to it, its own included."""
    if index + 1 == len(network):
        return np.zeros(network[index].neurons, np.int64)
    return np.count_nonzero(counts[index + 1], axis=0).astype(np.int64)


def axons_out(
    network: Network, partition: Partition, counts: Sequence[npt.NDArray[np.int32]]
) -> npt.NDArray[np.int64]:
    """int64 [cores]: sum over the neurons of each core of the cores that listen to them."""
    total = np.zeros(partition.cores, np.int64)
    for index, owner in enumerate(partition.owner):
        np.add.at(total, owner, listeners(counts, network, index))
    return total


def all_counts(network: Network, partition: Partition) -> list[npt.NDArray[np.int32]]:
    """`synapse_counts` of every layer."""
    return [synapse_counts(network, partition, index) for index in range(len(network))]


def uses(network: Network, partition: Partition, limits: Limits) -> list[dict[str, tuple[int, int]]]:
    """`core_use` of every core."""
    counts = all_counts(network, partition)
    out = axons_out(network, partition, counts)
    return [
        core_use(network, sizes, int(out[core]), limits)
        for core, sizes in enumerate(slice_sizes(partition, counts))
    ]


def source_owner(network: Network, partition: Partition, index: int) -> Owner:
    """int32 [inputs]: the core of each source of layer `index`; -1 for input lines, which lie on none."""
    if index == 0:
        return np.full(network[0].inputs, -1, np.int32)
    return partition.owner[index - 1]
