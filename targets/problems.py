"""What of a graph a target's limits do not hold, in sentences: layer, value, limit, remedy.

Only what a graph alone tells. Whether it has room on the chip is for placement to say.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from snnc import formats
from snnc.errors import LimitError
from snnc.stages import QuantizedGraph, QuantizedLayer
from snnc.target import Limits

Check = Callable[[QuantizedLayer, Limits], Iterator[str]]


def check_limits(graph: QuantizedGraph, limits: Limits) -> None:
    """Raise `LimitError` with the first problem, if there is one."""
    for problem in problems(graph, limits):
        raise LimitError(problem)


def problems(graph: QuantizedGraph, limits: Limits) -> Iterator[str]:
    """Sentences, none if the graph's numbers and wiring fit `limits`."""
    yield from lasting_problems(graph, limits)
    yield from _of_layers(graph, limits, OF_DELAYS)


def lasting_problems(graph: QuantizedGraph, limits: Limits) -> Iterator[str]:
    """Those that relays and longer delays neither mend nor make."""
    if graph.payload_max > limits.payload_max:
        yield (
            f"input: payloads of up to {graph.payload_max}, the limit is {limits.payload_max}; "
            f"export with --payload-max {limits.payload_max}"
        )
    yield from _of_layers(graph, limits, LASTING)


def _of_layers(graph: QuantizedGraph, limits: Limits, checks: tuple[Check, ...]) -> Iterator[str]:
    for layer in graph.layers:
        for check in checks:
            yield from (f"{layer.name}: {problem}" for problem in check(layer, limits))


def weight_size(layer: QuantizedLayer, limits: Limits) -> Iterator[str]:
    weights = formats.SignedFormat(limits.weight_bits)
    least, most = int(layer.weight.min()), int(layer.weight.max())
    if least < weights.minimum or most > weights.maximum:
        yield (
            f"weights of {least} .. {most}, the limits are {weights.minimum} .. {weights.maximum}; "
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
            f"neuron {int(np.argmax(levels))} has {max(levels)} different weights, the limit is "
            f"{limits.weights_per_neuron}; train for {max(bits, formats.WEIGHT_BITS_MIN)}-bit weights"
        )


def delay_range(layer: QuantizedLayer, limits: Limits) -> Iterator[str]:
    delays = layer.delay[layer.weight != 0]
    if layer.max_delay > limits.delay_max:
        yield (
            f"delays of up to {layer.max_delay} steps, the limit is {limits.delay_max}; add relays, or train "
            "with shorter delays or coarser time steps"
        )
    if len(delays) and delays.min() < limits.delay_min:
        yield f"a delay of {delays.min()} steps, the least is {limits.delay_min}; add steps to every delay"


def source_delays(layer: QuantizedLayer, limits: Limits) -> Iterator[str]:
    if limits.delays_per_source is None:
        return
    counts = [len(np.unique(d[w != 0])) for d, w in zip(layer.delay.T, layer.weight.T, strict=True)]
    if max(counts) > limits.delays_per_source:
        yield (
            f"source {int(np.argmax(counts))} has {max(counts)} different delays, the limit is "
            f"{limits.delays_per_source}; add a relay for each"
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
            f"neuron {int(counts.argmax())} listens to {counts.max()} sources, a core to "
            f"{limits.axons_in_per_core} ({over} neurons exceed it); leave out {share} % of its "
            "synapses (--prune), or use narrower layers"
        )


def decays(layer: QuantizedLayer, limits: Limits) -> Iterator[str]:
    if limits.decay_bits == 0:
        if layer.decay_v:
            yield (
                f"the membrane decays by {layer.decay_v} of 4096 a step, the chip multiplies no state; "
                "train without a leak (a large tau)"
            )
        if layer.decay_u < formats.DECAY_ONE:
            yield "the current is kept from step to step, the chip multiplies no state; train without it"


def thresholds(layer: QuantizedLayer, limits: Limits) -> Iterator[str]:
    if (layer.threshold or 0) > limits.threshold_max:
        yield f"a threshold of {layer.threshold}, the limit is {limits.threshold_max}; use fewer weight bits"


def biases(layer: QuantizedLayer, limits: Limits) -> Iterator[str]:
    bias = formats.SignedFormat(limits.bias_mantissa_bits)
    least, most = int(layer.bias_mant.min()), int(layer.bias_mant.max())
    if least < bias.minimum or most > bias.maximum or layer.bias_exp > limits.bias_exponent_max:
        yield (
            f"biases of {least} .. {most} << {layer.bias_exp}, the limits are "
            f"{bias.minimum} .. {bias.maximum} << {limits.bias_exponent_max}; use fewer weight bits"
        )


def states(layer: QuantizedLayer, limits: Limits) -> Iterator[str]:
    """Where nothing decays and biases are whole weights, the 6 bits of fraction of u and v stay 0."""
    bits = formats.U_MAX.bit_length()
    fraction = formats.STATE_FRACTION_BITS
    if limits.decay_bits == 0 and not (layer.bias & ((1 << fraction) - 1)).any():
        bits -= fraction
    if bits > limits.state_bits:
        yield (
            f"u and v take {bits} bits, the limit is {limits.state_bits}; "
            f"biases that are multiples of {1 << fraction}, and no decay, would save {fraction}"
        )


LASTING = (weight_size, weight_levels, fan_in, decays, thresholds, biases, states)
OF_DELAYS = (delay_range, source_delays)
