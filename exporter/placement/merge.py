"""Join cores that fit together: fewer cores, and never more spikes between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from snnc.exporter.placement.core_use import SliceSize, core_use, excess
from snnc.exporter.placement.network import CountArray, Network
from snnc.exporter.placement.partition import Partition, all_counts, axons_out, slice_sizes
from snnc.exporter.placement.traffic import saved_by_joining
from snnc.targets.target import Limits


def merge(network: Network, partition: Partition, limits: Limits, spikes: Sequence[CountArray]) -> Partition:
    """Join the two cores that save most traffic, as long as any two fit on one; ties by number."""
    # What does not fit together will not fit later, when both have grown.
    apart = np.zeros((partition.cores, partition.cores), np.bool_)
    while partition.cores > 1:
        saved = saved_by_joining(network, partition, spikes)
        first, second = np.triu_indices(partition.cores, 1)
        order = np.argsort(-saved[first, second], kind="stable")
        pairs = [(int(first[k]), int(second[k])) for k in order if not apart[first[k], second[k]]]
        found = _first_fit(network, partition, limits, pairs, apart)
        if found is None:
            break
        kept, gone = found
        apart[kept] |= apart[gone]
        apart[:, kept] |= apart[:, gone]
        apart = np.delete(np.delete(apart, gone, axis=0), gone, axis=1)
        owner = tuple(np.where(o == gone, np.int32(kept), o) for o in partition.owner)
        partition = Partition(owner, partition.cores).compact()
    return partition


def _first_fit(
    network: Network,
    partition: Partition,
    limits: Limits,
    pairs: Sequence[tuple[int, int]],
    apart: np.ndarray[tuple[int, int], np.dtype[np.bool_]],
) -> tuple[int, int] | None:
    """The first of `pairs` that fits on one core; those that do not are marked in `apart`."""
    counts = all_counts(network, partition)
    sizes = slice_sizes(partition, counts)
    out = axons_out(network, partition, counts)
    for one, other in pairs:
        both = {
            index: SliceSize(
                sizes[one][index].neurons + sizes[other][index].neurons,
                int(np.count_nonzero(counts[index][one] + counts[index][other])),
                sizes[one][index].synapses + sizes[other][index].synapses,
            )
            if index in sizes[one] and index in sizes[other]
            else sizes[one].get(index) or sizes[other][index]
            for index in sizes[one].keys() | sizes[other].keys()
        }
        # Cores that listened to a neuron through both count once after joining; this bound is the sum.
        if not excess(core_use(network, both, int(out[one] + out[other]), limits)):
            return one, other
        apart[one, other] = True
    return None
