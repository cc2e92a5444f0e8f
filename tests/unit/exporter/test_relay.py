"""Relay neurons: by hand, against the network without them, and refused where they are not what they seem."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from faults import with_layer
from hypothesis import given, settings
from hypothesis import strategies as st
from loihi_artifacts import chain, emitted, layer, random_chain, random_input
from placements import chip
from strategies import delayed_graphs

from snnc.errors import LimitError, PassError, StageError
from snnc.exporter.nir.reader import read_nir
from snnc.exporter.nir.writer import write_nir
from snnc.exporter.passes.legalise import Legalise
from snnc.exporter.relay import add_relays, fold_relays
from snnc.hwsim import event_driven, oracle
from snnc.plugins.executors import load_executor
from snnc.provenance import graph_hash
from snnc.stages import QuantizedGraph, Trace


def long_net() -> QuantizedGraph:
    """Two hidden layers with bias, delays 0 .. 150, over 170 steps; it fires a lot."""
    numbers = {"threshold": 50, "bias": 400, "decay_v": 700}
    return random_chain(3, (6, 8, 7, 3), time_steps=170, max_delay=150, weights=(-60, 127), **numbers)


def assert_same_layers(graph: QuantizedGraph, expected: Trace, legal: QuantizedGraph, found: Trace) -> None:
    """Every u, v and spike of every layer of `graph`."""
    states = dict(zip((layer.name for layer in legal.layers), found, strict=True))
    for one, state in zip(graph.layers, expected, strict=True):
        for variable in ("u", "v", "spikes"):
            np.testing.assert_array_equal(
                getattr(states[one.name], variable), getattr(state, variable), err_msg=one.name
            )


def limited(most: int) -> Legalise:
    """The pass for a target with delays up to `most`."""
    return Legalise(chip(delay_max=most), relays=True)


def test_two_sources_by_hand() -> None:
    # Limit 2. Source 0 with delay 5 needs two relays on its way: 5 = 1 + 2 + 2. Source 1 waits 1 step, and
    # passes both layers of relays at once, because a layer reads only the one before it.
    graph = chain(layer([[7, -3]], [[5, 1]], name="out"), time_steps=9)
    first, second, last = add_relays(graph, 2).layers
    assert [first.name, second.name, last.name] == ["out_relay1", "out_relay2", "out"]
    assert first.weight.tolist() == second.weight.tolist() == [[2, 0], [0, 2]]
    assert first.delay.tolist() == [[1, 0], [0, 0]]
    assert second.delay.tolist() == [[2, 0], [0, 0]]
    assert (last.weight.tolist(), last.delay.tolist()) == ([[7, -3]], [[2, 1]])
    for relays in (first, second):
        assert (relays.threshold, relays.decay_u, relays.decay_v, relays.bias_exp) == (1, 4096, 4096, 0)
        assert relays.bias_mant.tolist() == [0, 0]


def test_one_source_shares_relays_by_hand() -> None:
    # Delays 0 .. 10, limit 4. A relay of prefix p serves p .. p + 4; from above: 6..10, 1..5, 0.
    graph = chain(layer(np.full((11, 1), 9), np.arange(11)[:, None], name="out"), time_steps=20)
    first, second, last = add_relays(graph, 4).layers
    # Prefixes 0, 1 and 6 in their turn: 2..6 by 2, and 0..4 by 0.
    assert first.delay.ravel().tolist() == [0, 2]
    assert (second.weight != 0).tolist() == [[True, False], [True, False], [False, True]]
    assert second.delay.max(axis=1).tolist() == [0, 1, 4]
    assert (last.weight != 0).argmax(axis=1).tolist() == [0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2]
    assert last.delay.max(axis=1).tolist() == [0, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("longest", "relays"),
    # Prefixes for limit 62, from the last layer up. 125: 63, 0; then 1, 0. 200: 138, 75, 12, 0; then
    # 76, 13, 0; then 14, 0.
    [(62, []), (63, [2]), (124, [2]), (125, [2, 2]), (200, [2, 3, 4]), (300, [2, 3, 4, 5])],
)
def test_relays_of_a_source_with_every_delay(longest: int, relays: list[int]) -> None:
    delay = np.arange(longest + 1)[:, None]
    legal = add_relays(chain(layer(np.ones_like(delay), delay, name="out"), time_steps=9), 62)
    assert [one.neurons for one in legal.layers[:-1]] == relays


def test_a_spike_through_relays_by_hand() -> None:
    # Weight 3: u = 3 * 64 = 192 in step 1 + 5 = 6. Relays fire in steps 1 + 1 and 1 + 1 + 2, and are reset.
    graph = add_relays(chain(layer([[3]], [[5]], name="out"), time_steps=8), 2)
    spikes = np.zeros((1, 8, 1), np.uint8)
    spikes[0, 1] = 1
    first, second, last = oracle.run_graph(graph, spikes)
    assert first.spikes[0, :, 0].nonzero()[0].tolist() == [2]
    assert second.spikes[0, :, 0].nonzero()[0].tolist() == [4]
    assert first.u[0, :, 0].tolist() == [0, 0, 128, 0, 0, 0, 0, 0]
    assert first.v[0, :, 0].tolist() == [0] * 8
    assert last.u[0, :, 0].tolist() == [0, 0, 0, 0, 0, 0, 192, 0]


@pytest.mark.parametrize("threshold_rule", [np.greater, np.greater_equal])
def test_a_relay_is_right_where_equality_fires_too(threshold_rule: Any) -> None:
    """v is 2 * 64 with a spike and 0 without; the threshold is 1 * 64."""
    relays = add_relays(chain(layer([[3]], [[5]], name="out"), time_steps=8), 4).layers[0]
    v, theta = np.array([0, relays.weight[0, 0] << 6]), relays.threshold << 6
    assert threshold_rule(v, theta).tolist() == [False, True]


def test_a_short_graph_stays_as_it_is() -> None:
    graph = random_chain(0, (4, 5, 2), time_steps=9, max_delay=7)
    assert graph_hash(add_relays(graph, 7)) == graph_hash(graph)


def test_delays_that_take_relays_without_end_are_refused() -> None:
    """A target holds 62 steps, and a network 512 layers."""
    graph = chain(layer([[1]], 2**31 - 1, name="a", threshold=1), layer([[1]], name="b"), time_steps=9)
    with pytest.raises(LimitError, match=r"^a: delays of up to 2147483647 steps would take 34636833 relays"):
        add_relays(graph, 62)


def test_names_that_are_taken() -> None:
    graph = chain(
        layer([[1]], [[0]], name="out_relay1", threshold=0), layer([[1]], [[3]], name="out"), time_steps=9
    )
    assert [one.name for one in add_relays(graph, 2).layers] == ["out_relay1", "out_relay1_", "out"]


@given(delays=st.lists(st.integers(0, 60), min_size=1, max_size=12), most=st.integers(30, 60))
def test_the_fewest_relays_that_serve_a_source(delays: list[int], most: int) -> None:
    graph = chain(layer(np.ones((len(delays), 1), int), np.array(delays)[:, None]), time_steps=70)
    # The other way round, from the shortest delay up, is as good: both cover points with intervals.
    wanted, end = 0, -1
    for delay in sorted(delays):
        if delay > end:
            wanted, end = wanted + 1, delay + most
    legal = add_relays(graph, most)
    assert len(legal.layers) == 1 + (max(delays) > most)
    if len(legal.layers) > 1:
        assert legal.layers[0].neurons == wanted


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_small_nets_are_bit_identical_in_the_oracle(data: st.DataObject) -> None:
    graph = data.draw(delayed_graphs(widest=5))
    longest = max(one.max_delay for one in graph.layers)
    most = data.draw(st.integers(max(1, longest // 5), 62 if longest < 62 else longest))
    legal = add_relays(graph, most)
    assert max(one.max_delay for one in legal.layers) <= most
    limited(most).check(graph, legal)
    spikes = random_input(graph, 1, data.draw(st.sampled_from([0.1, 0.5, 1.0])))
    assert_same_layers(graph, oracle.run_graph(graph, spikes), legal, oracle.run_graph(legal, spikes))


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_wide_nets_are_bit_identical_in_the_simulator(data: st.DataObject) -> None:
    graph = data.draw(delayed_graphs(widest=data.draw(st.sampled_from([20, 60, 300]))))
    legal = add_relays(graph, data.draw(st.sampled_from([62, 50])))
    assert max(one.max_delay for one in legal.layers) <= 62
    spikes = random_input(graph, 2, 0.2)
    assert_same_layers(
        graph, event_driven.simulate(graph, spikes), legal, event_driven.simulate(legal, spikes)
    )


def test_a_net_that_fires() -> None:
    """What the comparisons above would miss if nothing ever fired."""
    graph, legal = long_net(), add_relays(long_net(), 62)
    spikes = random_input(graph, 3)
    expected, found = oracle.run_graph(graph, spikes), oracle.run_graph(legal, spikes)
    assert all(state.spikes.mean() > 0.05 for state in expected.layers[:-1])
    assert [one.name for one in legal.layers][:3] == ["layer0_relay1", "layer0_relay2", "layer0"]
    assert_same_layers(graph, expected, legal, found)
    assert graph_hash(read_nir(write_nir(legal), "graph.nir")) == graph_hash(legal)
    wrong = with_layer(legal, 0, delay=np.maximum(legal.layers[0].delay - 1, 0))
    with pytest.raises(AssertionError, match="layer0"):
        assert_same_layers(graph, expected, wrong, oracle.run_graph(wrong, spikes))


@pytest.mark.lava
@pytest.mark.parametrize("executor", ["lava-event", "lava-stock"])
def test_relays_in_lava(executor: str, tmp_path: Path) -> None:
    """Several samples in one run, with biases: the gate between samples must silence relays too."""
    graph = long_net()
    spikes = random_input(graph, 3)
    legal = add_relays(graph, 62)
    found = load_executor(executor).run(emitted(legal, tmp_path), spikes)
    assert found.info["messages"] == ""  # that no gate is safe, it would say
    assert_same_layers(graph, oracle.run_graph(graph, spikes), legal, found)


# --- folding, and what is refused


def test_folding_gives_the_graph_back() -> None:
    graph = long_net()
    names = [one.name for one in graph.layers]
    for most in (31, 62, 149):
        assert graph_hash(fold_relays(add_relays(graph, most), names)) == graph_hash(graph)


@pytest.mark.parametrize(
    ("index", "field", "change"),
    [
        (0, "weight", lambda value: value // 2),  # meets its threshold, and does not fire
        (0, "delay", lambda value: value + 1),
        (0, "bias_mant", lambda value: value + 1),
        (0, "threshold", lambda value: 2),
        (0, "decay_v", lambda value: 4095),
        (0, "decay_u", lambda value: 4095),
        (2, "delay", lambda value: value + 1),
        (2, "weight", lambda value: -value),
        (2, "bias_mant", lambda value: value + 1),
    ],
)
def test_a_wrong_relay_is_found(index: int, field: str, change: Any) -> None:
    graph = chain(
        layer([[7, -3], [1, 0]], [[5, 1], [0, 0]], name="a", threshold=3),
        layer([[1, 1]], name="b"),
        time_steps=9,
    )
    legal = add_relays(graph, 2)
    limited(2).check(graph, legal)
    value = getattr(legal.layers[index], field)
    with pytest.raises(PassError, match=r"^[ab][ _,:]"):
        limited(9).check(graph, with_layer(legal, index, **{field: change(value)}))


def test_a_source_heard_twice_is_not_folded() -> None:
    graph = add_relays(chain(layer([[7], [7]], [[5], [0]], name="out"), time_steps=9), 3)
    twice = with_layer(graph, 1, weight=np.ones((2, 2), int))
    with pytest.raises(StageError, match="out: a neuron hears one source through two relays"):
        fold_relays(twice, ["out"])


def test_a_layer_that_is_no_relays_is_not_folded() -> None:
    graph = add_relays(chain(layer([[7]], [[5]], name="out"), time_steps=9), 3)
    with pytest.raises(StageError, match="out: holds neurons that are not relays"):
        fold_relays(graph, [])
