"""verify's inputs, golden and generated, show what random ones show: `mutants.py` lists the faults."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from inputs_of_verify import inputs_of_verify, like_the_demo, random_inputs
from mutants import MUTANTS, Rules, hidden, run, shown
from strategies import graphs_with_input

from snnc.exporter.golden import golden_input
from snnc.hwsim.oracle import run_graph
from snnc.stages import QuantizedGraph, QuantizedLayer
from snnc.verification.conformance_nets import random_net

pytestmark = pytest.mark.slow


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
    missed = {fault: MUTANTS[fault] for fault in hidden(graph, ours, MUTANTS)}
    assert hidden(graph, drawn, missed) == list(missed)
    assert len(missed) < len(MUTANTS)


def test_what_shows_on_the_demo():
    """Nothing wraps or clips there, and nothing of u is kept; all else shows."""
    equivalent = {
        name for name in MUTANTS if name.startswith(("u ", "wrap", "no wrap", "v clipped", "v wraps"))
    }
    equivalent |= {"v decays in 32 bits"}
    graph = like_the_demo()
    assert set(hidden(graph, inputs_of_verify(graph), MUTANTS)) == equivalent


@pytest.mark.parametrize("most", [2**17, -(2**17)])
def test_u_exactly_at_the_wrap(most):
    """Three lines of 24, of 2^17 together, in one step: all of the others would add something."""
    rng = np.random.default_rng(1)
    weight = rng.integers(3000, 9000, (1, 24)) * np.sign(most)
    weight[0, :3] = [most // 2, most // 4, most // 4]
    keeps = QuantizedLayer("readout", weight, rng.integers(0, 4, (1, 24)), [0], 0, 4096, 4096, None)
    graph = QuantizedGraph.chain((keeps,), 6, 0.001, 1.0, ("class0",))
    fault = "wrap at 2^23" if most > 0 else "no wrap at -2^23"
    assert not shown(
        graph, np.concatenate([golden_input(graph), random_inputs(graph, 200, 5)]), MUTANTS[fault]
    )
    assert shown(graph, inputs_of_verify(graph), MUTANTS[fault])
