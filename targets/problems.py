"""The problems of a graph with a target's limits, as sentences: object, value, limit, remedy.

Only this module and `graph_limits` compare the numbers of a graph with `Limits`; emitters call
`check_limits`. Placement finds whether the graph has room on the chip.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from snnc import formats
from snnc.errors import BUT_OF_EXAMPLE, LimitError
from snnc.stages import QuantizedGraph, QuantizedLayer
from snnc.target import Limits
from snnc.targets.graph_limits import graph_problems

Check = Callable[[QuantizedLayer, Limits], Iterator[str]]


def check_limits(graph: QuantizedGraph, limits: Limits) -> None:
    """Raise `LimitError` with the first problem, if there is one."""
    for problem in problems(graph, limits):
        raise LimitError(problem)


def problems(graph: QuantizedGraph, limits: Limits) -> Iterator[str]:
    """Sentences, none if the graph's numbers and wiring fit `limits`."""
    if not graph.is_chain:
        yield from graph_problems(graph, limits)
        return
    yield from lasting_problems(graph, limits)
    yield from _of_layers(graph, limits, OF_DELAYS)


def lasting_problems(graph: QuantizedGraph, limits: Limits) -> Iterator[str]:
    """The problems that stay the same when relays are added or delays grow."""
    if graph.payload_max > limits.payload_max:
        yield (
            f"input: payloads of up to {graph.payload_max}, the limit is {limits.payload_max}; "
            f"export with --payload-max {limits.payload_max}{BUT_OF_EXAMPLE}"
        )
    yield from _of_layers(graph, limits, LASTING)


def _of_layers(graph: QuantizedGraph, limits: Limits, checks: tuple[Check, ...]) -> Iterator[str]:
    for layer in graph.layers:
        for check in checks:
            yield from check(layer, limits)


def weight_size(layer: QuantizedLayer, limits: Limits) -> Iterator[str]:
    weights = formats.SignedFormat(limits.weight_bits)
    outside = np.argwhere((layer.weight < weights.minimum) | (layer.weight > weights.maximum))
    if len(outside):
        neuron, source = outside[0]
        yield (
            f"{layer.name}, synapse {source} -> {neuron}: the weight is {layer.weight[neuron, source]}, "
            f"the limits are {weights.minimum}..{weights.maximum} ({_exceed(len(outside), 'synapse')} them); "
            f"quantise with --weight-bits {limits.weight_bits}"
        )


def weight_levels(layer: QuantizedLayer, limits: Limits) -> Iterator[str]:
    if limits.weights_per_neuron is None:
        return
    levels = [len(np.unique(row[row != 0])) for row in layer.weight]
    if max(levels) > limits.weights_per_neuron:
        # Of b bits there are 2**b - 1 weights that are synapses.
        bits = (limits.weights_per_neuron + 1).bit_length() - 1
        yield (
            f"{layer.name}, neuron {int(np.argmax(levels))}: has {max(levels)} different weights, the "
            f"limit is {limits.weights_per_neuron}; train for "
            f"{max(bits, formats.WEIGHT_BITS_MIN)}-bit weights"
        )


def delay_range(layer: QuantizedLayer, limits: Limits) -> Iterator[str]:
    if layer.max_delay > limits.delay_max:
        yield (
            f"{too_long([layer], limits.delay_max)}; add relays (--relays), train with "
            f"kernel_size <= {limits.delay_max | 1}, or with coarser time steps"
        )
    delays = layer.delay[layer.weight != 0]
    if len(delays) and delays.min() < limits.delay_min:
        yield (
            f"{layer.name}: a delay is {delays.min()} steps, the least is {limits.delay_min}; "
            "add steps to every delay"
        )


def too_long(layers: Sequence[QuantizedLayer], most: int) -> str:
    """Names the first synapse whose delay is above `most`, and says how many there are."""
    count = sum(int(np.count_nonzero(layer.delay > most)) for layer in layers)
    layer = next(layer for layer in layers if layer.max_delay > most)
    neuron, source = np.argwhere(layer.delay > most)[0]
    return (
        f"{layer.name}, synapse {source} -> {neuron}: the delay is {layer.delay[neuron, source]} steps, "
        f"the limit is {most} ({_exceed(count, 'synapse')} it)"
    )


