"""How often each source of spikes fires, measured or assumed, and what of that passes between cores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.arrays import frozen
from snnc.errors import InputError
from snnc.exporter.placement.network import CountArray, Network
from snnc.exporter.placement.partition import Partition, all_counts, source_owner
from snnc.stages import QuantizedGraph, Trace


@dataclass(frozen=True, slots=True)
class SourceSpikes:
    """Spikes of every source, summed over `recordings` recordings.

    `spikes[0]`: int64 [inputs], of the input lines; `spikes[l]`: int64 [neurons], of layer l - 1, which
    layer l listens to. The readout does not spike and has no entry. `measured` is False where every
    source is assumed to spike once a recording.
    """

    spikes: tuple[npt.NDArray[np.int64], ...]
    recordings: int
    measured: bool = True

    def __post_init__(self) -> None:
        arrays = tuple(
            frozen(array, np.int64, name=f"activity[{index}]") for index, array in enumerate(self.spikes)
        )
        object.__setattr__(self, "spikes", arrays)
        if self.recordings < 1:
            raise InputError(f"activity: {self.recordings} recordings, expected at least 1")
        for index, array in enumerate(arrays):
            if array.ndim != 1 or array.min(initial=0) < 0:
                raise InputError(
                    f"activity[{index}]: shape {array.shape}, smallest count {array.min(initial=0)}; "
                    "expected one count >= 0 per source"
                )

    def check(self, graph: QuantizedGraph) -> None:
        """Raise `InputError` unless there is one count for each source of each layer of `graph`."""
        found, expected = [len(array) for array in self.spikes], [layer.inputs for layer in graph.layers]
        if found != expected:
            raise InputError(f"activity: has {found} sources by layer, the graph has {expected}")


def uniform(graph: QuantizedGraph) -> SourceSpikes:
    """What is assumed without recordings: every source spikes once."""
    return SourceSpikes(tuple(np.ones(layer.inputs, np.int64) for layer in graph.layers), 1, measured=False)


def measured(spikes: npt.NDArray[np.uint8], trace: Trace) -> SourceSpikes:
    """Activity of a run: input `spikes` [recordings, T, inputs] and the trace of all layers over them."""
    hidden = [np.count_nonzero(layer.spikes, axis=(0, 1)) for layer in trace.layers[:-1]]
    return SourceSpikes((np.count_nonzero(spikes, axis=(0, 1)), *hidden), len(spikes))


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


def spikes_to_cores(network: Network, partition: Partition, spikes: Sequence[CountArray]) -> int:
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
