"""Neurons of a graph that is no chain on cores: one after another, in the contract order of populations.

A core takes neurons until one resource is full; neurons of several populations share it. Nothing is moved
afterwards: unlike for a chain, no search for fewer spikes between cores follows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from snnc.errors import LimitError
from snnc.exporter.placement.fill import DoesNotFitError, NoMoreCoresError
from snnc.exporter.placement.partition import SliceSize, excess
from snnc.exporter.placement.wiring import Owner, Use, Wiring, uses
from snnc.target import Limits, Target

PARTS = (1, 2, 4, 8, 16)
"""Cores are filled to these parts of their neurons, until the axons out of each core fit, too."""


def pack(wiring: Wiring, order: Sequence[int], target: Target) -> tuple[tuple[Owner, ...], int]:
    """Of each population int32 [neurons], the core of each neuron; and how many cores these are.

    `order`: the populations in the contract order.

    Raises
    ------
    LimitError
        If they do not fit; it names the population and the neuron, or the resource.
    """
    limits = target.limits
    available = limits.chips * limits.cores
    if available == 1:
        owner = tuple(np.zeros(neurons, np.int32) for neurons in wiring.neurons)
        _refuse_excess(wiring, owner, 1, target)
        return owner, 1
    for part in PARTS:
        most = max(1, limits.neurons_per_core // part)
        try:
            owner, cores = _Filling(wiring, limits, most, available).run(order)
        except NoMoreCoresError as error:
            raise LimitError(
                f"the network takes more than the {available:,} cores of {target.name} "
                f"({sum(wiring.neurons):,} neurons, {sum(len(one.pre) for one in wiring.wires):,} synapses); "
                "use fewer neurons or synapses, fewer weight bits or shorter delays"
            ) from error
        except DoesNotFitError as error:
            raise LimitError(
                f"{error}; use fewer synapses of a neuron, fewer weight bits or shorter delays"
            ) from error
        if limits.axons_out_per_core is None:
            return owner, cores
        if not any(map(excess, uses(wiring, owner, cores, limits)[0])):
            return owner, cores
    _refuse_excess(wiring, owner, cores, target)
    return owner, cores


def _refuse_excess(wiring: Wiring, owner: Sequence[Owner], cores: int, target: Target) -> None:
    for core, use in enumerate(uses(wiring, owner, cores, target.limits)[0]):
        if name := excess(use):
            used, most = use[name]
            held = [each for each, of in zip(wiring.names, owner, strict=True) if (of == core).any()]
            raise LimitError(
                f"{', '.join(held)}: a core of {target.name} would take {name} {used:,} of {most:,}; use "
                "fewer neurons, or fewer synapses"
            )


class _Core:
    """What a core that is being filled holds."""

    def __init__(self) -> None:
        self.neurons = self.bytes = self.axons = self.slots = 0
        self.sizes: dict[int, SliceSize] = {}
        """Of each projection whose destination has neurons here."""
        self.heard: dict[int, npt.NDArray[np.bool_]] = {}
        """Of each of these bool [sources], which lead here."""
        self.profiles = set[tuple[int, int]]()


class _Filling:
    def __init__(self, wiring: Wiring, limits: Limits, most: int, available: int) -> None:
        """`most` neurons on a core, of `available` ones."""
        self._wiring, self._limits, self._most, self._available = wiring, limits, most, available
        self._core, self._number = _Core(), 0

    def run(self, order: Sequence[int]) -> tuple[tuple[Owner, ...], int]:
        owner = tuple(np.zeros(neurons, np.int32) for neurons in self._wiring.neurons)
        for population in order:
            for neuron in range(self._wiring.neurons[population]):
                use = self._add(population, neuron)
                if use is not None:
                    if not self._core.neurons:
                        raise DoesNotFitError(self._wiring.names[population], neuron, use)
                    self._core, self._number = _Core(), self._number + 1
                    if self._number >= self._available:
                        raise NoMoreCoresError(f"more than {self._available:,} cores are needed")
                    use = self._add(population, neuron)
                    if use is not None:
                        raise DoesNotFitError(self._wiring.names[population], neuron, use)
                owner[population][neuron] = self._number
        return owner, self._number + 1

    def _add(self, population: int, neuron: int) -> Use | None:
        """Put a neuron on the core; if a resource would not do, the use of it all, and nothing is changed."""
        wiring, limits, core = self._wiring, self._limits, self._core
        sizes, new_bytes, axons = dict[int, SliceSize](), core.bytes, core.axons
        for number in wiring.into[population]:
            wire, old = wiring.wires[number], core.sizes.get(number, SliceSize())
            sources = wire.pre[wire.starts[neuron] : wire.starts[neuron + 1]]
            heard = core.heard.get(number)
            fresh = np.unique(sources if heard is None else sources[~heard[sources]]).size
            sizes[number] = SliceSize(old.neurons + 1, old.sources + fresh, old.synapses + len(sources))
            new_bytes += wire.slice_bytes(sizes[number]) - wire.slice_bytes(old)
            axons += fresh
        slots = core.slots + limits.slots_with_delay(wiring.longest[population])
        profile = population, int(wiring.profiles[population][neuron])
        use = {
            "neurons": (core.neurons + 1, self._most),
            "synapse_bytes": (new_bytes, limits.synapse_bytes_per_core),
            "delay_slots": (slots, limits.slots_per_core),
        }
        if limits.axons_in_per_core is not None:
            use["axons_in"] = axons, limits.axons_in_per_core
        if limits.profiles_per_core is not None:
            use["profiles"] = len(core.profiles | {profile}), limits.profiles_per_core
        if excess(use):
            return use
        core.neurons, core.bytes, core.axons, core.slots = core.neurons + 1, new_bytes, axons, slots
        core.profiles.add(profile)
        core.sizes |= sizes
        for number in sizes:
            wire = wiring.wires[number]
            heard = core.heard.setdefault(number, np.zeros(wire.pre_neurons, np.bool_))
            heard[wire.pre[wire.starts[neuron] : wire.starts[neuron + 1]]] = True
        return None
