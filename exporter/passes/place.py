"""Pass: QuantizedGraph -> PlacedProgram. Which core holds which neuron, and where that core lies.

`docs/placement.md` describes it. The steps, each in a file of `placement/`:

1. `fill` cuts the layers into slices in neuron order, the baseline; and fills cores by common sources.
2. `merge` joins cores that fit together, so a core can hold neurons of several layers.
3. `refine` moves neurons between cores where that saves spikes.
4. `mesh.arrange` puts the cores on tiles.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from snnc.batches import batches
from snnc.errors import InputError
from snnc.exporter.calibration import Calibration, affordable
from snnc.exporter.passes.base import Exported, Pass, Plan
from snnc.exporter.passes.promises import equal, same_frame, same_neurons, same_synapses
from snnc.exporter.placement.fill import DoesNotFitError, NoMoreCoresError, fill
from snnc.exporter.placement.fitting import least_cores, refuse
from snnc.exporter.placement.merge import merge
from snnc.exporter.placement.mesh import arrange, total_hops
from snnc.exporter.placement.network import CountArray, Network, network_of
from snnc.exporter.placement.pack import pack
from snnc.exporter.placement.partition import Partition, uses
from snnc.exporter.placement.record import program_of
from snnc.exporter.placement.refine import refine
from snnc.exporter.placement.traffic import SourceSpikes, flows, measured, spikes_to_cores, uniform
from snnc.exporter.placement.wiring import Owner, Wiring, wiring_of
from snnc.exporter.placement.wiring import uses as uses_and_spikes
from snnc.provenance import graph_hash
from snnc.stages import FloatGraph, PlacedProgram, QuantizedGraph, Traffic
from snnc.target import Limits, Target

PIECES = 4
"""In one of the starts cores are filled to this part; `merge` then joins pieces of any layers."""


@dataclass(frozen=True, slots=True)
class Place(Pass[QuantizedGraph, PlacedProgram]):
    """Neurons on cores within all limits of `target`, with few spikes between cores and few hops.

    Of a chain never more spikes between cores than layers cut into slices in neuron order; a graph that is no
    chain is cut in that order (`pack`). Deterministic; time grows with the synapses, memory by one byte a
    possible synapse, and by one more for those of one layer. `activity`: spikes of each source on recordings;
    without it each source is taken to spike once.
    """

    target: Target
    activity: SourceSpikes | None = None

    name: ClassVar[str] = "place"
    exact: ClassVar[bool] = True

    @classmethod
    def planned(cls, before: QuantizedGraph, plan: Plan, exported: Exported) -> Self:
        """Spikes are counted for chains alone."""
        assert plan.target is not None
        model, recordings = plan.model, plan.calibration
        if recordings is None or isinstance(model, FloatGraph | QuantizedGraph):
            return cls(plan.target)
        return cls(plan.target, _activity(before, recordings.pick(affordable(model))))

    def run(self, before: QuantizedGraph) -> PlacedProgram:
        """The placed program.

        Raises
        ------
        LimitError
            If it does not fit; it names the resource, by how much, and changes that were tried and fit.
        InputError
            If the activity is of another network.
        """
        if not before.is_chain:
            return self._graph(before)
        limits, network = self.target.limits, network_of(before)
        activity = self.activity or uniform(before)
        activity.check(before)
        spikes = activity.spikes
        available = limits.chips * limits.cores
        best, in_order = divide(network, self.target, spikes)
        flow = flows(network, best, spikes)
        places = arrange(flow, limits)
        base = flows(network, in_order, spikes)
        fits = in_order.cores <= available
        traffic = Traffic(
            measured=activity.measured,
            recordings=activity.recordings,
            spikes=int(flow.sum()),
            hops=total_hops(flow, places, limits),
            in_order_cores=in_order.cores,
            in_order_spikes=int(base.sum()),
            in_order_hops=total_hops(base, np.arange(in_order.cores), limits) if fits else None,
        )
        return program_of(before, self.target, best.owner, uses(network, best, limits), places, traffic)

    def check_room(self, before: QuantizedGraph) -> None:
        """Raise what `run` raises, as soon as any cores take the network."""
        if not before.is_chain:
            self.packed(before)
            return
        limits, network = self.target.limits, network_of(before)
        spikes = uniform(before).spikes
        if _in_order(network, self.target, spikes).cores > limits.chips * limits.cores:
            divide(network, self.target, spikes)

    def packed(self, graph: QuantizedGraph) -> tuple[Wiring, tuple[Owner, ...], int]:
        """Of a graph that is no chain: what leads where, the core of each neuron, and how many there are."""
        if self.activity is not None:
            raise InputError("activity: is for a chain of layers; place this graph without it")
        wires = wiring_of(graph, self.target)
        order = [graph.trace_index(name) for name in graph.order if name in wires.names]
        return (wires, *pack(wires, order, self.target))

    def _graph(self, graph: QuantizedGraph) -> PlacedProgram:
        """A graph that is no chain: see `pack`."""
        limits = self.target.limits
        wires, owners, cores = self.packed(graph)
        use, flow = uses_and_spikes(wires, owners, cores, limits)
        places = arrange(flow, limits)
        spikes = int(flow.sum())
        hops = total_hops(flow, np.arange(cores), limits)
        traffic = Traffic(False, 1, spikes, total_hops(flow, places, limits), cores, spikes, hops)
        return program_of(graph, self.target, owners, use, places, traffic)

    def check(self, before: QuantizedGraph, after: PlacedProgram) -> None:
        """Placement does not touch the graph."""
        if not before.is_chain:
            equal("network", "hash", graph_hash(after.graph), graph_hash(before))
            return
        same_frame(before, after.graph)
        for old, new in zip(before.layers, after.graph.layers, strict=True):
            same_synapses(old, new)
            same_neurons(old, new)

    def summary(self, before: QuantizedGraph, after: PlacedProgram) -> dict[str, int]:
        """Chips and cores in use, cores with neurons of several layers, and what passes between cores."""
        counts = {
            "chips": len({core.chip for core in after.cores}),
            "cores": len(after.cores),
            "shared_cores": sum(len(core.populations) > 1 for core in after.cores),
        }
        if after.traffic is not None:
            counts |= {"spikes_to_cores": after.traffic.spikes, "hops": after.traffic.hops}
        return counts


def _activity(graph: QuantizedGraph, calibration: Calibration) -> SourceSpikes:
    """Spikes of every source on recordings."""
    parts = [
        measured(calibration.spikes[part], calibration.trace(graph, part)).spikes
        for part in batches(graph, len(calibration))
    ]
    return SourceSpikes(tuple(sum(counts) for counts in zip(*parts, strict=True)), len(calibration))


def cores_needed(graph: QuantizedGraph, target: Target) -> int:
    """Cores that `graph` takes in placement. Raises as `Place.run`.

    Where they lie is not asked: on a large mesh that takes a minute.
    """
    place = Place(target)
    if not graph.is_chain:
        return place.packed(graph)[2]
    return divide(network_of(graph), target, uniform(graph).spikes)[0].cores


def divide(network: Network, target: Target, spikes: Sequence[CountArray]) -> tuple[Partition, Partition]:
    """The first three steps: the partition with few `spikes` between cores, and the baseline.

    Raises
    ------
    LimitError
        As `Place.run`.
    """
    in_order = _in_order(network, target, spikes)
    best = _best(network, target.limits, spikes, in_order)
    if best is None:  # spikes lead the search, not the limits: with others it may find one
        best = _best(network, target.limits, [np.ones_like(each) for each in spikes], in_order)
    if best is None:
        refuse(network, target)
    return best, in_order


def _in_order(network: Network, target: Target, spikes: Sequence[CountArray]) -> Partition:
    """Layers cut into slices in neuron order. Raises `LimitError` if no cores, however many, would do."""
    limits = target.limits
    if least_cores(network, limits) > limits.chips * limits.cores:
        refuse(network, target)
    try:
        return fill(network, limits, spikes, grow=False, share=False)
    except DoesNotFitError as error:
        refuse(network, target, error)


def _part_of(limits: Limits, part: int) -> Limits:
    """`limits` with a `part`-th of the neurons and the memory of a core."""
    return replace(
        limits,
        neurons_per_core=max(1, limits.neurons_per_core // part),
        synapse_bytes_per_core=limits.synapse_bytes_per_core // part,
    )


def _best(
    network: Network, limits: Limits, spikes: Sequence[CountArray], in_order: Partition
) -> Partition | None:
    """The partition with the fewest spikes between cores that fits the chips, None if none does."""
    available = limits.chips * limits.cores
    if available == 1:  # no spike goes between cores, so there is nothing to search for
        with suppress(NoMoreCoresError, DoesNotFitError):
            return fill(network, limits, spikes, grow=False, share=True, most=1)
    starts = [in_order]
    for part in (1, PIECES):
        with suppress(DoesNotFitError):  # on more cores a neuron takes more axons
            starts.append(fill(network, _part_of(limits, part), spikes, grow=True, share=False))
    found = [merge(network, start, limits, spikes) for start in starts]
    if min(partition.cores for partition in found) > available:
        # No core may stay half empty: cut the layers anywhere.
        for grow in (True, False):
            with suppress(NoMoreCoresError, DoesNotFitError):
                found.append(fill(network, limits, spikes, grow=grow, share=True, most=available))
    fitting = [partition for partition in found if partition.cores <= available]
    if not fitting:
        return None
    best = min(fitting, key=lambda each: (spikes_to_cores(network, each, spikes), each.cores))
    return merge(network, refine(network, best, limits, spikes), limits, spikes)
