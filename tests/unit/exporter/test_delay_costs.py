"""Delays in parts: they add up, and running a neuron early is exact if and only if it has no bias."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from faults import with_layer
from graph_cases import graph_of, lif, listed, readout, source
from hypothesis import given, settings
from hypothesis import strategies as st
from loihi_artifacts import chain, layer, random_input
from strategies import delayed_graphs

from snnc.exporter.delay_costs import count_lines, delay_costs, factor_delays, shift_invariant
from snnc.hwsim.oracle import run_graph
from snnc.stages import Projection, QuantizedGraph
from snnc.targets.registry import load_target


def run_early(graph: QuantizedGraph, index: int, post: np.ndarray) -> QuantizedGraph:
    """`graph` whose layer `index` gets all input `post` [neurons] steps earlier and sends as much later."""
    early, after = graph.layers[index], graph.layers[index + 1]
    sooner = np.where(early.weight != 0, early.delay - post[:, None], 0)
    return with_layer(with_layer(graph, index, delay=sooner), index + 1, delay=after.delay + post)


def test_parts_by_hand() -> None:
    # Source 0: 7, 9, so 7 is axonal; source 1: 4, 8, so 4; rest 0, 0 and 2, 4, of which 2 is neuron 1's own.
    parts = factor_delays(layer([[1, 1], [1, 1]], [[7, 4], [9, 8]], threshold=5))
    assert parts.axonal.tolist() == [7, 4]
    assert parts.post.tolist() == [0, 2]
    assert parts.synaptic.tolist() == [[0, 0], [0, 2]]
    assert parts.total.tolist() == [[7, 4], [9, 8]]


def test_where_there_is_no_synapse_nothing_counts() -> None:
    # Source 0 has one synapse, source 2 none; neuron 1 has none.
    parts = factor_delays(layer([[5, -1, 0], [0, 0, 0]], [[3, 6, 0], [0, 0, 0]], threshold=5))
    assert parts.axonal.tolist() == [3, 6, 0]
    assert parts.synaptic.tolist() == [[0, 0, 0], [0, 0, 0]]
    assert parts.post.tolist() == [0, 0]


def test_post_synaptic_parts_need_a_neuron_that_spikes_without_bias() -> None:
    weight, delay = [[1, 1], [1, 1], [1, 1]], [[0, 0], [3, 3], [3, 3]]
    hidden = layer(weight, delay, threshold=5, bias_mant=[0, 0, 1])
    assert factor_delays(hidden).post.tolist() == [0, 3, 0]
    assert factor_delays(layer(weight, delay)).post.tolist() == [0, 0, 0]  # a readout


@settings(deadline=None)
@given(graph=delayed_graphs(widest=12))
def test_parts_add_up(graph: QuantizedGraph) -> None:
    for one in graph.layers:
        parts = factor_delays(one)
        present = one.weight != 0
        assert np.array_equal(parts.total[present], one.delay[present])
        assert min(parts.axonal.min(), parts.synaptic.min(), parts.post.min()) >= 0
        assert not parts.post[(one.bias_mant != 0) | (one.threshold is None)].any()
        columns = [one.delay[present[:, j], j] for j in range(one.inputs)]
        least = max((int(column.max() - column.min()) for column in columns if column.size), default=0)
        assert parts.synaptic.max() <= least
        if not parts.post.any():
            assert parts.synaptic.max() == least


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_neuron_without_bias_may_run_early(data: st.DataObject) -> None:
    """Everything after it, in the oracle: the same u, v and spikes. Its own spikes: the same, earlier."""
    graph = data.draw(delayed_graphs(widest=5, longest=12).filter(lambda graph: len(graph.layers) > 1))
    index = data.draw(st.integers(0, len(graph.layers) - 2))
    with_bias = np.array(data.draw(st.lists(st.booleans(), min_size=5, max_size=5)))
    one = graph.layers[index]
    graph = with_layer(
        graph,
        index,
        bias_mant=np.where(with_bias[: one.neurons], one.bias_mant, 0),
        delay=one.delay + data.draw(st.integers(0, 4)),  # so that neurons have a delay in common
    )
    # All of the common delay where the proof allows it: more than `factor_delays` leaves to the neuron.
    one = graph.layers[index]
    shared = np.where(one.weight != 0, one.delay, 99).min(axis=1)
    post = np.where(shift_invariant(one), np.where(shared == 99, 0, shared), 0)
    spikes = random_input(graph, 1, 0.5)
    expected = run_graph(graph, spikes).layers
    found = run_graph(run_early(graph, index, post), spikes).layers
    for before, after in zip(expected[index + 1 :], found[index + 1 :], strict=True):
        for variable in ("u", "v", "spikes"):
            np.testing.assert_array_equal(getattr(after, variable), getattr(before, variable))
    for neuron, wait in enumerate(post):
        own, early = expected[index].spikes[0, :, neuron], found[index].spikes[0, :, neuron]
        assert not own[:wait].any()
        assert np.array_equal(early[: max(0, len(own) - wait)], own[wait:])


def test_a_neuron_with_bias_must_not_run_early() -> None:
    # The bias is 64 a step, the threshold 256, the spike of step 0 adds 192. With a delay of 1: v = 64, then
    # 64 + 64 + 192 = 320 > 256 in step 1. Run one step early: v = 64 + 192 = 256, no spike; then 320, a spike
    # in step 1, which waits and acts in step 2.
    graph = chain(
        layer([[3]], [[1]], name="hidden", bias_mant=[64], threshold=4),
        layer([[1]], name="out"),
        time_steps=3,
    )
    spikes = np.array([1, 0, 0], np.uint8).reshape(1, 3, 1)
    assert run_graph(graph, spikes).layers[1].u.ravel().tolist() == [0, 64, 0]
    early = run_early(graph, 0, np.array([1]))
    assert run_graph(early, spikes).layers[1].u.ravel().tolist() == [0, 0, 64]
    assert factor_delays(graph.layers[0]).post.tolist() == [0]


def test_costs_by_hand() -> None:
    graph = chain(
        # 3 synapses, up to 9 steps: 4 bits each, 12. Source 0 has delays 7 and 9, source 1 has 5: axonal 7
        # and 5, 3 bits for 2 sources; then synaptic 0 and 0 for neuron 0, 2 for neuron 1, all of it its own.
        layer([[1, 1], [1, 0]], [[7, 5], [9, 0]], name="hidden", threshold=5),
        # A readout: delays 0 and 3, 2 bits each, and nothing to take out.
        layer([[4, 0], [4, 0]], [[3, 0], [0, 0]], name="out"),
        time_steps=20,
    )
    hidden, out = delay_costs(graph, replace(load_target("loihi").limits, delay_slots=8))
    assert hidden == {
        "layer": "hidden",
        "longest": 9,
        "slots": 10,
        "slots_limit": 8,
        "neurons_per_core": 4096,  # 16 slots a neuron, of 8 * 8192
        "lines": 3,
        "delay_bits": 12,
        "factored_slots": 1,
        "factored_bits": 0 + 2 * 3 + 2 * 2,  # post-synaptic: 0 and 2, 2 bits for 2 neurons
    }
    assert (out["delay_bits"], out["factored_bits"], out["factored_slots"], out["lines"]) == (4, 4, 4, 2)


def test_costs_of_a_graph_are_those_of_the_chips_program() -> None:
    """h hears x after 9 steps and itself after 5: on the chip 9 + 1 - 2 - 1 = 7 and 5 + 1 - 1 - 1 = 4."""
    wires = [
        Projection("x", "h", listed(1, 2, (0, 0, 1, 9), (0, 1, 1, 9))),
        Projection("h", "h", listed(2, 2, (0, 1, 1, 5))),
    ]
    graph = graph_of([source("x", 1), lif("h", 2)], wires, 9, [readout("h", "count", 2)])
    limits = load_target("loihi").limits
    (row,) = delay_costs(graph, limits, {"x": 2, "h": 1})
    assert (row["longest"], row["slots"]) == (7, 8)
    assert row["delay_bits"] == 2 * 3 + 3
    (row,) = delay_costs(graph, limits)
    assert (row["longest"], row["slots"], row["delay_bits"]) == (9, 10, 2 * 4 + 3)


def test_lines_of_an_empty_layer() -> None:
    assert count_lines(layer([[0, 0]], [[4, 5]])) == 0
    assert count_lines(layer([[1, 1], [2, 0], [3, 0]], [[4, 4], [4, 0], [5, 0]])) == 3
