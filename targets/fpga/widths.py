"""How wide sums and states must be: bounds for every input, by interval arithmetic in whole numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.stages import Population, QuantizedGraph
from snnc.stages.population import NONE, SUBTRACT

IntArray = npt.NDArray[np.int64]

NARROWEST = 14
"""Bits of a state at least: the decay splits it at bit 12."""


@dataclass(frozen=True, slots=True)
class Interval:
    """The least and the largest value of each neuron, int64 [neurons]."""

    low: IntArray
    high: IntArray

    def with_value(self, value: IntArray | int) -> Interval:
        """The interval that holds `value`, too."""
        return Interval(np.minimum(self.low, value), np.maximum(self.high, value))

    @property
    def bits(self) -> int:
        """Of the two's-complement number that holds all values."""
        return max(signed_bits(int(self.low.min())), signed_bits(int(self.high.max())))

    def within(self, low: int, high: int) -> bool:
        return bool((self.low >= low).all() and (self.high <= high).all())


def signed_bits(value: int) -> int:
    """Bits of the shortest two's-complement number that holds `value`."""
    return (value if value >= 0 else ~value).bit_length() + 1


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of one population: what its accumulators, u and v may hold, and whether they may wrap or clip.

    `u` and `v` are None where they do: then they may hold all that the contract allows.
    """

    sums: Interval
    u: Interval | None
    v: Interval | None


def bounds(graph: QuantizedGraph, population: Population) -> Bounds:
    """The bounds of `population`, which is lif or li: for all inputs and all spikes of other populations."""
    low, high = np.zeros((2, population.neurons), np.int64)
    for projection in graph.into(population.name):
        synapses = projection.synapses.as_list()
        payload = graph.population(projection.source).payload_max or 1
        weight = (synapses.weight.astype(np.int64) << projection.weight_exp) * payload
        np.add.at(low, synapses.post, np.minimum(weight, 0))
        np.add.at(high, synapses.post, np.maximum(weight, 0))
    sums = Interval(low, high)
    drive = Interval(
        (low + population.input_bias) << formats.STATE_FRACTION_BITS,
        (high + population.input_bias) << formats.STATE_FRACTION_BITS,
    )
    return Bounds(sums, *_states(population, drive, graph.time_steps))


def _states(population: Population, drive: Interval, steps: int) -> tuple[Interval | None, Interval | None]:
    """u and v after any number of steps up to `steps`, before and after a reset."""
    assert population.decay_u is not None
    assert population.decay_v is not None
    none = np.zeros(population.neurons, np.int64)
    bias = Interval(none + population.bias, none + population.bias)
    u = u_before = v = all_u = all_v = Interval(none, none)
    fits = True
    for _ in range(steps):
        u = _sum(_decayed(u, population.decay_u), drive)
        if not u.within(formats.U_MIN, formats.U_MAX):
            return None, None
        v_next = _sum(_decayed(v, population.decay_v), _sum(u, bias))
        if not v_next.within(-formats.V_LIMIT, formats.V_LIMIT):
            fits, v_next = False, Interval(none - formats.V_LIMIT, none + formats.V_LIMIT)
        if population.spikes and population.reset != NONE:
            v_next = v_next.with_value(_least_after_reset(population))
        grown_u = Interval(np.minimum(all_u.low, u.low), np.maximum(all_u.high, u.high))
        grown_v = Interval(np.minimum(all_v.low, v_next.low), np.maximum(all_v.high, v_next.high))
        settled = _equal(u, u_before) and _equal(v_next, v)
        u_before, v, all_u, all_v = u, v_next, grown_u, grown_v
        if settled:
            break  # all later steps are as this one
    return all_u, all_v if fits else None


def _least_after_reset(population: Population) -> IntArray | int:
    """A value of v after a reset below which none lies: 0, or just above threshold minus subtraction."""
    if population.reset != SUBTRACT:
        return 0
    assert population.threshold is not None
    assert population.reset_by is not None
    gap = population.threshold.astype(np.int64) - population.reset_by
    least: IntArray = (gap << formats.STATE_FRACTION_BITS) + 1
    return least


def _decayed(interval: Interval, constant: npt.NDArray[np.int32]) -> Interval:
    """Clause 4 of both ends: the decay never falls when its argument grows."""

    def end(value: IntArray) -> IntArray:
        kept: IntArray = np.sign(value) * (
            (np.abs(value) * (formats.DECAY_ONE - constant.astype(np.int64))) >> 12
        )
        return kept

    return Interval(end(interval.low), end(interval.high))


def _sum(one: Interval, other: Interval) -> Interval:
    return Interval(one.low + other.low, one.high + other.high)


def _equal(one: Interval, other: Interval) -> bool:
    return np.array_equal(one.low, other.low) and np.array_equal(one.high, other.high)