def _exceed(count: int, what: str) -> str:
    return f"{count} {what} exceeds" if count == 1 else f"{count} {what}s exceed"


def source_delays(layer: QuantizedLayer, limits: Limits) -> Iterator[str]:
    if limits.delays_per_source is None:
        return
    counts = [len(np.unique(d[w != 0])) for d, w in zip(layer.delay.T, layer.weight.T, strict=True)]
    if max(counts) > limits.delays_per_source:
        yield (
            f"{layer.name}, source {int(np.argmax(counts))}: has {max(counts)} different delays, the "
            f"limit is {limits.delays_per_source}; add a relay for each"
        )


def fan_in(layer: QuantizedLayer, limits: Limits) -> Iterator[str]:
    if limits.axons_in_per_core is None:
        return
    counts = np.count_nonzero(layer.weight, axis=1)
    if counts.max() > limits.axons_in_per_core:
        over = int((counts > limits.axons_in_per_core).sum())
        # Rounded up: leaving out less would not do.
        share = math.ceil(100 * (counts.max() - limits.axons_in_per_core) / counts.max())
        yield (
            f"{layer.name}, neuron {int(counts.argmax())}: has {counts.max()} sources, the limit of a core "
            f"is {limits.axons_in_per_core} ({_exceed(over, 'neuron')} it); prune {share} % of its synapses "
            "(--prune), or use narrower layers"
        )


def decays(layer: QuantizedLayer, limits: Limits) -> Iterator[str]:
    if limits.decay_bits == 0:
        if layer.decay_v:
            yield (
                f"{layer.name}: decay_v is {layer.decay_v} (of 4096 a step), but the chip cannot multiply a "
                "state; train without a leak (a large tau)"
            )
        if layer.decay_u < formats.DECAY_ONE:
            yield (
                f"{layer.name}: decay_u is {layer.decay_u}, so u lasts from step to step, but the chip "
                f"cannot multiply a state; train for a decay_u of {formats.DECAY_ONE}"
            )
        return
    most = 1 << limits.decay_bits
    for name, decay in (("decay_u", layer.decay_u), ("decay_v", layer.decay_v)):
        if decay > most:
            yield f"{layer.name}: {name} is {decay}, the limit is {most}; train with a larger time constant"


def thresholds(layer: QuantizedLayer, limits: Limits) -> Iterator[str]:
    if (layer.threshold or 0) > limits.threshold_max:
        yield (
            f"{layer.name}: the threshold is {layer.threshold}, the limit is {limits.threshold_max}; "
            "use fewer weight bits"
        )


def biases(layer: QuantizedLayer, limits: Limits) -> Iterator[str]:
    bias = formats.SignedFormat(limits.bias_mantissa_bits)
    outside = np.flatnonzero((layer.bias_mant < bias.minimum) | (layer.bias_mant > bias.maximum))
    if len(outside):
        yield (
            f"{layer.name}, neuron {outside[0]}: the bias mantissa is {layer.bias_mant[outside[0]]}, the "
            f"limits are {bias.minimum}..{bias.maximum} ({_exceed(len(outside), 'neuron')} them); "
            "use fewer weight bits"
        )
    if layer.bias_exp > limits.bias_exponent_max:
        yield (
            f"{layer.name}: the bias exponent is {layer.bias_exp}, the limit is {limits.bias_exponent_max}; "
            "use fewer weight bits"
        )


def states(layer: QuantizedLayer, limits: Limits) -> Iterator[str]:
    """Where nothing decays and biases are whole weights, the 6 bits of fraction of u and v stay 0."""
    bits = formats.U_MAX.bit_length()
    fraction = formats.STATE_FRACTION_BITS
    if limits.decay_bits == 0 and not (layer.bias & ((1 << fraction) - 1)).any():
        bits -= fraction
    if bits > limits.state_bits:
        yield (
            f"{layer.name}: u and v take {bits} bits, the limit is {limits.state_bits}; {fraction} bits "
            f"fewer are enough without decay and with biases that are multiples of {1 << fraction}"
        )


LASTING = (weight_size, weight_levels, fan_in, decays, thresholds, biases, states)
OF_DELAYS = (delay_range, source_delays)
