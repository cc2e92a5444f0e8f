"""verify's inputs, golden and generated, show what random ones show: `mutants.py` lists the faults."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from mutants import MUTANTS, Rules, run, shown
from strategies import graphs_with_input

from snnc.exporter.golden import golden_input
from snnc.exporter.prove_ranges import earliest_spikes, graph_bounds
from snnc.hwsim.event_driven import simulate
from snnc.hwsim.oracle import run_graph
from snnc.stages import QuantizedGraph, QuantizedLayer
from snnc.verification.conformance_nets import random_net
from snnc.verification.inputs.coverage import reached
from snnc.verification.inputs.extremes import heights
from snnc.verification.inputs.reachable import Reachable
from snnc.verification.inputs.stimuli import generate

pytestmark = pytest.mark.no_cover


def inputs_of_verify(graph: QuantizedGraph, seed: int = 0) -> np.ndarray:
    """As `verify` has them where there are no recordings."""
    golden = golden_input(graph)
    ranges = graph_bounds(graph)
    trace = simulate(graph, golden)
    found, far = reached(graph, golden, trace), heights(graph, golden, trace).max(axis=0)
    reachable = Reachable.within(graph, ranges, earliest_spikes(graph, ranges))
    made = generate(graph, found, seed=seed, reachable=reachable, driven_to=far)
    return np.concatenate([golden, made])


def random_inputs(graph: QuantizedGraph, count: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    shape = (count, graph.time_steps, graph.inputs)
    rate = rng.choice([0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 0.95], (count, 1, 1))
    payload = rng.integers(1, graph.payload_max + 1, shape)
    return np.where(rng.random(shape) < rate, payload, 0).astype(np.uint8)


def like_the_demo() -> QuantizedGraph:
    """Two layers with a current that is forgotten, half of v kept, delays up to 24, as presets train them."""
    rng = np.random.default_rng(3)
    shapes = [("hidden1", (48, 70)), ("readout", (10, 48))]
    layers = [
        QuantizedLayer(
            name,
            np.clip(np.round(rng.normal(0, 30, shape)), -128, 127),
            rng.integers(0, 25, shape),
            rng.integers(-2600, 2600, shape[0]),
            bias_exp=1,
            decay_u=4096,
            decay_v=2048,
            threshold=107 if name == "hidden1" else None,
        )
        for name, shape in shapes
    ]
    return QuantizedGraph(tuple(layers), 60, 0.001, 1.0, tuple(f"class{i}" for i in range(10)))


@settings(max_examples=60)
@given(graphs_with_input())
def test_without_a_fault_it_is_the_contract(case):
    graph, inputs = case
    for ours, theirs in zip(run(graph, inputs), run_graph(graph, inputs), strict=True):
        assert np.array_equal(ours[0], theirs.u)
        assert np.array_equal(ours[1], theirs.v)
        assert np.array_equal(ours[2], theirs.spikes)
    assert not shown(graph, inputs, Rules())


SEEDS = range(6)
"""Of small networks, of which a third may saturate."""


@pytest.mark.parametrize("seed", SEEDS)
def test_what_random_inputs_show_ours_do(seed):
    graph = random_net(seed).graph
    ours, drawn = inputs_of_verify(graph), random_inputs(graph, 200, seed=5)
    hidden = [fault for fault, rules in MUTANTS.items() if not shown(graph, ours, rules)]
    assert [fault for fault in hidden if shown(graph, drawn, MUTANTS[fault])] == []
    assert len(hidden) < len(MUTANTS)


def test_what_shows_on_the_demo():
    """Nothing wraps or clips there, and nothing of u is kept; all else shows."""
    equivalent = {
        name for name in MUTANTS if name.startswith(("u ", "wrap", "no wrap", "v clipped", "v wraps"))
    }
    equivalent |= {"v decays in 32 bits"}
    graph = like_the_demo()
    ours = inputs_of_verify(graph)
    assert {name for name, rules in MUTANTS.items() if not shown(graph, ours, rules)} == equivalent


@pytest.mark.parametrize("most", [2**17, -(2**17)])
def test_u_exactly_at_the_wrap(most):
    """Three lines of 24, of 2^17 together, in one step: all of the others would add something."""
    rng = np.random.default_rng(1)
    weight = rng.integers(3000, 9000, (1, 24)) * np.sign(most)
    weight[0, :3] = [most // 2, most // 4, most // 4]
    keeps = QuantizedLayer("readout", weight, rng.integers(0, 4, (1, 24)), [0], 0, 4096, 4096, None)
    graph = QuantizedGraph((keeps,), 6, 0.001, 1.0, ("class0",))
    fault = "wrap at 2^23" if most > 0 else "no wrap at -2^23"
    assert not shown(
        graph, np.concatenate([golden_input(graph), random_inputs(graph, 200, 5)]), MUTANTS[fault]
    )
    assert shown(graph, inputs_of_verify(graph), MUTANTS[fault])
