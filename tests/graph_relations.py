"""Clauses 1 to 6 as relations between consecutive states of a trace, for graphs.

Written from `docs/semantics.md` with exact fractions, slowly, and with none of the executors' arithmetic: it
judges them. Whoever reads a trace needs no executor for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from snnc.stages import Convolution, LayerTrace, Population, QuantizedGraph, SynapseList, SynapseMatrix
from snnc.stages.population import ADLIF, INPUT, NEW, SUBTRACT, ZERO
from snnc.stages.synapses import Synapses

L = 2**23
Spikes = dict[str, npt.NDArray[np.int64]]
"""By population: [T, neurons]."""


def assert_satisfies(
    graph: QuantizedGraph, events: npt.NDArray[np.uint8], trace: tuple[LayerTrace, ...]
) -> None:
    """Every state of `trace` follows from those before it by the contract, and its counts are right."""
    populations = [each for each in graph.populations if each.model != INPUT]
    assert len(trace) == len(populations)
    arrivals = {each.name: _synapses_into(graph, each.name) for each in populations}
    for population, found in zip(populations, trace, strict=True):
        assert found.u.shape == (len(events), graph.time_steps, population.neurons)
        assert (found.w is None) == (population.model != ADLIF)
        counts = np.zeros(3, int)
        for sample in range(len(events)):
            spikes = _spikes(graph, events[sample], trace, sample)
            for i in range(population.neurons):
                counts += _check_neuron(
                    graph, population, i, arrivals[population.name][i], spikes, found, sample
                )
        for count, name in zip(counts, ("u_wraps", "w_clips", "v_clips"), strict=True):
            assert getattr(found, name) in (None, count), f"{population.name}: {name} is {count}"


def unrolled(synapses: Synapses) -> Iterator[tuple[int, int, int, int]]:
    """(j, i, W, D) of each synapse, from how it is stored."""
    if isinstance(synapses, SynapseMatrix):
        for i, j in np.ndindex(*synapses.weight.shape):
            yield j, i, int(synapses.weight[i, j]), int(synapses.delay[i, j])
    elif isinstance(synapses, SynapseList):
        columns = (synapses.pre, synapses.post, synapses.weight, synapses.delay)
        yield from zip(*(each.tolist() for each in columns), strict=True)
    else:
        assert isinstance(synapses, Convolution)
        yield from _convolved(synapses)


def _convolved(of: Convolution) -> Iterator[tuple[int, int, int, int]]:
    """The rule of "Storage", word for word."""
    (_, rows, columns), (out, each, height, width) = of.grid, of.kernel.shape
    high = (rows + 2 * of.padding[0] - height) // of.stride[0] + 1
    wide = (columns + 2 * of.padding[1] - width) // of.stride[1] + 1
    for o, y, x, i, p, q in np.ndindex(out, high, wide, each, height, width):
        row, column = y * of.stride[0] + p - of.padding[0], x * of.stride[1] + q - of.padding[1]
        if 0 <= row < rows and 0 <= column < columns:
            channel = o // (out // of.groups) * each + i
            pre, post = (channel * rows + row) * columns + column, (o * high + y) * wide + x
            yield pre, post, int(of.kernel[o, i, p, q]), int(of.delay[o, i, p, q])


def _synapses_into(graph: QuantizedGraph, name: str) -> list[list[tuple[str, int, int, int]]]:
    """For each neuron (source, j, W * 2**e, D) of all synapses of all projections."""
    found: list[list[tuple[str, int, int, int]]] = [[] for _ in range(graph.population(name).neurons)]
    for projection in graph.projections:
        if projection.destination == name:
            for j, i, weight, delay in unrolled(projection.synapses):
                if weight:
                    found[i].append((projection.source, j, weight * 2**projection.weight_exp, delay))
    return found


def _spikes(
    graph: QuantizedGraph, events: npt.NDArray[np.uint8], trace: tuple[LayerTrace, ...], sample: int
) -> Spikes:
    """S of every population in one sample: of an input its events before the end, else what is recorded."""
    states, found, first = iter(trace), {}, 0
    for each in graph.populations:
        if each.model == INPUT:
            mine = events[:, first : first + each.neurons].astype(np.int64)
            before = np.arange(graph.time_steps) < (graph.time_steps if each.end is None else each.end)
            found[each.name] = np.where(before[:, None], mine, 0)
            first += each.neurons
        else:
            found[each.name] = next(states).spikes[sample].astype(np.int64)
    return found


def _part(x: int, k: int) -> int:
    """x * k / 4096 toward zero."""
    return int(Fraction(x * k, 4096))


def _clipped(x: int) -> int:
    return sorted((1 - L, x, L - 1))[1]


def _check_neuron(
    graph: QuantizedGraph,
    of: Population,
    i: int,
    synapses: list[tuple[str, int, int, int]],
    spikes: Spikes,
    found: LayerTrace,
    sample: int,
) -> tuple[int, int, int]:
    """Follow neuron `i` through all steps; how often u wrapped, w was clipped and v was clipped."""
    assert of.input_bias_mant is not None
    assert of.bias_mant is not None
    assert of.decay_u is not None
    assert of.decay_v is not None
    input_bias = int(of.input_bias_mant[i]) * 2 ** (of.input_bias_exp or 0)
    bias = int(of.bias_mant[i]) * 2 ** (of.bias_exp or 0)
    keep_u, keep_v = 4096 - int(of.decay_u[i]), 4096 - int(of.decay_v[i])
    end = graph.time_steps if of.end is None else of.end
    u = v = w = spike = wraps = w_clips = v_clips = 0
    for t in range(graph.time_steps):
        at = f"{of.name}, sample {sample}, step {t}, neuron {i}"
        a = input_bias
        for name, j, weight, delay in synapses:
            a += weight * int(spikes[name][t - delay, j]) if t >= delay else 0
        x = _part(u, keep_u) + 64 * a
        u = int(found.u[sample, t, i])
        assert -L < u <= L, at
        assert (u - x) % (2 * L) == 0, f"{at}: u {u} of {x}"
        wraps += u != x
        taken = 0
        if of.model == ADLIF:
            assert found.w is not None
            assert of.decay_w is not None
            assert of.ka is not None
            assert of.kb is not None
            x = _part(w, 4096 - int(of.decay_w[i])) + _part(v, int(of.ka[i])) + spike * int(of.kb[i])
            before, w = w, int(found.w[sample, t, i])
            assert w == _clipped(x), f"{at}: w {w} of {x}"
            w_clips += w != x
            taken = w if of.order == NEW else before
        x = _part(v, keep_v) + u + bias - taken
        v_clips += x != _clipped(x)
        x = _clipped(x)
        spike = 0
        if of.spikes:
            assert of.threshold is not None
            spike = int(x > 64 * int(of.threshold[i]) and t < end)
        if spike and of.reset == ZERO:
            x = 0
        elif spike and of.reset == SUBTRACT:
            assert of.reset_by is not None
            x -= 64 * int(of.reset_by[i])
        v = int(found.v[sample, t, i])
        assert (int(found.spikes[sample, t, i]), v) == (spike, x), f"{at}: spike and v {spike, x}"
    return wraps, w_clips, v_clips
