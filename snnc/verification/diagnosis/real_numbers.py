"""Whether a population was computed in real numbers, as simulators in floating point do.

It is run again in binary64 by clauses 2 to 6 without the rounding of clause 4, on the spikes that the other
side found. Then that side's own v must be the nearest integers, or the next to these, since two ways to add
in floating point differ in the last bit; and its spikes must be those of that v.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.stages import Cause, Population, QuantizedGraph
from snnc.stages.population import INPUT, LI, LIF, ZERO
from snnc.verification.diagnosis.observed import Observed

NAME = "no-rounding"
SUMMARY = "States are computed in real numbers, without the rounding of the contract."
REMEDY = (
    "Clause 4 rounds v toward zero in every step, a simulator in floating point does not. Weights, delays, "
    "biases and thresholds agree: see whether classes do, and run an integer executor for equality."
)
UNIT = float(1 << formats.STATE_FRACTION_BITS)
"""Units of v in a weight of 1."""
NEAR = 1.0
"""Units of v."""

Floats = npt.NDArray[np.float64]


def real_numbers(graph: QuantizedGraph, name: str, neuron: int, observed: Observed) -> Cause | None:
    """The cause, if in the sample `neuron` of the population `name` is what real numbers give; else None."""
    of = graph.population(name)
    if of.model not in (LIF, LI) or of.reset not in (None, ZERO):
        return None
    found = observed.found[graph.trace_index(name)]
    sums = arriving(graph, of, observed)
    if sums is None or "v" not in found or "spikes" not in found:
        return None
    explained = _neurons(graph, of, sums, found["v"], found["spikes"].astype(np.bool_))
    if not explained[neuron]:
        return None
    return Cause(NAME, SUMMARY, "", REMEDY, int(explained.sum()), of.neurons)


def _neurons(
    graph: QuantizedGraph, of: Population, sums: Floats, v: npt.NDArray, spikes: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """bool [neurons]: which are what real numbers give in every step."""
    assert of.decay_u is not None
    assert of.decay_v is not None
    one = formats.DECAY_ONE
    keeps_u, keeps_v = ((one - decay.astype(np.float64)) / one for decay in (of.decay_u, of.decay_v))
    now, current = np.zeros(of.neurons), np.zeros(of.neurons)
    fits = np.ones(of.neurons, np.bool_)
    for t, arrives in enumerate(sums):
        current = keeps_u * current + UNIT * (arrives + of.input_bias)
        now = keeps_v * now + current + of.bias
        if of.threshold is not None:
            limit = UNIT * of.threshold
            may = np.full(of.neurons, t < graph.end(of.name))
            fits &= np.where(spikes[t], may & (now > limit - NEAR), ~may | (now < limit + NEAR))
            now = np.where(spikes[t], 0.0, now)
        fits &= np.abs(np.rint(now) - v[t]) <= NEAR
    return fits


def arriving(
    graph: QuantizedGraph,
    of: Population,
    observed: Observed,
    weigh: Callable[[Floats], Floats] = lambda weight: weight,
) -> Floats | None:
    """[T, neurons], the sums of clause 2 without the bias, of what was found to be sent; None if not held.

    `weigh` says what of each weight counts.
    """
    steps = graph.time_steps
    total = np.zeros((steps, of.neurons))
    for projection in graph.into(of.name):
        source = graph.population(projection.source)
        if source.model == INPUT:
            if observed.inputs is None:
                return None
            sent = observed.inputs[:, graph.lines(source.name)].astype(np.float64)
            sent[graph.end(source.name) :] = 0
        else:
            state = observed.found[graph.trace_index(source.name)]
            if "spikes" not in state:
                return None
            sent = state["spikes"].astype(np.float64)
        synapses = projection.synapses.as_list()
        weight = weigh(np.ldexp(synapses.weight.astype(np.float64), projection.weight_exp))
        for delay in np.unique(synapses.delay[synapses.delay < steps]).tolist():
            these = synapses.delay == delay
            matrix = np.zeros((synapses.pre_neurons, synapses.post_neurons))
            np.add.at(matrix, (synapses.pre[these], synapses.post[these]), weight[these])
            total[delay:] += sent[: steps - delay] @ matrix
    return total
