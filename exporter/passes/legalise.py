"""Pass: delays that the target holds, with relay neurons (`relay.py`) where they are allowed and needed.

Two limits count. `delay_max` is the longest delay that a synapse can say. `delay_slots` is how many steps
every neuron of a full core can look ahead; where longer delays take slots from other neurons, a core holds
fewer of them (`Limits.neurons_with_delay`, an estimate). With relays a network may use any shorter range of
delays: more neurons, and more of them on a core.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt

from snnc.errors import LimitError, PassError
from snnc.exporter.graph_relays import fits, relays_for
from snnc.exporter.passes.base import Exported, Pass, Plan
from snnc.exporter.passes.check_relays import check_graph_relays
from snnc.exporter.passes.promises import equal, same_network, same_neurons, same_synapses
from snnc.exporter.placement.wiring import wiring_of
from snnc.exporter.relay import add_relays
from snnc.stages import QuantizedGraph, QuantizedLayer
from snnc.target import Limits, Target
from snnc.targets.problems import too_long

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Legalise(Pass[QuantizedGraph, QuantizedGraph]):
    """No delay is beyond `target.limits.delay_max`; of a graph that is no chain, with levels of the target.

    With `relays`, the range of delays that takes the fewest cores, counted by their neurons; relays of a
    graph that is no chain are those of `graph_relays.py`, where levels alone are not enough.
    """

    target: Target
    relays: bool

    name: ClassVar[str] = "legalise"
    exact: ClassVar[bool] = True

    @classmethod
    def planned(cls, before: QuantizedGraph, plan: Plan, exported: Exported) -> Self:
        assert plan.target is not None
        return cls(plan.target, plan.options.relays)

    def run(self, before: QuantizedGraph) -> QuantizedGraph:
        """Raise `LimitError` if a delay is too long without relays, or the target holds no delay at all."""
        if not before.is_chain:
            return self._graph(before)
        limits, longest = self.target.limits, max(layer.max_delay for layer in before.layers)
        enough = min(limits.delay_max, limits.delay_slots - 1) if self.relays else limits.delay_max
        if longest <= enough:
            return before
        if limits.delay_max < 1:
            raise LimitError(
                f"{too_long(before.layers, limits.delay_max)}; relays need delays of 1 step, which the "
                "target does not have; export to another target"
            )
        *shorter, longest_range = delay_ranges(limits)
        choices = []
        for most in shorter:
            with suppress(LimitError):  # too short for an input with payloads, or too many relays
                choices.append(add_relays(before, most))
        choices.append(add_relays(before, longest_range))
        best = min(choices, key=lambda legal: (cores_by_neurons(legal, limits), len(legal.layers)))
        if self.relays:
            return best
        more = added(before, best)
        raise LimitError(
            f"{too_long(before.layers, limits.delay_max)}; with --relays it fits and computes the same ("
            f"neurons +{more['neurons_added']}, synapses +{more['synapses_added']}, "
            f"layers +{more['layers_added']}); else train with kernel_size <= {limits.delay_max | 1}, "
            "or with coarser time steps"
        )

    def _graph(self, before: QuantizedGraph) -> QuantizedGraph:
        limits = self.target.limits
        enough = min(limits.delay_max, limits.delay_slots - 1) if self.relays else limits.delay_max
        if fits(before, self._up_to(enough)):
            return before
        choices = self._choices(before)
        best = min(choices, key=self._cost) if len(choices) > 1 else choices[0]
        if self.relays:
            return best
        more = added(before, best)
        longest = max(before.projections, key=lambda each: each.synapses.max_delay)
        by_levels = " with any levels" if self.target.levels else ""
        raise LimitError(
            f"{longest.name}: delays of up to {longest.synapses.max_delay} steps are beyond those that the "
            f"target holds ({limits.delay_min}..{limits.delay_max}){by_levels}; with --relays it fits and "
            f"computes the same (neurons +{more['neurons_added']}, synapses +{more['synapses_added']}, "
            f"populations +{more['populations_added']}); else use shorter delays"
        )

    def _up_to(self, most: int) -> Target:
        return replace(self.target, limits=replace(self.target.limits, delay_max=most))

    def _choices(self, before: QuantizedGraph) -> list[QuantizedGraph]:
        """`before`, which is no chain, with the relays that each range of delays takes."""
        *shorter, longest = delay_ranges(self.target.limits)
        choices = []
        for most in shorter:
            with suppress(LimitError):  # too short for relays, or for an input with payloads; others may do
                choices.append(relays_for(before, self._up_to(most)))
        return [*choices, relays_for(before, self._up_to(longest))]

    def _cost(self, legal: QuantizedGraph) -> tuple[int, int]:
        """Cores as of `cores_by_neurons`, by delays on the chip, and populations."""
        wiring, limits = wiring_of(legal, self.target), self.target.limits
        held = (max(1, limits.neurons_with_delay(longest)) for longest in wiring.longest)
        cores = sum(-(-count // most) for count, most in zip(wiring.neurons, held, strict=True))
        return cores, len(legal.populations)

    def check(self, before: QuantizedGraph, after: QuantizedGraph) -> None:
        """Delays are within the limit; layers of `before` have the same neurons, and hear the same.

        Every path from a neuron of one such layer to one of the next goes over relays, which fire when their
        one source does, and keep nothing; its delays add up to the synapse's. Of a graph that is no chain:
        `check_graph_relays`.
        """
        if not before.is_chain:
            check_graph_relays(before, after, self.target)
            return
        delay_max = self.target.limits.delay_max
        same_network(before, after)
        names = [layer.name for layer in before.layers]
        left = [layer.name for layer in after.layers if layer.name in names]
        equal("network", "the order of layers, without relays,", left, names)
        remaining = iter(after.layers)
        for old in before.layers:
            relays: list[QuantizedLayer] = []
            layer = next(remaining)
            while layer.name != old.name:
                relays.append(layer)
                layer = next(remaining)
            if relays and before.payload_max > 1 and old is before.layers[0]:
                raise PassError(f"{old.name}: relays lose the payload of its input")
            for one in (*relays, layer):
                if one.max_delay > delay_max:
                    raise PassError(f"{one.name}: a delay is {one.max_delay} steps, the limit is {delay_max}")
            same_neurons(old, layer)
            if relays:
                _same_paths(old, relays, layer)
            else:
                same_synapses(old, layer)

    def summary(self, before: QuantizedGraph, after: QuantizedGraph) -> dict[str, int]:
        return added(before, after)


def added(before: QuantizedGraph, after: QuantizedGraph) -> dict[str, int]:
    """Layers or populations, neurons and synapses that a pass over integers added (< 0: took away)."""
    if not before.is_chain:
        sizes = [
            (
                len(each.populations),
                sum(one.neurons for one in each.stateful),
                sum(one.synapses.count for one in each.projections),
            )
            for each in (before, after)
        ]
        what = ("populations_added", "neurons_added", "synapses_added")
        return {name: new - old for name, old, new in zip(what, *sizes, strict=True)}

    def totals(graph: QuantizedGraph) -> tuple[int, int, int]:
        return (
            len(graph.layers),
            sum(layer.neurons for layer in graph.layers),
            sum(int(np.count_nonzero(layer.weight)) for layer in graph.layers),
        )

    names = ("layers_added", "neurons_added", "synapses_added")
    return {name: new - old for name, old, new in zip(names, totals(before), totals(after), strict=True)}


def delay_ranges(limits: Limits) -> tuple[int, ...]:
    """Longest delays to choose from: what the slots of every neuron hold, twice as many, ..., `delay_max`."""
    ranges, slots = [], limits.delay_slots
    while 1 < slots <= limits.delay_max:
        ranges.append(slots - 1)
        slots *= 2
    return (*ranges, limits.delay_max)


def cores_by_neurons(graph: QuantizedGraph, limits: Limits) -> int:
    """Cores that the neurons of `graph` take if nothing else fills them, each with neurons of one layer."""
    held = (max(1, limits.neurons_with_delay(layer.max_delay)) for layer in graph.layers)
    return sum(-(-layer.neurons // most) for layer, most in zip(graph.layers, held, strict=True))


def _same_paths(old: QuantizedLayer, relays: Sequence[QuantizedLayer], new: QuantizedLayer) -> None:
    """Lists (neuron, source, delay, weight) of both sides, in order."""
    source, waited = np.arange(old.inputs), np.zeros(old.inputs, np.int64)
    for layer in relays:
        _repeats(layer)
        relay, heard = np.nonzero(layer.weight)  # one a relay, in order of relays
        source, waited = source[heard], waited[heard] + layer.delay[relay, heard]
    neuron, heard = np.nonzero(new.weight)
    found = (neuron, source[heard], waited[heard] + new.delay[neuron, heard], new.weight[neuron, heard])
    neuron, heard = np.nonzero(old.weight)
    wanted = (neuron, heard, old.delay[neuron, heard], old.weight[neuron, heard])
    ours, theirs = _sorted(found), _sorted(wanted)
    length = min(len(ours), len(theirs))
    differ = np.flatnonzero((ours[:length] != theirs[:length]).any(axis=1))
    if len(differ) or len(ours) != len(theirs):
        longer = ours if len(ours) > len(theirs) else theirs
        row = theirs[differ[0]] if len(differ) else longer[length]
        raise PassError(
            f"{new.name}, synapse {row[1]} -> {row[0]}: expected one path over relays, of weight {row[3]} "
            f"and {row[2]} steps"
        )


def _sorted(columns: tuple[npt.NDArray[np.integer], ...]) -> Rows:
    rows = np.stack(columns, axis=1).astype(np.int64)
    return rows[np.lexsort(rows.T[::-1])]


def _repeats(layer: QuantizedLayer) -> None:
    """One synapse each, stronger than the threshold; nothing else moves v, and nothing is kept."""
    for relay, row in enumerate(layer.weight):
        strength = row[row != 0]
        if len(strength) != 1 or layer.threshold is None or not strength[0] > layer.threshold >= 0:
            raise PassError(
                f"{layer.name}, neuron {relay}: is not a relay; a relay fires when its only source fires"
            )
    if (layer.decay_u, layer.decay_v) != (4096, 4096) or layer.bias_mant.any():
        raise PassError(f"{layer.name}: its relays have a memory or a bias; they must have neither")
