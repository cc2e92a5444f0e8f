"""The problems of a graph that is no chain with a target's limits: object, value, limit, remedy.

`problems.py` has those of a chain, and calls this.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.stages import Population, Projection, QuantizedGraph, SynapseList
from snnc.target import Limits

Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.signedinteger]


def graph_problems(graph: QuantizedGraph, limits: Limits, *, delays: bool = True) -> Iterator[str]:
    """Sentences, none if the graph's numbers and wiring fit `limits`.

    `delays`: compare the delays, too. A target that retimes the graph looks at those that it has then.
    """
    for population in graph.populations:
        yield from _of_population(population, limits)
    for projection in graph.projections:
        yield from _of_projection(projection, limits, delays)
    if limits.weights_per_neuron is not None or limits.axons_in_per_core is not None:
        for population in graph.stateful:
            yield from _of_fan_in(graph, population.name, limits)


def _of_population(population: Population, limits: Limits) -> Iterator[str]:
    name = population.name
    if (population.payload_max or 1) > limits.payload_max:
        yield (
            f"{name}: payloads of up to {population.payload_max}, the limit is {limits.payload_max}; use "
            "smaller ones, or several lines"
        )
    if population.decay_u is None or population.decay_v is None:
        return
    yield from _decays(population, limits)
    for what in ("threshold", "reset_by"):
        yield from _beyond(name, what, getattr(population, what), 0, limits.threshold_max)
    mantissa = formats.SignedFormat(limits.bias_mantissa_bits)
    for what in ("bias", "input_bias"):
        values = getattr(population, f"{what}_mant")
        yield from _beyond(name, f"{what}_mant", values, mantissa.minimum, mantissa.maximum)
        exponent = getattr(population, f"{what}_exp")
        if exponent > limits.bias_exponent_max:
            most = limits.bias_exponent_max
            yield f"{name}: {what}_exp is {exponent}, the limit is {most}; use a smaller one"
    bits, fraction = formats.U_MAX.bit_length(), formats.STATE_FRACTION_BITS
    if limits.decay_bits == 0 and not (population.bias & ((1 << fraction) - 1)).any():
        bits -= fraction
    if bits > limits.state_bits:
        yield f"{name}: its states take {bits} bits, the limit is {limits.state_bits}; use another target"


def _decays(population: Population, limits: Limits) -> Iterator[str]:
    """Where no state can be multiplied, u forgets all and v nothing, and there is no adaptation."""
    name = population.name
    if limits.decay_bits == 0:
        if population.decay_w is not None:
            yield f"{name}: has an adaptation current, but the chip cannot multiply a state; use lif"
        yield from _beyond(name, "decay_u", population.decay_u, formats.DECAY_ONE, formats.DECAY_ONE)
        yield from _beyond(name, "decay_v", population.decay_v, 0, 0)
        return
    most = 1 << limits.decay_bits
    for what in ("decay_u", "decay_v", "decay_w"):
        yield from _beyond(name, what, getattr(population, what), 0, most)
    yield from _beyond(name, "ka", population.ka, -most, most)


def _beyond(name: str, what: str, values: Ints | None, low: int, high: int) -> Iterator[str]:
    if values is None:
        return
    outside: Flags = (values < low) | (values > high)
    if outside.any():
        neuron = int(outside.argmax())
        yield (
            f"{name}, neuron {neuron}: {what} is {values[neuron]}, the limits are {low}..{high} "
            f"({_exceed(int(outside.sum()), 'neuron')} them); choose other numbers, or another target"
        )


def _of_projection(projection: Projection, limits: Limits, delays: bool) -> Iterator[str]:
    found = projection.synapses.as_list()
    if not found.count:
        return
    weights = formats.SignedFormat(limits.weight_bits)
    yield from _synapse(projection, found, "weight", weights.minimum, weights.maximum)
    if delays:
        yield from _synapse(projection, found, "delay", limits.delay_min, limits.delay_max)
    if limits.delays_per_source is not None:
        span = found.max_delay + 1
        pairs = np.unique(found.pre.astype(np.int64) * span + found.delay) // span
        counts = np.bincount(pairs)
        if counts.max() > limits.delays_per_source:
            yield (
                f"{projection.name}, source {int(counts.argmax())}: has {counts.max()} different delays, the "
                f"limit is {limits.delays_per_source}; use fewer, or another target"
            )


def _synapse(projection: Projection, found: SynapseList, what: str, low: int, high: int) -> Iterator[str]:
    values = getattr(found, what)
    outside: Flags = (values < low) | (values > high)
    if outside.any():
        k = int(outside.argmax())
        yield (
            f"{projection.name}, synapse {found.pre[k]} -> {found.post[k]}: the {what} is {values[k]}, the "
            f"limits are {low}..{high} ({_exceed(int(outside.sum()), 'synapse')} them); "
            f"{_remedy(what, int(values[k]), low, high)}"
        )


def _remedy(what: str, value: int, low: int, high: int) -> str:
    """What makes a synapse fit. A chip without levels takes no delay that is too short, and in a graph that
    is no chain nothing adds steps to it."""
    if what == "delay":
        if value > high:
            return "use shorter delays, or another target"
        none = "no option adds steps in a graph that is no chain"
        return f"{none}; use delays of {low} or more, or another target"
    bits = 1 + high.bit_length()
    if bits > formats.WEIGHT_BITS_DEFAULT:  # the most that an export takes
        return "use another target"
    return f"export the network with --weight-bits {bits}, or if its file holds integers use another target"


def _of_fan_in(graph: QuantizedGraph, name: str, limits: Limits) -> Iterator[str]:
    """Sources and different weights of each neuron, over all projections into it."""
    neurons = graph.population(name).neurons
    sources = np.zeros(neurons, np.int64)
    kinds = list[npt.NDArray[np.int64]]()
    for each in graph.into(name):
        found = each.synapses.as_list()
        pairs = np.unique(found.post.astype(np.int64) * found.pre_neurons + found.pre) // found.pre_neurons
        sources += np.bincount(pairs, minlength=neurons)
        weight = (found.weight << np.int32(each.weight_exp)).astype(np.int64)
        kinds.append(found.post.astype(np.int64) * (1 << 40) + weight + (1 << 39))
    if limits.axons_in_per_core is not None and sources.max(initial=0) > limits.axons_in_per_core:
        yield (
            f"{name}, neuron {int(sources.argmax())}: has {sources.max()} sources, the limit of a core is "
            f"{limits.axons_in_per_core}; use fewer synapses of a neuron"
        )
    if limits.weights_per_neuron is not None and kinds:
        levels = np.bincount(np.unique(np.concatenate(kinds)) >> 40, minlength=neurons)
        if levels.max() > limits.weights_per_neuron:
            yield (
                f"{name}, neuron {int(levels.argmax())}: has {levels.max()} different weights, the limit is "
                f"{limits.weights_per_neuron}; use fewer"
            )


def _exceed(count: int, what: str) -> str:
    return f"{count} {what} exceeds" if count == 1 else f"{count} {what}s exceed"
