"""The clauses of the contract in real numbers: what a FloatGraph computes, step by step, in float64.

For measuring what quantisation loses, for comparing modules of PyTorch, and for tests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.errors import InputError
from snnc.stages import FloatGraph, FloatPopulation, FloatProjection, SynapseList
from snnc.stages.float_population import AT
from snnc.stages.population import ADLIF, INPUT, NEW, SUBTRACT, ZERO

FloatArray = npt.NDArray[np.float64]
AT_ONCE = 1 << 20
"""About so many synapses deliver at a time."""
NOTHING: Mapping[str, npt.NDArray[np.generic]] = MappingProxyType({})


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


def run_float(
    graph: FloatGraph,
    events: npt.NDArray[np.generic],
    heard: Mapping[str, npt.NDArray[np.generic]] = NOTHING,
    wires: Mapping[str, Sequence[Wires]] | None = None,
) -> dict[str, FloatTrace]:
    """All states of one sample, by population.

    Parameters
    ----------
    events : whole numbers [T, `graph.inputs`], the lines of all input populations side by side.
    heard : by population, spikes [T, neurons] that arrive where its own would. Its trace has its own.
    wires : `wires_of(graph)`, for many samples.

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
        states[population.name] = State(population, graph.time_steps, lines)
    spikes = {name: heard.get(name, state.spikes) for name, state in states.items()}
    into = wires_of(graph) if wires is None else wires
    for t in range(graph.time_steps):
        for name in graph.order:
            if states[name].population.model != INPUT:
                arriving = sum(each.arriving(spikes[each.source], t) for each in into[name])
                states[name].step(t, arriving)
    return {name: state.trace() for name, state in states.items()}


def wires_of(graph: FloatGraph) -> dict[str, list[Wires]]:
    """By population, what leads into it."""
    return {name: [Wires(each) for each in graph.into(name)] for name in graph.order}


class Wires:
    """The synapses of a projection, by delay, sorted by their source."""

    def __init__(self, projection: FloatProjection) -> None:
        self.source = projection.source
        synapses: SynapseList = projection.synapses.as_list()
        order = np.argsort(synapses.delay, kind="stable")
        self._delays, row = np.unique(synapses.delay[order], return_inverse=True)
        row = row * synapses.pre_neurons + synapses.pre[order]
        self._first = np.searchsorted(row, np.arange(len(self._delays) * synapses.pre_neurons + 1))
        self._neurons = synapses.post_neurons
        self._post, self._weight = synapses.post[order], synapses.weight[order]

    def arriving(self, spikes: npt.NDArray[Any], t: int) -> FloatArray:
        """float64 [post], the sum of clause 2 over these synapses in step `t` of `spikes` [T, pre]."""
        sent = spikes[t - self._delays[self._delays <= t]].reshape(-1)  # a row for each delay
        rows, total = np.flatnonzero(sent), np.zeros(self._neurons)
        if not len(rows):
            return total
        ends = np.cumsum(self._first[rows + 1] - self._first[rows])
        few = ends[-1] < AT_ONCE
        for some in [rows] if few else np.split(rows, np.flatnonzero(np.diff(ends // AT_ONCE)) + 1):
            begin, counts = self._first[some], self._first[some + 1] - self._first[some]
            which = np.arange(counts.sum()) + np.repeat(begin - np.cumsum(counts) + counts, counts)
            np.add.at(total, self._post[which], self._weight[which] * np.repeat(sent[some], counts))
        return total


class State:
    """The neurons of a population, step by step: of one sample, or of `samples` at once.

    `u`, `v`, `w` and `spikes` are float64 [T, neurons], or [T, samples, neurons]; u, v and w as of
    `FloatTrace`. `events` [T, neurons] are the spikes of an input.
    """

    def __init__(
        self, population: FloatPopulation, steps: int, events: FloatArray | None, samples: int | None = None
    ) -> None:
        self.population = of = population
        rows = 0 if events is not None else steps
        shape = (of.neurons,) if samples is None else (samples, of.neurons)
        self.u, self.v = np.zeros((rows, *shape)), np.zeros((rows, *shape))
        self.w = np.zeros((rows if of.model == ADLIF else 0, *shape))
        self.spikes = np.zeros((steps, *shape)) if events is None else events.copy()
        self._zero = np.zeros(shape)
        self._end = steps if of.end is None else of.end
        if events is not None:
            self.spikes[self._end :] = 0

    def step(self, t: int, arriving: FloatArray | int) -> None:
        """Step `t`, in which `arriving` is what clause 2 sums over synapses."""
        of: Any = self.population
        self.v[t] = charged = self.charged(t, arriving)
        if not of.spikes or t >= self._end:
            return
        fires = charged >= of.threshold if of.fires == AT else charged > of.threshold
        self.spikes[t] = fires
        if of.reset == ZERO:
            self.v[t][fires] = 0
        elif of.reset == SUBTRACT:
            self.v[t] -= np.where(fires, of.reset_by, 0)

    def charged(self, t: int, arriving: FloatArray | int) -> FloatArray:
        """v of step `t` before the reset; u and w are set."""
        of: Any = self.population  # whose model says which parameters are there
        u, v = (self.u[t - 1], self.v[t - 1]) if t else (self._zero, self._zero)
        self.u[t] = of.keep_u * u + of.input_bias + arriving
        charged: FloatArray = of.keep_v * v + self.u[t] + of.bias
        if of.model == ADLIF:
            w, fired = (self.w[t - 1], self.spikes[t - 1]) if t else (self._zero, self._zero)
            self.w[t] = of.keep_w * w + of.ka * v + of.kb * fired
            charged -= self.w[t] if of.order == NEW else w
        return charged

    def trace(self) -> FloatTrace:
        spikes = self.spikes if self.population.model == INPUT else self.spikes > 0
        return FloatTrace(self.u, self.v, self.w, spikes)
