"""What random graphs reach of the contract: predicates for `tests/unit/hwsim/test_network_corners.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from graph_relations import unrolled

from snnc.stages import (
    Convolution,
    LayerTrace,
    Population,
    Projection,
    QuantizedGraph,
)
from snnc.stages.population import ADLIF, INPUT, LI, SUBTRACT


@dataclass(frozen=True)
class Seen:
    """One graph with what happened in it."""

    graph: QuantizedGraph
    events: npt.NDArray[np.uint8]
    trace: tuple[LayerTrace, ...]

    @cached_property
    def states(self) -> list[tuple[Population, LayerTrace]]:
        others = [each for each in self.graph.populations if each.model != INPUT]
        return list(zip(others, self.trace, strict=True))

    @cached_property
    def spiking(self) -> list[tuple[Population, LayerTrace]]:
        return [pair for pair in self.states if pair[0].spikes]

    @cached_property
    def adapting(self) -> list[tuple[Population, LayerTrace]]:
        return [pair for pair in self.states if pair[0].model == ADLIF]

    @cached_property
    def active(self) -> set[str]:
        """Populations that sent something."""
        names = {each.name for each, found in self.spiking if found.spikes.any()}
        inputs = [each for each in self.graph.populations if each.model == INPUT]
        return names | {each.name for each in inputs if self.sent(each).any()}

    def sent(self, of: Population) -> npt.NDArray[np.bool_]:
        """bool [samples, T, neurons]."""
        if of.model != INPUT:
            return next(found.spikes for each, found in self.states if each is of)
        return self.events[:, : of.end, self.graph.lines(of.name)] > 0

    def synapses(self) -> Iterator[tuple[Projection, tuple[int, int, int, int]]]:
        for projection in self.graph.projections:
            for synapse in unrolled(projection.synapses):
                if synapse[2]:
                    yield projection, synapse

    def delays(self, source: str, destination: str) -> set[int]:
        return {
            each[3] for of, each in self.synapses() if (of.source, of.destination) == (source, destination)
        }

    def kept(self, of: type) -> list[Projection]:
        """Projections that are stored so, and that deliver."""
        return [
            each
            for each in self.graph.projections
            if isinstance(each.synapses, of) and each.synapses.count and each.source in self.active
        ]

    @cached_property
    def sums(self) -> list[int]:
        """What clause 2 bounds, of each neuron."""
        total = {each.name: np.abs(each.input_bias).astype(np.int64) for each in self.graph.populations}
        payload = {each.name: each.payload_max or 1 for each in self.graph.populations}
        for of, (_, i, weight, _) in self.synapses():
            total[of.destination][i] += (abs(weight) << of.weight_exp) * payload[of.source]
        return [int(each) for each, _ in self.states for each in total[each.name]]


def value(name: str, number: int) -> Callable[[Seen], bool]:
    """A parameter of a population, with this value in a neuron."""

    def reached(s: Seen) -> bool:
        of_all = (getattr(each, name) for each in s.graph.populations)
        return any(of is not None and bool((np.asarray(of) == number).any()) for of in of_all)

    return reached


def fires(model: str, **words: str) -> Callable[[Seen], bool]:
    """A population of these words spikes."""
    return lambda s: any(
        found.spikes.any() and of.model == model and all(getattr(of, k) == word for k, word in words.items())
        for of, found in s.spiking
    )


def decodes(decoder: str) -> Callable[[Seen], bool]:
    return lambda s: any(each.decoder == decoder for each in s.graph.readouts)


def steps_after_spike(s: Seen) -> Iterator[tuple[Population, npt.NDArray[np.int32], npt.NDArray[np.int32]]]:
    """v of the steps with a spike, and `reset_by` of these neurons, where the reset subtracts."""
    for of, found in s.spiking:
        if of.reset == SUBTRACT and of.reset_by is not None:
            yield of, found.v[found.spikes], np.broadcast_to(of.reset_by, found.v.shape)[found.spikes]


def subtracts(
    how: Callable[[npt.NDArray[np.int32], npt.NDArray[np.int32]], npt.NDArray[np.bool_]],
) -> Callable[[Seen], bool]:
    """A neuron spikes whose r and vth compare so."""
    return lambda s: any(
        bool((found.spikes.any(axis=(0, 1)) & how(of.reset_by, of.threshold)).any())
        for of, found in s.spiking
        if of.reset_by is not None and of.threshold is not None
    )


def ends(model: str) -> Callable[[Seen], bool]:
    """Before T, after it has been active if it can be; with v above the threshold, or events, after that."""

    def reached(s: Seen) -> bool:
        for of in s.graph.populations:
            if of.model != model or of.end is None:
                continue
            if model == INPUT:
                if s.events[:, of.end :, s.graph.lines(of.name)].any():
                    return True
            elif model == LI:
                if any(each.population == of.name for each in s.graph.readouts):
                    return True
            elif of.name in s.active and above(s, of):
                return True
        return False

    return reached


def above(s: Seen, of: Population) -> bool:
    """v is above the threshold after the end."""
    found = next(found for each, found in s.states if each is of)
    assert of.threshold is not None
    return bool((found.v[:, of.end :] > 64 * of.threshold).any())


def in_flight(s: Seen, least: Callable[[Population], int], most: Callable[[Population], int]) -> bool:
    """A spike sent before the end of its population arrives in steps `least` .. `most` - 1."""
    for of, (j, _, _, delay) in s.synapses():
        source = s.graph.population(of.source)
        steps = np.flatnonzero(s.sent(source)[:, :, j].any(axis=0)) + delay
        if ((steps >= least(source)) & (steps < most(source))).any():
            return True
    return False


def recurs(least: int, most: int) -> Callable[[Seen], bool]:
    """An active population leads to itself by a delay in this range."""
    return lambda s: any(
        of.source == of.destination and of.source in s.active and least <= delay <= most
        for of, (_, _, _, delay) in s.synapses()
    )


def cycles(s: Seen) -> bool:
    """Two active populations lead to each other, one of them without delay."""
    pairs = {(each.source, each.destination) for each in s.graph.projections}
    return any(
        0 in s.delays(a, b) and s.delays(b, a)
        for a, b in pairs
        if (b, a) in pairs and {a, b} <= s.active and a != b
    )


def convolves(how: Callable[[Convolution], bool]) -> Callable[[Seen], bool]:
    return lambda s: any(
        how(each.synapses) for each in s.kept(Convolution) if isinstance(each.synapses, Convolution)
    )


def twice(s: Seen) -> bool:
    """Two synapses of one projection between one pair of neurons."""
    pairs = [(id(of), j, i) for of, (j, i, _, _) in s.synapses() if of.source in s.active]
    return len(set(pairs)) < len(pairs)


def meets_threshold(s: Seen) -> bool:
    return any(
        bool(((found.v == 64 * of.threshold) & ~found.spikes & (found.v > 0))[:, : of.end].any())
        for of, found in s.spiking
        if of.threshold is not None
    )


def payloads_differ(s: Seen) -> bool:
    inputs = [each for each in s.graph.populations if each.model == INPUT and each.name in s.active]
    return len({each.payload_max for each in inputs}) > 1
