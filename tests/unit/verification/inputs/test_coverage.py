"""Coverage is what a slow loop over every sample, step, neuron and synapse counts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from strategies import graphs_with_input

from snnc.exporter.ranges.prove import earliest_spikes, graph_bounds
from snnc.hwsim.oracle import run_graph
from snnc.stages import LayerCoverage, QuantizedGraph, QuantizedLayer, Trace
from snnc.verification.inputs.coverage import Count, nothing, reached, reached_by_each
from snnc.verification.inputs.distances import FAR
from snnc.verification.inputs.reachable import Reachable
from snnc.verification.inputs.unreached import LINES, coverage


def decayed(x: int, decay: int) -> int:
    return (1 if x > 0 else -1) * (abs(x) * (4096 - decay) // 4096)


def leaves_a_rest(x: int, decay: int) -> bool:
    return x * (4096 - decay) % 4096 != 0


def arriving(layer: QuantizedLayer, train: np.ndarray, t: int, i: int) -> tuple[int, int]:
    """a of clause 2, and how many spikes it is of."""
    came = [
        int(layer.weight[i, j]) * int(train[t - layer.delay[i, j], j])
        for j in range(layer.inputs)
        if layer.weight[i, j] != 0 and layer.delay[i, j] <= t and train[t - layer.delay[i, j], j]
    ]
    return sum(came), len(came)


def counted(graph: QuantizedGraph, inputs: np.ndarray, trace: Trace) -> tuple[LayerCoverage, ...]:
    """By the docstring of `LayerCoverage`, one number after the other."""
    found, source = [], inputs
    for layer, state in zip(graph.layers, trace, strict=True):
        synapses = [
            (i, j) for i in range(layer.neurons) for j in range(layer.inputs) if layer.weight[i, j] != 0
        ]
        carried, spiked, met, above, one, below, together = (set() for _ in range(7))
        equal = negative = positive = on_wrap = wraps = clips = 0
        for n in range(len(inputs)):
            for t in range(graph.time_steps):
                carried |= {
                    (i, j)
                    for i, j in synapses
                    if source[n, t, j] and t + layer.delay[i, j] < graph.time_steps
                }
                for i in range(layer.neurons):
                    u, v = int(state.u[n, t, i]), int(state.v[n, t, i])
                    before = (int(state.u[n, t - 1, i]), int(state.v[n, t - 1, i])) if t else (0, 0)
                    a, spikes = arriving(layer, source[n], t, i)
                    full_u = decayed(before[0], layer.decay_u) + 64 * a
                    full_v = decayed(before[1], layer.decay_v) + u + int(layer.bias[i])
                    fires = bool(state.spikes[n, t, i])
                    spiked |= {i} if fires else set()
                    together |= {i} if spikes > 1 else set()
                    on_wrap += abs(full_u) == 2**23
                    wraps += full_u != u
                    clips += abs(full_v) >= 2**23
                    if layer.threshold is not None:
                        distance = min(full_v, 2**23 - 1) - 64 * layer.threshold
                        above |= {i} if 0 < distance < 64 else set()
                        one |= {i} if distance == 1 else set()
                        below |= {i} if -64 < distance < 0 else set()
                    if layer.threshold and not fires and v == 64 * layer.threshold:
                        met |= {i}
                        equal += 1
                    rests = [before[0]] if leaves_a_rest(before[0], layer.decay_u) else []
                    rests += [before[1]] if leaves_a_rest(before[1], layer.decay_v) and not fires else []
                    negative += sum(x < 0 for x in rests)
                    positive += sum(x > 0 for x in rests)
        found.append(
            LayerCoverage(
                layer=layer.name,
                neurons=layer.neurons,
                spiked=len(spiked),
                synapses=len(synapses),
                carried=len(carried),
                delays=len({int(layer.delay[s]) for s in synapses}),
                delays_carried=len({int(layer.delay[s]) for s in carried}),
                met=len(met),
                equalities=equal,
                negative_roundings=negative,
                u_wraps=wraps,
                v_clips=clips,
                positive_roundings=positive,
                just_above=len(above),
                just_below=len(below),
                one_above=len(one),
                together=len(together),
                sources=layer.inputs,
                first_step=len(set(np.argwhere(source[:, 0])[:, 1].tolist())),
                last_step=len(set(np.argwhere(source[:, -1])[:, 1].tolist())),
                u_at_wrap=on_wrap,
                unreachable=sum(int(layer.delay[s]) >= graph.time_steps for s in synapses),  # without a proof
            )
        )
        assert (wraps, clips) == (state.u_wraps, state.v_clips)
        source = state.spikes
    return tuple(found)


@settings(max_examples=200)
@given(graphs_with_input())
def test_it_is_what_a_slow_loop_counts(case):
    graph, inputs = case
    trace = run_graph(graph, inputs)
    assert coverage(graph, reached(graph, inputs, trace), "x").layers == counted(graph, inputs, trace)


@settings(max_examples=40)
@given(graphs_with_input())
def test_batches_and_samples_add_up(case):
    graph, inputs = case
    inputs = np.concatenate([inputs, np.zeros_like(inputs), np.roll(inputs, 1, axis=1)])
    trace = run_graph(graph, inputs)
    expected = counted(graph, inputs, trace)
    parts = nothing(graph)
    for n in range(len(inputs)):
        parts = parts + reached(graph, inputs[n : n + 1], run_graph(graph, inputs[n : n + 1]))
    found = coverage(graph, parts, "x")
    assert (found.layers, found.samples) == (expected, len(inputs))
    apart = reached_by_each(graph, inputs, trace)
    by_each = sum((apart.sample(k) for k in range(len(inputs))), start=nothing(graph))
    assert by_each.samples == len(inputs)
    for name in ("first", "last", "met", "above", "below", "most"):
        for ours, theirs in zip(getattr(by_each, name), getattr(parts, name), strict=True):
            assert np.array_equal(ours, theirs)
    assert np.array_equal(by_each.counts, parts.counts)


def reachable_of(graph: QuantizedGraph) -> Reachable:
    ranges = graph_bounds(graph)
    return Reachable.within(graph, ranges, earliest_spikes(graph, ranges))


@settings(max_examples=200)
@given(graphs_with_input())
def test_what_is_said_to_be_impossible_did_not_happen(case):
    graph, inputs = case
    found, may = reached(graph, inputs, run_graph(graph, inputs)), reachable_of(graph)
    for first, earliest in zip(found.first[1:], may.earliest, strict=True):
        assert (first >= earliest).all()
    for index in range(len(graph.layers)):
        assert not (found.met[index] & ~may.met[index]).any()
        assert (found.above[index] >= may.above[index]).all()
        assert (found.below[index] >= may.below[index]).all()
        assert (found.most[index] <= may.most[index]).all()
    assert not ((found.counts > 0) & ~may.counts).any()
    assert all("wrapped" not in line for line in coverage(graph, found, "x", may).unreached) or (
        may.counts[:, Count.U_AT_TOP : Count.TIES].any()
    )


@pytest.mark.parametrize(
    ("decays", "bias", "least"),
    [
        ((4096, 4096), 0, 128),  # v is a multiple of 64 * 6, the threshold 64 * 10: 12 comes next
        ((4096, 4096), 1, 129),
        ((4096, 0), 0, 128),
        ((4096, 0), 1, 1),
        ((0, 4096), 0, 128),
        ((1, 4096), 0, 1),  # a current that decays has any value
    ],
)
def test_multiples_that_v_keeps_to(decays, bias, least):
    fields = {"bias_mant": np.full(1, bias), "decay_u": decays[0], "decay_v": decays[1]}
    net = graph_of(layer("hidden1", [[6, 12]], [[0, 1]], 10, **fields), layer("readout", [[1]], [[0]], None))
    may = reachable_of(net)
    assert may.above[0].tolist() == [least]
    assert may.above[1].tolist() == [FAR]
    assert may.met[0].tolist() == [least == 1]


def layer(name: str, weight: Sequence, delay: Sequence, threshold: int | None, **fields) -> QuantizedLayer:
    neurons = len(weight)
    given = {"bias_mant": np.zeros(neurons, np.int32), "bias_exp": 0, "decay_u": 4096, "decay_v": 4096}
    return QuantizedLayer(name, np.array(weight), np.array(delay), **(given | fields), threshold=threshold)


def graph_of(*layers: QuantizedLayer, steps: int = 4) -> QuantizedGraph:
    names = tuple(f"class{i}" for i in range(layers[-1].neurons))
    return QuantizedGraph.chain(layers, steps, 0.001, 1.0, names)


def two_layers() -> QuantizedGraph:
    """Over 4 steps. Neuron 0 fires on line 0; 1 needs both lines at once; 2 meets its threshold on line 1."""
    hidden = layer("hidden1", [[9, 0], [3, 4], [0, 5]], [[1, 0], [0, 3], [0, 2]], 5)
    return graph_of(
        hidden, layer("readout", [[2, 2, 2], [-3, 0, 1]], [[0, 1, 2], [2, 2, 4]], None, decay_v=1)
    )


def events(*places: tuple[int, int], lines: int = 2, steps: int = 4) -> np.ndarray:
    spikes = np.zeros((1, steps, lines), np.uint8)
    for place in places:
        spikes[0][place] = 1
    return spikes


def test_a_case_by_hand():
    graph, inputs = two_layers(), events((0, 0), (1, 1))
    found = coverage(graph, reached(graph, inputs, run_graph(graph, inputs)), "golden")
    # Neuron 0 fires in step 1. The spike of line 1 arrives over delay 2 in step 3 and over delay 3 in none.
    # Over the readout's synapses from neuron 0 spikes arrive in steps 1 and 3 (delay 2), the last.
    # There 128 and then 127 decays by 1 / 4096, each with a rest.
    assert found.layers == (
        LayerCoverage("hidden1", 3, 1, 4, 3, 4, 3, 1, 1, 0, 0, 0, sources=2, first_step=1, unreachable=0),
        LayerCoverage("readout", 2, 0, 5, 2, 4, 2, 0, 0, 0, 0, 0, 2, sources=3, unreachable=1),
    )
    assert found.unreached == (
        "hidden1: 2 of 3 neurons never spiked (1, 2)",
        "hidden1: 1 of 4 synapses carried no spike",
        "hidden1: no synapse carried a spike with a delay of 3",
        "hidden1: no event came in the last step, or with another at one neuron in one step",
        "hidden1: v of 2 of 3 neurons never met its threshold exactly",
        "hidden1: no v was 1 above, or 2 to 63 above, or 1 to 63 below its threshold",
        "readout: 3 of 5 synapses carried no spike; on no input can 1 of them",
        "readout: no synapse carried a spike with a delay of 1, 4",
        "readout: no spike came in the first step, or in the last step, or with another at one neuron in one "
        "step",
        "readout: no decay of a negative v left a rest",
        "readout: no two classes tied for the best score, with equal v in every step",
        "no u was exactly 2^23 before the wrap",
        "no u was exactly -2^23 before the wrap",
        "no u wrapped from above 2^23",
        "no u wrapped from -2^23 or below",
        "no v was clipped from above",
        "no v was clipped from below",
    )


def test_what_no_input_reaches_is_said_apart():
    graph, inputs = two_layers(), events((0, 0), (1, 1))
    # Neuron 2 gets 5 at most, which is not above 5; so its two synapses are mute. Neuron 1 fires in step 3
    # at the earliest, and its synapse with delay 1 delivers in step 4 = T.
    reachable = reachable_of(graph)
    found = coverage(graph, reached(graph, inputs, run_graph(graph, inputs)), "golden", reachable)
    assert "hidden1: 2 of 3 neurons never spiked (1, 2); on no input can 1 of them" in found.unreached
    assert "readout: 3 of 5 synapses carried no spike; on no input can 3 of them" in found.unreached
    assert [each.unreachable for each in found.layers] == [0, 3]
    assert not any("wrapped" in line or "clipped" in line for line in found.unreached)


def test_rests_of_negative_decays():
    """v = -64 in step 0; half of it has no rest, until -1 is halved to 0 in the last decay, but for T = 8."""
    net = graph_of(layer("readout", [[-1]], [[0]], None, decay_v=2048), steps=8)
    inputs = events((0, 0), lines=1, steps=8)
    found = coverage(net, reached(net, inputs, run_graph(net, inputs)), "x")
    # -64, -32, -16, -8, -4, -2, -1 stand in steps 0 to 6; step 7 decays -1 with a rest.
    assert found.layers[0].negative_roundings == 1


def test_nothing_reached_names_everything():
    found = coverage(two_layers(), nothing(two_layers()), "none")
    assert found.samples == 0
    assert found.unreached[0] == "input: 2 of 2 lines had no event (0, 1)"
    assert "hidden1: 3 of 3 neurons never spiked (0, 1, 2)" in found.unreached
    assert "hidden1: no v met its threshold exactly" in found.unreached


def test_everything_reached_leaves_nothing_to_say():
    hidden, last = (
        layer("hidden1", [[2, -1]], [[0, 0]], 1),
        layer("readout", [[-1]], [[0]], None, decay_v=3000),
    )
    graph, inputs = graph_of(hidden, last), events((0, 0), (1, 0), (1, 1), (3, 0))  # 2 > 1, 2 - 1 = 1
    found = reached(graph, inputs, run_graph(graph, inputs))
    reachable = reachable_of(graph)
    assert coverage(graph, found, "x", reachable).unreached == ()


@pytest.mark.parametrize("depth", [3, 12])
def test_what_is_unreached_stays_short(depth):
    chain = [
        layer(f"hidden{k}", np.ones((40, 40)), np.arange(1600).reshape(40, 40) % 9, 50) for k in range(depth)
    ]
    graph = graph_of(*chain, layer("readout", np.ones((1, 40)), np.zeros((1, 40)), None, decay_v=1))
    lines = coverage(graph, nothing(graph), "none").unreached
    assert len(lines) <= LINES
    assert max(len(line) for line in lines) < 120
    assert ("more lines" in lines[-1]) == (depth == 12)
