"""The search for the smallest case: it differs, and nothing in it can be left out."""

from __future__ import annotations

import time

import numpy as np
import pytest
from faults import CHANGES, OnChangedGraph, with_layer
from golden import artifact_of
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from loihi_artifacts import random_chain, random_input
from planting import copy_of
from shrunk_cases import differs, one_less, shrunk, steps_of
from strategies import graphs_with_input

from snnc.hwsim.oracle import OracleExecutor, run_graph
from snnc.plugins.executors import EXECUTORS, load_executor
from snnc.stages import LayerTrace, QuantizedGraph, Trace
from snnc.verification.compare import first_difference, trace_pairs
from snnc.verification.shrinking import cases
from snnc.verification.shrinking.cases import Case
from snnc.verification.shrinking.shrink import shrink

pytestmark = pytest.mark.slow

"""Seconds: these tests are bounded by runs."""


@settings(max_examples=40)
@given(graphs_with_input(large=False, max_delay=9), st.sampled_from(sorted(CHANGES)))
def test_it_differs_is_no_larger_and_nothing_can_be_left_out(case, name):
    graph, inputs = case
    executor = OnChangedGraph("hwsim", CHANGES[name])
    found = shrunk(graph, inputs[:1], executor)
    assume(found is not None)
    assert found.stopped is None
    small = found.case
    assert small is not None
    assert differs(small, executor)
    assert not any(differs(smaller, executor) for smaller in one_less(small))
    before, after = Case(graph, inputs[:1]).size, small.size
    # Samples, neurons and steps; a listener may take one neuron and one synapse where the readout had none.
    assert after[0] == 1
    assert after[1] <= before[1]
    assert after[3] <= before[3] + 1
    assert after[4] <= before[4]


def wide(seed: int = 1) -> tuple[QuantizedGraph, np.ndarray]:
    graph = random_chain(
        seed,
        (140, 256, 256, 20),
        time_steps=76,
        max_delay=30,
        threshold=1500,
        decay_v=300,
        weights=(-90, 127),
    )
    return graph, random_input(graph, 1, density=0.05)


@pytest.mark.parametrize(
    ("name", "most"),
    [
        # Neurons, lines, synapses, steps, events. A delay must be above 2 to be clipped.
        ("delays one longer", (2, 1, 1, 1, 1)),
        ("delays clipped", (2, 1, 1, 4, 1)),
        ("weights lose their low bit", (2, 1, 1, 1, 1)),
        ("leak", (2, 1, 1, 3, 1)),
        ("delays of another neuron", (3, 1, 1, 2, 1)),
    ],
)
def test_a_wide_network_shrinks_to_a_few_neurons_and_steps(name, most):
    """Of 140-256-256-20; `pytest -s` prints what is left and how long it took."""
    graph, inputs = wide()
    began = time.monotonic()
    found = shrunk(graph, inputs, OnChangedGraph("hwsim", CHANGES[name]))
    _, *size, _ = found.case.size
    print(f"\n{name}: {size} neurons, lines, synapses, steps, events; {found.runs} runs, ", end="")
    print(f"{time.monotonic() - began:.1f} s")
    assert found.stopped is None
    assert all(have <= limit for have, limit in zip(size, most, strict=True)), size


def test_a_fault_of_the_reset_leaves_one_neuron_driven_over_its_threshold(tmp_path, monkeypatch):
    """By subtraction instead of to zero: what is left must reach 1500 with weights of up to 127."""
    reset = ("hwsim/oracle.py", "v[i] = 0", "v[i] -= p.threshold[i]")
    monkeypatch.setitem(EXECUTORS, "oracle", copy_of("oracle", [reset], tmp_path, monkeypatch))
    executor = load_executor("oracle")
    graph, inputs = wide()
    small = shrunk(graph, inputs, executor).case
    assert differs(small, executor)
    assert not any(differs(smaller, executor) for smaller in one_less(small))
    assert [layer.neurons for layer in small.graph.layers] == [1, 1]
    assert small.graph.layers[0].weight.sum() * small.inputs.sum() > 1500
    assert small.graph.time_steps <= 12


