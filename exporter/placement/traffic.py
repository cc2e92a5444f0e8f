"""Spikes between cores: for each source, its spikes times the number of *other* cores that listen to it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from snnc.exporter.placement.network import CountArray, Network
from snnc.exporter.placement.partition import Partition, all_counts, source_owner


def flows(network: Network, partition: Partition, spikes: Sequence[CountArray]) -> CountArray:
    """int64 [cores + 1, cores]: spikes from each core to each other; the last row comes from outside.

    A source sends one spike to every core on which a neuron listens to it (one axon a pair of source and
    core), however many synapses it has there. Its own core is free.
    """
    total = np.zeros((partition.cores + 1, partition.cores), np.int64)
    for index, counts in enumerate(all_counts(network, partition)):
        owner = source_owner(network, partition, index)  # -1, the input lines, is the last row
        sent = (counts > 0) * spikes[index]
        for core in np.unique(owner):
            total[core] += sent[:, owner == core].sum(axis=1)
    np.fill_diagonal(total, 0)
    return total


def intercore_spikes(network: Network, partition: Partition, spikes: Sequence[CountArray]) -> int:
    """Sum of `flows`."""
    return int(flows(network, partition, spikes).sum())


def saved_by_joining(
    network: Network, partition: Partition, spikes: Sequence[CountArray]
) -> npt.NDArray[np.int64]:
    """int64 [cores, cores], symmetric: by how much traffic falls if two cores become one.

    They no longer send to each other, and a source on neither, to which both listen, sends one spike
    less. Exact while sums stay below 2**53.
    """
    direct = flows(network, partition, spikes)[:-1]
    saved = direct + direct.T
    for index, counts in enumerate(all_counts(network, partition)):
        owner = source_owner(network, partition, index)
        pays = counts > 0
        local = np.flatnonzero(owner >= 0)
        pays[owner[local], local] = False  # a source on the core costs nothing, together or apart
        paid = pays.astype(np.float64)
        saved += np.rint((paid * spikes[index]) @ paid.T).astype(np.int64)
    np.fill_diagonal(saved, 0)
    return saved
