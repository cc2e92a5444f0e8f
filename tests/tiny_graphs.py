"""Graphs so small that all of their input trains can be run, and what the oracle's states say of claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
from graph_cases import graph_of

from snnc import formats
from snnc.exporter.ranges.certificate import PopulationRanges
from snnc.hwsim.oracle import decay, run_graph, scale
from snnc.stages import LayerTrace, Population, Projection, QuantizedGraph, SynapseList
from snnc.stages.population import ADLIF, LI, LIF, ORDERS, RESETS, SUBTRACT

TRAINS = 64
"""Most input trains of a graph."""


def tiny_graph(rng: np.random.Generator) -> QuantizedGraph:
    """1-3 neurons in 1-3 populations, mostly recurrent, over 1-6 steps; small states, or near limits."""
    forms = [(1, 6, 1), (1, 5, 1), (1, 3, 3), (2, 3, 1), (1, 1, 63), (1, 6, 1)]
    lines, steps, payload = forms[rng.integers(len(forms))]
    share = float(rng.choice([1.0, 0.5, 0.2, 0.01, 0.001]))
    sizes = [(1,), (2,), (1, 1), (1, 2), (3,), (1, 1, 1)][rng.integers(6)]
    populations = [_population(rng, f"p{k}", neurons, steps, share) for k, neurons in enumerate(sizes)]
    source = Population("x", "input", lines, payload_max=payload)
    projections = [_projection(rng, source, populations[0], 0)]
    for _ in range(rng.integers(1, 5)):
        before, after = rng.integers(len(populations), size=2)
        if populations[before].spikes:
            least = 0 if before < after else 1
            projections.append(_projection(rng, populations[before], populations[after], least))
    every = [source, *populations]
    order = rng.permutation(len(every))
    return graph_of([every[k] for k in order], _filled(every, projections, share), steps)


def _filled(
    populations: Sequence[Population], projections: Sequence[Projection], share: float
) -> list[Projection]:
    """With the exponents that use `share` of what clause 2 allows."""
    total = {each.name: np.abs(each.input_bias).astype(np.int64) for each in populations}
    payload = {each.name: each.payload_max or 1 for each in populations}
    for each in projections:
        total[each.destination] += each.synapses.sums() * payload[each.source]
    exp = int(np.log2(max(1, share * formats.ACCUMULATE_LIMIT / max(1, *map(np.max, total.values())))))
    return [replace(each, weight_exp=min(exp, formats.WEIGHT_EXPONENT_MAX)) for each in projections]


def all_trains(graph: QuantizedGraph) -> npt.NDArray[np.uint8]:
    """uint8 [trains, T, lines], every valid input."""
    most = graph.population("x").payload_max or 1
    cells = graph.time_steps * graph.inputs
    trains = np.array(list(product(range(most + 1), repeat=cells)), np.uint8)
    assert len(trains) <= TRAINS
    return trains.reshape(-1, graph.time_steps, graph.inputs)


def _population(rng: np.random.Generator, name: str, neurons: int, steps: int, share: float) -> Population:
    model = str(rng.choice([LIF, ADLIF, ADLIF, LI]))
    values: dict[str, Any] = {name: _constants(rng, neurons) for name in ("decay_u", "decay_v")}
    values |= {"bias_mant": _numbers(rng, neurons, share * 2**12), "bias_exp": int(rng.integers(8))}
    values["input_bias_mant"] = _numbers(rng, neurons, share * 2**8)
    if model != LI:
        values |= {
            "threshold": np.abs(_numbers(rng, neurons, share * 2**17)),
            "reset": str(rng.choice(RESETS)),
        }
        if values["reset"] == SUBTRACT:
            other = np.abs(_numbers(rng, neurons, share * 2**17))
            values["reset_by"] = values["threshold"] if rng.random() < 0.5 else other
    if model == ADLIF:
        one = formats.DECAY_ONE
        ka = rng.choice([-one, -one // 4, 0, one // 8, one // 2, one], neurons) + rng.integers(-5, 6, neurons)
        values |= {"decay_w": _constants(rng, neurons), "ka": np.clip(ka, -one, one)}
        values |= {"kb": _numbers(rng, neurons, share * 2**20), "order": str(rng.choice(ORDERS))}
    end = int(rng.integers(1, steps + 1)) if rng.random() < 0.25 else None
    return Population(name, model, neurons, end=end, **values)


def _constants(rng: np.random.Generator, neurons: int) -> npt.NDArray[np.int64]:
    """Decays."""
    return np.clip(
        rng.choice([0, 100, 1000, 2048, 4096, 4096], neurons) + rng.integers(-3, 4, neurons), 0, 4096
    )


def _numbers(rng: np.random.Generator, count: int, size: float) -> npt.NDArray[np.int64]:
    """Of either sign, less than `size`, where this is more than 1; many near it."""
    return np.trunc(
        (size - 1e-6) * rng.choice([-1, 1], count) * rng.random(count) ** rng.choice([0.3, 1])
    ).astype(np.int64)


def _projection(rng: np.random.Generator, pre: Population, post: Population, least: int) -> Projection:
    ends = list(product(range(pre.neurons), range(post.neurons), range(least, least + 2)))
    kept = [each for each in ends if rng.random() < 0.6] or ends[:1]
    j, i, delay = np.array(kept).T
    weight = _numbers(rng, len(kept), 128)
    return Projection(pre.name, post.name, SynapseList(j, i, weight, delay, pre.neurons, post.neurons))


def saturations(graph: QuantizedGraph, events: npt.NDArray[np.uint8]) -> int:
    """How often u wraps, and v and w clip."""
    return sum(each.u_wraps + each.v_clips + (each.w_clips or 0) for each in run_graph(graph, events).layers)


def outside(
    graph: QuantizedGraph, ranges: Sequence[PopulationRanges], events: npt.NDArray[np.uint8]
) -> list[str]:
    """Claims that a state of the oracle, with wrap, clips and resets undone, does not keep."""
    found = []
    traces = zip(run_graph(graph, events).layers, ranges, strict=True)
    for trace, claim in traces:
        of = graph.population(claim.population)
        rows = np.minimum(np.arange(graph.time_steps), len(claim.u_lo) - 1)
        for name, values in _undone(of, trace).items():
            low, high = getattr(claim, f"{name}_lo")[rows], getattr(claim, f"{name}_hi")[rows]
            if (values < low).any() or (values > high).any():
                found.append(f"{of.name}: {name}")
        if claim.forms is not None:
            before = {
                name: np.clip(x, -formats.V_LIMIT, formats.V_LIMIT) for name, x in _undone(of, trace).items()
            }
            forms = claim.forms.astype(np.int64)
            values = before["v"][:, :, None] * forms[:, 0] + before["w"][:, :, None] * forms[:, 1]
            if (values < claim.mixed_lo[rows]).any() or (values > claim.mixed_hi[rows]).any():
                found.append(f"{of.name}: mixed")
    return found


_DECAY, _SCALE = np.vectorize(decay, otypes=[np.int64]), np.vectorize(scale, otypes=[np.int64])


def _undone(of: Population, trace: LayerTrace) -> dict[str, npt.NDArray[np.int64]]:
    """w and v before the clip, int64 [samples, T, neurons], from the states of the step before."""

    def before(x: npt.NDArray[np.generic]) -> npt.NDArray[np.int64]:
        return np.concatenate([np.zeros_like(x[:, :1]), x[:, :-1]], axis=1).astype(np.int64)

    found = {}
    v = _DECAY(before(trace.v), of.decay_v) + trace.u + of.bias
    if trace.w is not None:
        w = before(trace.w)
        found["w"] = _DECAY(w, of.decay_w) + _SCALE(before(trace.v), of.ka) + before(trace.spikes) * of.kb
        v = v - (trace.w if of.order == "new" else w)
    return found | {"v": v}
