"""The bounds of sums and states hold for what the oracle computes, on random networks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from fpga_cores import random_cases

from snnc.hwsim import oracle
from snnc.stages import LayerTrace, Population, QuantizedGraph
from snnc.targets.fpga.intervals import Interval
from snnc.targets.fpga.layout import layout
from snnc.targets.fpga.shape import shape
from snnc.targets.fpga.widths import bounds

LIMIT = 2**23 - 1


def decayed(value: npt.NDArray, constant: npt.NDArray) -> npt.NDArray:
    """Clause 4."""
    return np.sign(value) * ((np.abs(value) * (4096 - constant.astype(np.int64))) >> 12)


def sums(
    graph: QuantizedGraph, population: Population, spikes: dict[str, npt.NDArray[np.int64]]
) -> npt.NDArray[np.int64]:
    """Clause 2 without the input bias, int64 [samples, T, neurons]; `spikes` of each population, alike."""
    shape_of = next(iter(spikes.values())).shape[:2]
    found = np.zeros((*shape_of, population.neurons), np.int64)
    for projection in graph.into(population.name):
        each, sent = projection.synapses.as_list(), spikes[projection.source]
        for pre, post, weight, delay in zip(each.pre, each.post, each.weight, each.delay, strict=True):
            left = max(0, graph.time_steps - int(delay))
            found[:, graph.time_steps - left :, post] += (int(weight) << projection.weight_exp) * sent[
                :, :left, pre
            ]
    return found


def before_reset(population: Population, trace: LayerTrace) -> npt.NDArray[np.int64]:
    """Clause 5 or 5a: v[t] before a reset, from the recorded v[t-1], u[t], and w[t] or w[t-1]."""
    v = decayed(before(trace.v), population.decay_v) + trace.u + population.bias
    if trace.w is not None:
        v = v - (trace.w if population.order == "new" else before(trace.w))
    return np.clip(v, -LIMIT, LIMIT)


def before(states: npt.NDArray) -> npt.NDArray[np.int64]:
    """Those of the step before."""
    return np.concatenate([np.zeros_like(states[:, :1]), states[:, :-1]], axis=1).astype(np.int64)


def test_sums_and_states_lie_within_their_bounds() -> None:
    compared = {"sum": 0, "u": 0, "v": 0, "w": 0}
    for graph, events in random_cases(140, 4):
        layers = oracle.run_graph(graph, events).layers
        size = shape(layout(graph, 2))
        spikes = {
            each.name: layers[graph.trace_index(each.name)].spikes.astype(np.int64) for each in graph.stateful
        }
        for each in graph.populations:
            if each.model == "input":
                sent = events[..., graph.lines(each.name)].astype(np.int64)
                sent[:, graph.end(each.name) :] = 0
                spikes[each.name] = sent
        for population in graph.stateful:
            trace, bound = layers[graph.trace_index(population.name)], bounds(graph, population)
            held = [
                ("sum", sums(graph, population, spikes), bound.sums, size.sum_bits),
                ("u", trace.u, bound.u, size.u_bits),
                ("v", trace.v, bound.v, size.v_bits),
                ("v", before_reset(population, trace), bound.v, size.v_bits),
            ]
            if trace.w is not None:
                held.append(("w", trace.w, bound.w, size.w_bits))
            for name, values, interval, bits in held:
                assert values.min() >= -(1 << bits - 1), (population.name, name)
                assert values.max() < 1 << bits - 1, (population.name, name)
                if interval is not None:
                    compared[name] += within(values, interval)
    assert min(compared.values()) > 60, compared


def within(values: npt.NDArray, interval: Interval) -> bool:
    assert (interval.low <= values).all()
    assert (values <= interval.high).all()
    return True
