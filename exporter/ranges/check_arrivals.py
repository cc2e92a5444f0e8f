"""What can arrive at a population in each step (contract, clause 2), for `check.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

from snnc.exporter.ranges.certificate import PopulationRanges
from snnc.stages import Population, QuantizedGraph, SynapseMatrix
from snnc.stages.synapses import Synapses

Ints = npt.NDArray[np.int64]
Arrays = tuple[npt.NDArray[np.integer], ...]

AT_ONCE = 1 << 16
"""Synapses of which arrays are held beside the graph."""


def first_spikes(of: Population, claim: PopulationRanges, end: int, steps: int) -> Ints:
    """The step before which each neuron certainly does not spike, int64 [neurons]; `steps` if it never does.

    A population spikes only before its `end`.
    """
    if of.threshold is None:
        return np.full(of.neurons, steps, np.int64)
    fires = claim.v_hi > 64 * of.threshold.astype(np.int64)
    first = fires.argmax(axis=0)
    return np.where(fires.any(axis=0) & (first < end), first, steps)


def sums(graph: QuantizedGraph, of: Population, first: Mapping[str, Ints], rows: int) -> Ints:
    """Least and largest a of the steps 0 .. `rows` - 1, int64 [rows, 2, neurons].

    If the graph has more steps, a last row holds the least and largest a of all the others. `first` has the
    steps of `first_spikes` of each population.
    """
    steps = graph.time_steps
    change = np.zeros((min(rows + 1, steps), 2, of.neurons), np.int64)
    change[0] = of.input_bias
    later: list[Arrays] = []
    for projection in graph.into(of.name):
        source = graph.population(projection.source)
        times = (source.payload_max or 1) << projection.weight_exp
        for pre, post, weight, late in _parts(projection.synapses):
            delay = late.astype(np.int64)
            begin = first[source.name][pre] + delay
            place, amount = (weight > 0) * of.neurons + post, weight.astype(np.int64) * times
            arrives = begin < steps
            for step, added in ((begin, amount), (graph.end(source.name) + delay, -amount)):
                here = arrives & (step < rows)
                np.add.at(change.reshape(-1), (step * (2 * of.neurons) + place)[here], added[here])
                if rows < steps and (after := arrives & (step >= rows) & (step < steps)).any():
                    later.append((step[after], place[after], added[after]))
    np.cumsum(change[:rows], axis=0, out=change[:rows])
    change[rows:] = _hull(change[rows - 1], rows, later)
    return change


def _hull(last: Ints, rows: int, later: list[Arrays]) -> Ints:
    """Of the sums from step `rows` on, int64 [2, neurons], if before it they are `last`."""
    if not later:
        return last
    step, place, added = (np.concatenate(parts) for parts in zip(*later, strict=True))
    order = np.argsort(step, kind="stable")
    step, place, added = step[order], place[order], added[order]
    starts = np.flatnonzero(np.diff(step, prepend=-1))
    now = last.copy()
    low, high = (now[0] + 2**62, now[1] - 2**62) if step[0] == rows else now.copy()
    for begin, stop in zip(starts, [*starts[1:], len(step)], strict=True):
        np.add.at(now.reshape(-1), place[begin:stop], added[begin:stop])
        low, high = np.minimum(low, now[0]), np.maximum(high, now[1])
    return np.stack([low, high])


def _parts(synapses: Synapses) -> Iterator[Arrays]:
    """Pre, post, weight and delay of all of them, not too many at once."""
    if isinstance(synapses, SynapseMatrix):
        size = max(1, AT_ONCE // synapses.pre_neurons)
        for begin in range(0, synapses.post_neurons, size):
            part = slice(begin, begin + size)
            post, pre = np.nonzero(synapses.weight[part])
            yield pre, post + begin, synapses.weight[part][post, pre], synapses.delay[part][post, pre]
        return
    every = synapses.as_list()
    for begin in range(0, every.count, AT_ONCE):
        part = slice(begin, begin + AT_ONCE)
        yield every.pre[part], every.post[part], every.weight[part], every.delay[part]
