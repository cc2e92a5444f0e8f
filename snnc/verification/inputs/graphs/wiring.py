"""A graph as flat arrays: neurons and input lines have one number each, and all synapses are one list."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.stages import Population, QuantizedGraph, SynapseList, Trace
from snnc.stages.population import INPUT, OLD, RESETS, SUBTRACT

Ints = npt.NDArray[np.int32]
Whole = npt.NDArray[np.int64]
NO_LEVEL = -1
"""In place of the threshold of a neuron that never spikes."""


class Of(IntEnum):
    """Rows of `Wiring.neurons`: parameters of the contract, one value for each neuron.

    `LEVEL` is the threshold in units of v, `RESET` the place in `RESETS`, `R` what a spike takes off in units
    of v. `STATE`, `ADAPTS` and `OLD` are 1 or 0: whether it has u and v, has w, takes w of the step before.
    """

    STATE = 0
    DU = 1
    DV = 2
    BIAS = 3
    INPUT_BIAS = 4
    LEVEL = 5
    RESET = 6
    R = 7
    END = 8
    ADAPTS = 9
    DW = 10
    KA = 11
    KB = 12
    OLD = 13


class Wiring:
    """`graph` with its populations side by side in the contract order.

    Attributes
    ----------
    places
        Name -> which numbers the neurons, or lines, of a population have.
    lines
        The numbers of the input lines, int64 [inputs], in the order in which inputs have them.
    starts
        The first number of each population, in the contract order.
    neurons
        int64 [Of, numbers].
    row, post, weight, delay
        Synapses sorted by source, then by delay: those of source j are `row[j]` .. `row[j + 1]` - 1. Weights
        are shifted by the exponent of the projection. Delays of T or more are left out (clause 2).
    largest
        The most that may arrive at each neuron in a step, int64 [numbers]; the bound of clause 2.
    listed
        The synapses of each projection, as it has them.
    """

    def __init__(self, graph: QuantizedGraph) -> None:
        self.graph, self.steps = graph, graph.time_steps
        self.places: dict[str, slice] = {}
        total = 0
        for name in graph.order:
            self.places[name] = slice(total, total + graph.population(name).neurons)
            total += graph.population(name).neurons
        self.size = total
        self.starts = np.array([place.start for place in self.places.values()])
        inputs = [self.places[each.name] for each in graph.populations if each.model == INPUT]
        numbers = [np.arange(place.start, place.stop) for place in inputs]
        self.lines = np.concatenate([np.zeros(0, np.int64), *numbers])
        self.neurons = np.concatenate(
            [_parameters(graph.population(name), graph.end(name)) for name in graph.order], axis=1
        )
        self.listed = [each.synapses.as_list() for each in graph.projections]
        self.row, self.post, self.weight, self.delay = self._by_source()
        self.largest = self._bounds()

    def _by_source(self) -> tuple[Whole, Ints, Ints, Ints]:
        columns: list[tuple[Ints, ...]] = [(np.zeros(0, np.int32),) * 4]
        for each, listed in zip(self.graph.projections, self.listed, strict=True):
            first, of = self.places[each.source].start, self.places[each.destination].start
            weight = listed.weight << np.int32(each.weight_exp)
            found = listed.pre + np.int32(first), listed.post + np.int32(of), weight, listed.delay
            arrives = listed.delay < self.steps
            columns.append(found if arrives.all() else tuple(one[arrives] for one in found))
        pre, post, weight, delay = (np.concatenate(column) for column in zip(*columns, strict=True))
        order = np.argsort(pre.astype(np.int64) * self.steps + delay, kind="stable")
        row = np.zeros(self.size + 1, np.int64)
        np.cumsum(np.bincount(pre, minlength=self.size), out=row[1:])
        return row, post[order], weight[order], delay[order]

    def _bounds(self) -> Whole:
        found = np.abs(self.neurons[Of.INPUT_BIAS])
        for each in self.graph.projections:
            most = self.graph.population(each.source).payload_max or 1
            found[self.places[each.destination]] += (each.synapses.sums() << each.weight_exp) * most
        return found

    @property
    def multiples(self) -> Whole:
        """The greatest common divisor of the weights into each neuron, int64 [numbers]; 0 without any."""
        found = np.zeros(self.size, np.int64)
        np.gcd.at(found, self.post, np.abs(self.weight.astype(np.int64)))
        return found

    @property
    def pre(self) -> Ints:
        """The source of each synapse."""
        return np.repeat(np.arange(self.size, dtype=np.int32), np.diff(self.row))

    def sent(self, inputs: npt.NDArray[np.uint8], trace: Trace) -> npt.NDArray[np.uint8]:
        """What every neuron and line sends: uint8 [samples, T, numbers], of `inputs` [samples, T, inputs]."""
        sent = np.zeros((len(inputs), self.steps, self.size), np.uint8)
        for each in self.graph.populations:
            if each.model == INPUT:
                end = self.graph.end(each.name)
                sent[:, :end, self.places[each.name]] = inputs[:, :end, self.graph.lines(each.name)]
            else:
                state = trace.layers[self.graph.trace_index(each.name)]
                sent[:, :, self.places[each.name]] = state.spikes
        return sent

    def states(self, trace: Trace, sample: int) -> tuple[Ints, Ints, Ints]:
        """u, v and w of one sample, int32 [numbers, T]; 0 where there is none."""
        u, v, w = (np.zeros((self.size, self.steps), np.int32) for _ in range(3))
        for each in self.graph.stateful:
            state, place = trace.layers[self.graph.trace_index(each.name)], self.places[each.name]
            u[place], v[place] = state.u[sample].T, state.v[sample].T
            if state.w is not None:
                w[place] = state.w[sample].T
        return u, v, w

    def by_population(self, join: np.ufunc, values: npt.NDArray) -> npt.NDArray:
        """[..., numbers] joined to [..., populations], in the contract order."""
        return join.reduceat(values, self.starts, axis=-1)

    def into(self, name: str) -> list[tuple[str, SynapseList]]:
        """The source and the synapses of each projection into a population."""
        pairs = zip(self.graph.projections, self.listed, strict=True)
        return [(each.source, listed) for each, listed in pairs if each.destination == name]


def _parameters(population: Population, end: int) -> Whole:
    """The column of `Wiring.neurons` of each neuron."""
    shift = formats.STATE_FRACTION_BITS
    found = np.zeros((len(Of), population.neurons), np.int64)
    found[Of.END], found[Of.LEVEL] = end, NO_LEVEL
    if population.model == INPUT:
        return found
    given: Sequence[tuple[Of, npt.NDArray[np.int32] | None]] = (
        (Of.DU, population.decay_u),
        (Of.DV, population.decay_v),
        (Of.DW, population.decay_w),
        (Of.KA, population.ka),
        (Of.KB, population.kb),
        (Of.BIAS, population.bias),
        (Of.INPUT_BIAS, population.input_bias),
    )
    for row, values in given:
        if values is not None:
            found[row] = values
    found[Of.STATE], found[Of.ADAPTS] = 1, population.decay_w is not None
    found[Of.OLD] = population.order == OLD
    if population.threshold is not None:
        found[Of.LEVEL] = population.threshold.astype(np.int64) << shift
        found[Of.RESET] = RESETS.index(population.reset or "")
    if population.reset == SUBTRACT and population.reset_by is not None:
        found[Of.R] = population.reset_by.astype(np.int64) << shift
    return found
