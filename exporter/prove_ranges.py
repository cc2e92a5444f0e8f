"""Proof that no input train makes u wrap or v clip (contract, clause 9).

The recurrences of the contract are run on the two ends of intervals. Let [x] be the claim "x lies in this
interval in this step, whatever the input". Each line keeps the claim, by the clauses of `docs/semantics.md`:

Clause 1, 2 (a). A pair has one synapse with one delay, so in one step a source delivers its weight at most
once, or an input line its weight times a payload of at most payload_max: a lies between the sum of the
negative and the sum of the positive weights, times that, that can arrive. A spike of source j arrives in
step e + D, where e is a step in which j spiked; with e_j the first step in which j *can* spike (0 for
inputs), the synapse delivers nothing before e_j + D. So the sums run over the synapses with e_j + D <= t:
e_j = T says that j never spikes, and what would arrive at T or later is in no sum. Sums only grow with t, as
later steps add synapses.

Clause 3, 4 (u). decay is odd, and |x| -> (|x| * (4096 - k)) >> 12 never falls when |x| grows, so decay never
falls when x grows; x << 6 neither. So the ends of [u[t-1]] and [a[t]] give those of decay + (a << 6). If they
reach beyond -2^23+1 .. 2^23, wrap24 may act, and of that u all that is claimed is this range itself.

Clause 5 (v). Again monotone in each term; the bias is a constant of every step, the first included. clip is
monotone: it is applied to both ends.

Clause 6. What does not fire is at most vth << 6, what fires becomes 0. If the upper end lies above the
threshold the neuron may fire: the claim becomes the hull of 0 and the part at or below the threshold, and
only 0 if the lower end lies above the threshold as well. If the upper end does not lie above the threshold,
nothing changes and the neuron does not fire in this step: e_i is the first step in which it may.

Clause 7. The readout has no threshold: no cap, no reset.

Clause 8. All claims start with u = v = 0, and steps stop at T. If state and sums repeat, all later steps do.

The ends of [a] and [u] are reached in the first layer, since its sources are free: all excitatory sources
on, inhibitory ones off. So is [v] where nothing fires. Where it may, v is reached up to what sums of weights
miss of the threshold in the step before, if u keeps nothing (du = 4096); a current that lasts cannot be large
while v is still below the threshold. In deeper layers sources are not free, and bounds are only bounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.errors import RangeProofError
from snnc.exporter.ranges import LayerRanges
from snnc.stages import QuantizedGraph, QuantizedLayer

Steps = npt.NDArray[np.int64]
Ends = npt.NDArray[np.int64]

_LIMITS = (("u", formats.U_MIN, formats.U_MAX), ("v", -formats.V_LIMIT, formats.V_LIMIT))


@dataclass(frozen=True, slots=True)
class Overflow:
    """`variable` of a neuron can reach `value`, beyond `limit`."""

    layer: str
    neuron: int
    variable: str
    value: int
    limit: int

    def __str__(self) -> str:
        return (
            f"{self.layer}, neuron {self.neuron}: {self.variable} can reach {self.value}, "
            f"the limit is {self.limit}"
        )


def graph_bounds(graph: QuantizedGraph) -> tuple[LayerRanges, ...]:
    """Intervals of every layer; see the top of this file."""
    first, ranges, payload_max = np.zeros(graph.inputs, np.int64), [], graph.payload_max
    for layer in graph.layers:
        ranges.append(layer_bounds(layer, graph.time_steps, first, payload_max))
        first, payload_max = _first_spikes(layer, ranges[-1], graph.time_steps), 1
    return tuple(ranges)


def layer_bounds(
    layer: QuantizedLayer, time_steps: int, first: Steps | None = None, payload_max: int = 1
) -> LayerRanges:
    """Intervals of one layer over `time_steps` steps.

    `first` int64 [inputs]: the first step in which each source can spike, `time_steps` for never; without
    it, step 0. `payload_max`: the most that a spike of a source carries.
    """
    first = np.zeros(layer.inputs, np.int64) if first is None else first
    arriving = payload_max * _arriving(layer, time_steps, first)
    a = u = v = np.zeros((2, layer.neurons), np.int64)  # the lower and the upper ends
    rows = []
    for t in range(time_steps):
        before = u, v
        if t < len(arriving):
            a = a + arriving[t]
        u_row = _decay(u, layer.decay_u) + (a << formats.STATE_FRACTION_BITS)
        u = _after_wrap(u_row)
        v_row = _decay(v, layer.decay_v) + u + layer.bias
        v = _after_reset(np.clip(v_row, -formats.V_LIMIT, formats.V_LIMIT), layer.threshold)
        rows.append(np.concatenate((u_row, v_row)).astype(np.int32))
        if t + 1 >= len(arriving) and np.array_equal(before, (u, v)):
            break  # every later step repeats this one
    return LayerRanges(layer.name, *a, *np.stack(rows, axis=1))


def earliest_spikes(graph: QuantizedGraph, ranges: Sequence[LayerRanges]) -> tuple[Steps, ...]:
    """For each layer int64 [neurons], a step before which no input makes the neuron spike; T for never.

    `ranges` are those of `graph_bounds`.
    """
    return tuple(
        _first_spikes(layer, bounds, graph.time_steps)
        for layer, bounds in zip(graph.layers, ranges, strict=True)
    )


def find_overflow(ranges: Sequence[LayerRanges]) -> Overflow | None:
    """The first layer and variable whose intervals allow a wrap or a clip, and the worst neuron there."""
    for layer in ranges:
        for variable, lowest, highest in _LIMITS:
            least, largest = layer.worst(variable)
            for value, limit, excess in (
                (largest, highest, largest - highest),
                (least, lowest, lowest - least),
            ):
                neuron = int(excess.argmax())
                if excess[neuron] > 0:
                    return Overflow(layer.layer, neuron, variable, int(value[neuron]), limit)
    return None


def overflow_excluded(ranges: Sequence[LayerRanges]) -> bool:
    """Whether no input train makes u wrap or v clip."""
    return find_overflow(ranges) is None


def refuse_overflow(ranges: Sequence[LayerRanges]) -> None:
    """Raise unless `overflow_excluded`. `rescale.prove` also looks for a remedy, which takes longer.

    Raises
    ------
    RangeProofError
        It names layer, neuron, bound and limit.
    """
    overflow = find_overflow(ranges)
    if overflow is not None:
        raise RangeProofError(
            f"{overflow}; use fewer weight bits, or pass --allow-saturation to count overflows in runs"
        )


def _arriving(layer: QuantizedLayer, time_steps: int, first: Steps) -> Ends:
    """Sums of the negative and of the positive weights whose first spike can arrive in each step.

    int64 [steps, 2, neurons], up to the last step in which there are any; at least one step.
    """
    last = int(first[first < time_steps].max(initial=0)) + layer.max_delay
    steps = min(time_steps, last + 1)
    sums = np.zeros((steps, 2, layer.neurons), np.int64)
    for neuron, (weight, delay) in enumerate(zip(layer.weight, layer.delay, strict=True)):
        step = np.minimum(first + delay, steps)  # what arrives too late is counted there and dropped
        sums[:, 0, neuron] = np.bincount(step, np.minimum(weight, 0), steps + 1)[:steps]
        sums[:, 1, neuron] = np.bincount(step, np.maximum(weight, 0), steps + 1)[:steps]
    return sums


def _after_wrap(u: Ends) -> Ends:
    """Clause 3: where u may wrap, it can be anything afterwards."""
    low, high = u
    may_wrap = (low < formats.U_MIN) | (high > formats.U_MAX)
    return np.stack((np.where(may_wrap, formats.U_MIN, low), np.where(may_wrap, formats.U_MAX, high)))


def _after_reset(v: Ends, threshold: int | None) -> Ends:
    """Clause 6: up to the threshold v stays, above it becomes 0."""
    if threshold is None:
        return v
    low, high = v
    top = threshold << formats.STATE_FRACTION_BITS
    may, must = high > top, low > top
    low = np.where(may, np.minimum(low, 0), low)
    return np.stack((low, np.where(must, 0, np.where(may, top, high))))


def _first_spikes(layer: QuantizedLayer, ranges: LayerRanges, time_steps: int) -> Steps:
    """The first step in which each neuron may fire, `time_steps` for never; int64 [neurons]."""
    if layer.threshold is None:
        return np.full(layer.neurons, time_steps)
    may = ranges.v_hi > layer.threshold << formats.STATE_FRACTION_BITS
    return np.where(may.any(axis=0), may.argmax(axis=0), time_steps)


def _decay(x: Ends, k: int) -> Ends:
    kept: Ends = np.sign(x) * ((np.abs(x) * (formats.DECAY_ONE - k)) >> formats.DECAY_BITS)
    return kept