class Merging(OracleExecutor):
    """Two events that arrive in one step count once."""

    name = "merging"

    def run(self, artifact, spikes):
        graph = artifact.graph
        layer = graph.layers[0]
        crowded = np.zeros(graph.time_steps, int)
        for step, line in np.argwhere(spikes[0]):
            for neuron in np.flatnonzero(layer.weight[:, line]):
                arrival = step + layer.delay[neuron, line]
                if neuron == 0 and arrival < graph.time_steps:
                    crowded[arrival] += 1
        trace = super().run(artifact, spikes)
        layers = list(trace.layers)
        u = np.array(layers[0].u)
        u[0, crowded > 1, 0] += 64
        layers[0] = LayerTrace(u, layers[0].v, layers[0].spikes)
        return Trace(self.name, tuple(layers))


def test_a_fault_that_needs_two_synapses():
    graph = random_chain(2, (9, 5, 3), time_steps=20, max_delay=6)
    inputs = random_input(graph, 1)
    found = shrunk(graph, inputs, Merging())
    samples, _, lines, synapses, steps, events, delays = found.case.size
    assert (samples, lines, synapses, steps, events, delays) == (1, 2, 2, 1, 2, 0)


def test_a_fault_that_needs_two_layers():
    """The second layer's weights are wrong if its input comes from a layer of more than one neuron."""

    def change(graph: QuantizedGraph) -> QuantizedGraph:
        if len(graph.layers) < 3 or graph.layers[0].neurons < 2:
            return graph
        return with_layer(graph, 1, weight=graph.layers[1].weight + 1)

    graph = random_chain(3, (8, 6, 5, 3), time_steps=16, max_delay=4, threshold=60)
    executor = OnChangedGraph("hwsim", change)
    found = shrunk(graph, random_input(graph, 1), executor)
    small = found.case
    assert differs(small, executor)
    assert not any(differs(smaller, executor) for smaller in one_less(small))
    assert [layer.neurons for layer in small.graph.layers] == [2, 1, 1]
    assert small.graph.inputs == 1


@pytest.mark.parametrize("runs", [0, 1, 2, 5])
def test_the_runs_are_bounded_and_what_was_found_so_far_differs(runs):
    graph = random_chain(5, (20, 12, 4), time_steps=20, max_delay=8)
    executor = OnChangedGraph("hwsim", CHANGES["delays one longer"])
    found = shrunk(graph, random_input(graph, 1), executor, runs)
    assert found.stopped == f"{runs} runs were made"
    assert found.runs <= runs + 1  # one may confirm the result
    assert (found.case is None) == (runs == 0)
    assert found.case is None or differs(found.case, executor)


def test_no_time_at_all():
    graph = random_chain(5, (20, 12, 4), time_steps=20, max_delay=8)
    inputs = random_input(graph, 1)
    expected = run_graph(graph, inputs)
    executor = OnChangedGraph("hwsim", CHANGES["delays one longer"])
    place = first_difference(trace_pairs(graph, expected, executor.run(artifact_of(graph), inputs)))
    found = shrink(graph, inputs, place, expected, steps_of(executor), seconds=0)
    assert (found.case, found.runs, found.stopped) == (None, 0, "0 s were used up")


def test_it_is_deterministic():
    graph = random_chain(6, (20, 12, 4), time_steps=20, max_delay=8)
    inputs = random_input(graph, 1)
    one, other = (shrunk(graph, inputs, OnChangedGraph("hwsim", CHANGES["leak"])) for _ in range(2))
    assert one.runs == other.runs
    np.testing.assert_array_equal(one.case.inputs, other.case.inputs)
    for a, b in zip(one.case.graph.layers, other.case.graph.layers, strict=True):
        np.testing.assert_array_equal(a.weight, b.weight)


def test_an_earlier_event_is_moved_to_where_it_arrives():
    """Line 0 is delayed by 2 and 3 steps, so by 2 in common; line 1 has one synapse of 1."""
    graph = random_chain(0, (2, 2), time_steps=6, max_delay=0)
    graph = with_layer(graph, 0, weight=np.array([[5, 0], [6, 7]]), delay=np.array([[2, 0], [3, 1]]))
    inputs = np.zeros((1, 6, 2), np.uint8)
    inputs[0, [0, 4], 0] = inputs[0, 5, 1] = 1
    case = cases.without_common_delays(Case(graph, inputs))
    assert case.graph.layers[0].delay.tolist() == [[0, 0], [1, 0]]
    assert np.argwhere(case.inputs[0]).tolist() == [[2, 0]]  # the others arrive nowhere
