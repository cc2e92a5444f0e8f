"""The ring-step executor: state by hand, and differentially against the oracle."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from golden import GOLDEN, GoldenCase, artifact_of
from graph_golden import GRAPH_GOLDEN
from hypothesis import HealthCheck, given, settings
from networks import networks_with_input
from strategies import delayed_graphs, graphs_with_input
from trace_files import two_layers

from snnc.hwsim import oracle
from snnc.hwsim.oracle import OracleExecutor
from snnc.hwsim.ring_step import RingStepper
from snnc.stages import LayerTrace, QuantizedGraph, QuantizedLayer


def check(graph: QuantizedGraph, inputs: np.ndarray, expected: Sequence[LayerTrace]) -> None:
    for sample in range(len(inputs)):
        stepper = RingStepper(graph)
        for step in range(graph.time_steps):
            for layer, state in zip(expected, stepper.advance(inputs[sample, step]), strict=True):
                np.testing.assert_array_equal(state.u, layer.u[sample, step])
                np.testing.assert_array_equal(state.v, layer.v[sample, step])
                np.testing.assert_array_equal(state.spikes, layer.spikes[sample, step])
                assert (state.w is None) == (layer.w is None)
                if layer.w is not None:
                    np.testing.assert_array_equal(state.w, layer.w[sample, step])


def check_against_the_oracle(graph: QuantizedGraph, inputs: np.ndarray) -> None:
    check(graph, inputs, OracleExecutor().run(artifact_of(graph), inputs).layers)


@pytest.mark.parametrize("case", [*GOLDEN, *GRAPH_GOLDEN], ids=lambda case: case.name)
def test_golden(case: GoldenCase):
    check(case.graph, case.input, case.layers)


@settings(max_examples=150)
@given(graphs_with_input())
def test_equals_the_oracle(case):
    check_against_the_oracle(*case)


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(networks_with_input())
def test_equals_the_oracle_on_graphs(pair):
    check(*pair, oracle.run_graph(*pair).layers)


@settings(max_examples=25)
@given(delayed_graphs(widest=6, longest=40))
def test_equals_the_oracle_with_long_delays(graph):
    rng = np.random.default_rng(graph.time_steps)
    check_against_the_oracle(graph, (rng.random((1, graph.time_steps, graph.inputs)) < 0.3).astype(np.uint8))


def test_steps_by_hand():
    """hidden1, neuron 0: weight 5 after 2 steps, -3 after 1; neuron 1: weight 4 at once. Threshold 3, dv 1/2.

    Input 0 spikes at step 0, input 1 at step 1: neuron 1 gets 4 at step 0, neuron 0 gets 5 - 3 at step 2.
    """
    stepper = RingStepper(two_layers())
    hidden, _ = stepper.advance(np.array([1, 0], np.uint8))
    assert hidden.u.tolist() == [0, 4 << 6]
    assert hidden.spikes.tolist() == [False, True]
    assert hidden.v.tolist() == [0, 0]
    assert stepper.under_way(0).tolist() == [0, 0]
    assert stepper.under_way(1).tolist() == [0, 1]  # readout 1 from hidden 1, weight 1, delay 1
    hidden, readout = stepper.advance(np.array([0, 1], np.uint8))
    assert hidden.u.tolist() == [0, 0]
    assert readout.u.tolist() == [0, 1 << 6]
    assert readout.v.tolist() == [(2 << 6) // 2, 1 << 6]  # readout 0 got weight 2 at once, then half is left
    assert stepper.under_way(0).tolist() == [2, 0]
    hidden, _ = stepper.advance(np.array([0, 0], np.uint8))
    assert hidden.u.tolist() == [2 << 6, 0]
    assert hidden.v.tolist() == [2 << 6, 0]
    assert stepper.step == 3


@pytest.mark.parametrize(
    ("weight", "u", "v"),
    [
        (1 << 17, 1 << 23, (1 << 23) - 1),  # exactly 2**23: u stays, v is clipped
        ((1 << 17) + 1, -(1 << 23) + 64, -(1 << 23) + 64),
        (-(1 << 17), 1 << 23, (1 << 23) - 1),  # -2**23 is no value of u
        (-(1 << 17) + 1, -(1 << 23) + 64, -(1 << 23) + 64),
    ],
)
def test_the_edges_of_u_by_hand(weight, u, v):
    layer = QuantizedLayer("readout", [[weight]], [[0]], [0], 0, 4096, 0, None)
    (state,) = RingStepper(QuantizedGraph.chain((layer,), 1, 0.01, 1.0, ("a",))).advance(np.ones(1, np.uint8))
    assert (state.u.tolist(), state.v.tolist()) == ([u], [v])
