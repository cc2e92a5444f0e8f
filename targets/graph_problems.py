"""The numbers of a graph of populations that do not fit a target's limits, as sentences.

As `problems.py` is for layers; delays are for the target, which may retime.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from snnc import formats
from snnc.stages import Population, Projection, QuantizedGraph
from snnc.target import Limits


def number_problems(graph: QuantizedGraph, limits: Limits) -> Iterator[str]:
    """Sentences: object, value, limit, remedy; none if the numbers of populations and weights fit."""
    for population in graph.populations:
        yield from _of_population(population, limits)
    for projection in graph.projections:
        yield from _weights(projection, limits)


def _of_population(of: Population, limits: Limits) -> Iterator[str]:
    mantissa, most = formats.SignedFormat(limits.bias_mantissa_bits), 1 << limits.decay_bits
    ranges: dict[str, tuple[int, int, str]] = {
        "payload_max": (1, limits.payload_max, "use smaller events"),
        "decay_u": (0, most, "use a larger time constant"),
        "decay_v": (0, most, "use a larger time constant"),
        "decay_w": (0, most, "use a larger time constant"),
        "threshold": (0, limits.threshold_max, "use fewer weight bits"),
        "reset_by": (0, limits.threshold_max, "use fewer weight bits"),
        "bias_mant": (mantissa.minimum, mantissa.maximum, "use fewer weight bits"),
        "input_bias_mant": (mantissa.minimum, mantissa.maximum, "use fewer weight bits"),
        "bias_exp": (0, limits.bias_exponent_max, "use fewer weight bits"),
        "input_bias_exp": (0, limits.bias_exponent_max, "use fewer weight bits"),
    }
    for name, (low, high, remedy) in ranges.items():
        value = getattr(of, name)
        if value is None:
            continue
        outside = np.atleast_1d((value < low) | (value > high))
        if outside.any():
            first = int(outside.argmax())
            neuron = f", neuron {first}" if np.ndim(value) else ""
            yield (
                f"{of.name}{neuron}: {name} is {np.atleast_1d(value)[first]}, the limits are {low}..{high}; "
                f"{remedy}"
            )


def _weights(projection: Projection, limits: Limits) -> Iterator[str]:
    weights = formats.SignedFormat(limits.weight_bits)
    synapses = projection.synapses.as_list()
    outside = (synapses.weight < weights.minimum) | (synapses.weight > weights.maximum)
    if outside.any():
        k = int(outside.argmax())
        yield (
            f"{projection.name}, synapse {synapses.pre[k]} -> {synapses.post[k]}: the weight is "
            f"{synapses.weight[k]}, the limits are {weights.minimum}..{weights.maximum} "
            f"({int(outside.sum())} in all go beyond); quantise to {limits.weight_bits} bits"
        )
