"""What placement needs of a graph that is no chain: every projection, and what a core uses of each resource.

A spike takes one *axon* for each projection and core: the synapses of two projections have formats of their
own, so a source that leads to a core by two of them comes to it twice. Delays are those of the target's
program: where populations have levels (`Target.levels`), those of a projection are all longer or shorter by a
number of steps than in the contract.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.encodings import signed_bits, slice_bytes
from snnc.exporter.placement.partition import SliceSize
from snnc.stages import Population, Projection, QuantizedGraph
from snnc.stages.population import OF_NEURONS
from snnc.target import Limits, Target

Owner = npt.NDArray[np.int32]
Counts = npt.NDArray[np.int64]
Use = dict[str, tuple[int, int]]
NOT_OF_PROFILES = ("bias_mant", "input_bias_mant")
"""Numbers that each neuron has for itself."""


@dataclass(frozen=True, slots=True)
class Wires:
    """One projection, its synapses sorted by the neuron that they lead to.

    `source`: the number of its source among the populations with a state, -1 for an input. `destination`: the
    same of its destination. `pre`: int32 [synapses]; those into neuron i are `starts[i]` up to
    `starts[i + 1]`. `weight_bits`, `longest`: bits of all weights, the longest delay on the chip.
    `of_a_pair`: most synapses from one neuron to one.
    """

    name: str
    source: int
    destination: int
    pre_neurons: int
    pre: npt.NDArray[np.int32]
    starts: Counts
    weight_bits: int
    longest: int
    of_a_pair: int

    def slice_bytes(self, size: SliceSize) -> int:
        return slice_bytes(*size, self.weight_bits, self.longest.bit_length(), self.of_a_pair)


@dataclass(frozen=True, slots=True)
class Wiring:
    """All populations with a state, and all projections.

    `into`: of each population, the numbers of the projections that lead into it. `longest`: the longest delay
    into each. `profiles`: int64 [neurons] each, equal for neurons of one population with equal parameters.
    """

    names: tuple[str, ...]
    neurons: tuple[int, ...]
    wires: tuple[Wires, ...]
    into: tuple[tuple[int, ...], ...]
    longest: tuple[int, ...]
    profiles: tuple[Counts, ...]


def wiring_of(graph: QuantizedGraph, target: Target | None) -> Wiring:
    """What placement on `target` needs of `graph`. Convolutions are taken as their synapses.

    Without a target, delays are those of the contract.

    Raises `LimitError` if the target has levels, and none suit the graph's delays.
    """
    levels = target.levels(graph) if target is not None and target.levels else None
    names = tuple(each.name for each in graph.stateful)
    number = {name: index for index, name in enumerate(names)}
    wires = tuple(_wires(each, number, levels) for each in graph.projections)
    into = tuple(tuple(k for k, wire in enumerate(wires) if wire.destination == n) for n in range(len(names)))
    return Wiring(
        names,
        tuple(each.neurons for each in graph.stateful),
        wires,
        into,
        tuple(max((wires[k].longest for k in numbers), default=0) for numbers in into),
        tuple(_profiles(each) for each in graph.stateful),
    )


def _wires(projection: Projection, number: Mapping[str, int], levels: Mapping[str, int] | None) -> Wires:
    later = levels[projection.destination] - levels[projection.source] - 1 if levels else 0
    found = projection.synapses.as_list()
    order = np.argsort(found.post, kind="stable")
    counts = np.bincount(found.post, minlength=found.post_neurons)
    return Wires(
        projection.name,
        number.get(projection.source, -1),
        number[projection.destination],
        found.pre_neurons,
        found.pre[order],
        np.concatenate([[0], np.cumsum(counts)]),
        signed_bits(int(found.weight.min(initial=0)), int(found.weight.max(initial=0))),
        found.max_delay + later if found.count else 0,
        found.most_of_a_pair,
    )


def _profiles(population: Population) -> Counts:
    """Numbers of the combinations of its neurons' parameters. Those of two populations are told apart."""
    arrays = [getattr(population, name) for name in OF_NEURONS if name not in NOT_OF_PROFILES]
    rows = np.stack([each for each in arrays if each is not None], axis=1)
    return np.unique(rows, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)


def reached(wire: Wires, owner: Owner, cores: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Source and core of each axon of a projection whose destination lies as `owner` says, by core."""
    if cores == 1:
        pre = np.unique(wire.pre).astype(np.int64)
        return pre, np.zeros_like(pre)
    core = np.repeat(owner, np.diff(wire.starts)).astype(np.int64)
    core, pre = np.divmod(np.unique(core * wire.pre_neurons + wire.pre), wire.pre_neurons)
    return pre, core


def uses(wiring: Wiring, owner: Sequence[Owner], cores: int, limits: Limits) -> tuple[list[Use], Counts]:
    """Use of each core, as `core_use` names it, and the spikes between them.

    The spikes are int64 [cores + 1, cores]; every source spikes once, and the last row comes from outside.
    `profiles`: combinations of parameters; only where they are limited.
    """
    total = {name: np.zeros(cores, np.int64) for name in ("synapse_bytes", "axons_in", "axons_out")}
    flow = np.zeros((cores + 1, cores), np.int64)
    neurons = np.stack([np.bincount(each, minlength=cores) for each in owner])
    for wire in wiring.wires:
        pre, core = reached(wire, owner[wire.destination], cores)
        sources = np.bincount(core, minlength=cores)
        fan_in = np.diff(wire.starts)
        synapses = np.bincount(owner[wire.destination], fan_in, minlength=cores).astype(np.int64)
        for number in np.flatnonzero(synapses):
            size = SliceSize(
                int(neurons[wire.destination, number]), int(sources[number]), int(synapses[number])
            )
            total["synapse_bytes"][number] += wire.slice_bytes(size)
        total["axons_in"] += sources
        home = np.full(len(pre), cores) if wire.source < 0 else owner[wire.source][pre]
        np.add.at(flow, (home, core), 1)
        if wire.source >= 0:
            total["axons_out"] += np.bincount(home, minlength=cores)
    np.fill_diagonal(flow, 0)
    slots = np.array([limits.slots_with_delay(longest) for longest in wiring.longest], object)
    found = []
    for core_number in range(cores):
        use = {
            "neurons": (int(neurons[:, core_number].sum()), limits.neurons_per_core),
            "synapse_bytes": (int(total["synapse_bytes"][core_number]), limits.synapse_bytes_per_core),
        }
        if any(longest >= limits.delay_slots for longest in wiring.longest):
            use["delay_slots"] = int((neurons[:, core_number] * slots).sum()), limits.slots_per_core
        if limits.axons_in_per_core is not None:
            use["axons_in"] = int(total["axons_in"][core_number]), limits.axons_in_per_core
        if limits.axons_out_per_core is not None:
            use["axons_out"] = int(total["axons_out"][core_number]), limits.axons_out_per_core
        if limits.profiles_per_core is not None:
            kinds = sum(
                len(np.unique(p[o == core_number])) for p, o in zip(wiring.profiles, owner, strict=True)
            )
            use["profiles"] = kinds, limits.profiles_per_core
        found.append(use)
    return found, flow
