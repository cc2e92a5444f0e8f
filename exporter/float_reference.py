"""The clauses of the contract in real numbers: what a FloatGraph computes, step by step, in float64.

For measuring what quantisation loses, and for tests; it is written to be read, not to be fast.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.errors import InputError
from snnc.stages import FloatGraph, FloatPopulation, FloatProjection, SynapseList
from snnc.stages.float_population import AT
from snnc.stages.population import ADLIF, INPUT, NEW, SUBTRACT, ZERO

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FloatTrace:
    """What one population did in one sample, all [T, neurons].

    `u`, `v` (after the reset) and `w` float64, which are empty, [0, neurons], where the model lacks them;
    `spikes` bool, or the events of an input.
    """

    u: FloatArray
    v: FloatArray
    w: FloatArray
    spikes: npt.NDArray[np.generic]


def run_float(graph: FloatGraph, events: npt.NDArray[np.generic]) -> dict[str, FloatTrace]:
    """All states of one sample, by population.

    Parameters
    ----------
    events : whole numbers [T, `graph.inputs`], the lines of all input populations side by side.

    Raises
    ------
    InputError
        If `events` has another shape.
    """
    shape = (graph.time_steps, graph.inputs)
    if events.shape != shape:
        raise InputError(f"events: have the shape {events.shape}, expected {shape}, [T, lines]")
    states, first = {}, 0
    for population in graph.populations:
        lines = None
        if population.model == INPUT:
            lines = events[:, first : first + population.neurons].astype(np.float64)
            first += population.neurons
        states[population.name] = _State(population, graph.time_steps, lines)
    into = {name: [_Wires(each) for each in graph.into(name)] for name in graph.order}
    for t in range(graph.time_steps):
        for name in graph.order:
            if states[name].population.model != INPUT:
                arriving = sum(wires.arriving(states[wires.source].spikes, t) for wires in into[name])
                states[name].step(t, arriving)
    return {name: state.trace() for name, state in states.items()}


class _Wires:
    """The synapses of a projection, by delay, sorted by their source."""

    def __init__(self, projection: FloatProjection) -> None:
        self.source = projection.source
        self._post = projection.synapses.post_neurons
        synapses: SynapseList = projection.synapses.as_list()
        self._parts = []
        for delay in np.unique(synapses.delay):
            some = synapses.delay == delay
            first = np.searchsorted(synapses.pre[some], np.arange(synapses.pre_neurons + 1))
            self._parts.append((int(delay), first, synapses.post[some], synapses.weight[some]))

    def arriving(self, spikes: FloatArray, t: int) -> FloatArray:
        """float64 [post], the sum of clause 2 over these synapses in step `t`."""
        total = np.zeros(self._post)
        for delay, first, post, weight in self._parts:
            if t < delay:
                continue
            for pre in np.flatnonzero(spikes[t - delay]):
                reached = slice(first[pre], first[pre + 1])
                total[post[reached]] += weight[reached] * spikes[t - delay, pre]
        return total


class _State:
    def __init__(self, population: FloatPopulation, steps: int, events: FloatArray | None) -> None:
        self.population = of = population
        rows = 0 if events is not None else steps
        self.u, self.v = np.zeros((rows, of.neurons)), np.zeros((rows, of.neurons))
        self.w = np.zeros((rows if of.model == ADLIF else 0, of.neurons))
        self.spikes = np.zeros((steps, of.neurons)) if events is None else events.copy()
        self._end = steps if of.end is None else of.end
        if events is not None:
            self.spikes[self._end :] = 0

    def step(self, t: int, arriving: FloatArray | int) -> None:
        of: Any = self.population  # whose model says which parameters are there
        zero = np.zeros(of.neurons)
        u, v = (self.u[t - 1], self.v[t - 1]) if t else (zero, zero)
        self.u[t] = of.keep_u * u + of.input_bias + arriving
        charged = of.keep_v * v + self.u[t] + of.bias
        if of.model == ADLIF:
            w, fired = (self.w[t - 1], self.spikes[t - 1]) if t else (zero, zero)
            self.w[t] = of.keep_w * w + of.ka * v + of.kb * fired
            charged -= self.w[t] if of.order == NEW else w
        self.v[t] = charged
        if not of.spikes or t >= self._end:
            return
        fires = charged >= of.threshold if of.fires == AT else charged > of.threshold
        self.spikes[t] = fires
        if of.reset == ZERO:
            self.v[t][fires] = 0
        elif of.reset == SUBTRACT:
            self.v[t][fires] -= of.reset_by[fires]

    def trace(self) -> FloatTrace:
        spikes = self.spikes if self.population.model == INPUT else self.spikes > 0
        return FloatTrace(self.u, self.v, self.w, spikes)
