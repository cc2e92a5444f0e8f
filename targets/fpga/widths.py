"""How wide sums and states must be: bounds for every input, by interval arithmetic in whole numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from snnc import formats
from snnc.stages import Population, QuantizedGraph
from snnc.stages.population import ADLIF, NONE, SUBTRACT
from snnc.targets.fpga import adaptation
from snnc.targets.fpga.intervals import IntArray, Interval, decayed, equal, plus

NARROWEST = 14
"""Bits of a state at least: the decay splits it at bit 12."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of one population: what its accumulators, u, v and w may hold, and whether they may wrap or clip.

    `u`, `v` and `w` are None where they do: then they may hold all that the contract allows. A population
    without adaptation has a w of 0.
    """

    sums: Interval
    u: Interval | None
    v: Interval | None
    w: Interval | None


def bounds(graph: QuantizedGraph, population: Population) -> Bounds:
    """The bounds of `population`, which is no input: for all inputs and all spikes of other populations."""
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
    steps = graph.time_steps
    if population.model == ADLIF:
        u = _current(population, drive, steps)
        if u is None:
            return Bounds(sums, None, None, None)
        ends = graph.end(population.name) < steps
        v, w = adaptation.states(population, u, steps, ends)
        return Bounds(sums, u, v, w)
    none = np.zeros(population.neurons, np.int64)
    return Bounds(sums, *_states(population, drive, steps), Interval(none, none))


def _current(population: Population, drive: Interval, steps: int) -> Interval | None:
    """u after any number of steps up to `steps`; None where it may wrap."""
    none = np.zeros(population.neurons, np.int64)
    u = found = Interval(none, none)
    for _ in range(steps):
        before, u = u, plus(decayed(u, population.decay_u), drive)
        if not u.within(formats.U_MIN, formats.U_MAX):
            return None
        found = found.hull(u)
        if equal(u, before):
            break
    return found


def _states(population: Population, drive: Interval, steps: int) -> tuple[Interval | None, Interval | None]:
    """u and v after any number of steps up to `steps`, before and after a reset."""
    none = np.zeros(population.neurons, np.int64)
    bias = Interval(none + population.bias, none + population.bias)
    u = u_before = v = all_u = all_v = Interval(none, none)
    fits = True
    for _ in range(steps):
        u = plus(decayed(u, population.decay_u), drive)
        if not u.within(formats.U_MIN, formats.U_MAX):
            return None, None
        v_next = plus(decayed(v, population.decay_v), plus(u, bias))
        if not v_next.within(-formats.V_LIMIT, formats.V_LIMIT):
            fits, v_next = False, Interval(none - formats.V_LIMIT, none + formats.V_LIMIT)
        if population.spikes and population.reset != NONE:
            v_next = v_next.with_value(_least_after_reset(population))
        settled = equal(u, u_before) and equal(v_next, v)
        u_before, v, all_u, all_v = u, v_next, all_u.hull(u), all_v.hull(v_next)
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
