"""The integer PyTorch model: golden vectors by hand, and differential tests against the oracle.

Those are of chains; of other graphs, small ones by hand, and rules that hold for all of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from golden import GOLDEN, GoldenCase, artifact_of, assert_same_trace
from hypothesis import given, settings
from networks import networks
from strategies import graphs_with_input

from snnc.errors import StageError
from snnc.hwsim.oracle import OracleExecutor
from snnc.stages import Population, Projection, QuantizedGraph, Readout, SynapseMatrix
from snnc.trainer.integer_executor import TorchExecutor
from snnc.trainer.integer_model import run_graph
from snnc.trainer.integer_schedule import Group


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case.name)
def test_golden(case: GoldenCase):
    assert_same_trace(TorchExecutor().run(artifact_of(case.graph), case.input), case.layers)


@settings(max_examples=150, deadline=None)
@given(graphs_with_input())
def test_equals_the_oracle(case):
    graph, spikes = case
    artifact = artifact_of(graph)
    assert_same_trace(TorchExecutor().run(artifact, spikes), OracleExecutor().run(artifact, spikes).layers)


@pytest.mark.parametrize("shape", [(2, 3), (1, 3, 2), (1, 2, 3)])
def test_wrong_shape_is_refused(shape):
    graph = GOLDEN[0].graph
    with pytest.raises(StageError, match=r"input: (has the shape|sample 0 has)"):
        TorchExecutor().run(artifact_of(graph), np.zeros((*shape, 99), np.uint8))


def lif(name: str, neurons: int = 1, **values: Any) -> Population:
    """Fires in each step in which something positive arrives, and forgets it."""
    plain = {"decay_u": 4096, "decay_v": 4096, "threshold": 0, "reset": "zero"}
    return Population(name, "lif", neurons, **plain | values)


def one(source: str, destination: str, weight: int, delay: int) -> Projection:
    return Projection(source, destination, SynapseMatrix([[weight]], [[delay]]))


def graph_of(populations: list[Population], projections: list[Projection], steps: int) -> QuantizedGraph:
    last = populations[-1]
    names = tuple(f"class{number}" for number in range(last.neurons))
    return QuantizedGraph(
        tuple(populations), tuple(projections), (Readout(last.name, "count", None, names),), steps, 0.001
    )


def spikes_of(graph: QuantizedGraph, *lines: list[int]) -> list[list[int]]:
    """[populations][T] of the first neuron of each, for one sample [lines][T]."""
    trace = run_graph(graph, np.array([lines]).swapaxes(1, 2))
    return [layer.spikes[0, :, 0].astype(int).tolist() for layer in trace.layers]


def test_a_spike_returns_by_direct_recurrence():
    # The input at step 0; each spike comes back after 2 steps.
    graph = graph_of([Population("in", "input", 1), lif("a")], [one("in", "a", 1, 0), one("a", "a", 1, 2)], 6)
    assert spikes_of(graph, [1, 0, 0, 0, 0, 0]) == [[1, 0, 1, 0, 1, 0]]
    assert spikes_of(graph, [1, 1, 0, 0, 0, 0]) == [[1, 1, 1, 1, 1, 1]]


def test_a_cycle_through_several_populations_and_the_list_in_another_order():
    # a -> b at once, b -> c after 1, c -> a after 2: a fires at 0, 3 and 6, b with it, c one step later.
    # d hears b in the same step.
    populations = [lif("d"), lif("c"), lif("b"), Population("in", "input", 1), lif("a")]
    ways = [one("b", "c", 1, 1), one("c", "a", 1, 2), one("in", "a", 1, 0), one("a", "b", 1, 0)]
    graph = graph_of(populations, [one("b", "d", 1, 0), *ways], 7)
    a, c = [1, 0, 0, 1, 0, 0, 1], [0, 1, 0, 0, 1, 0, 0]
    assert spikes_of(graph, [1, 0, 0, 0, 0, 0, 0]) == [a, c, a, a]


def test_several_inputs_and_ends():
    """What was sent before an end arrives after it; what an input holds from its end on is nothing."""
    first, second = Population("x", "input", 1, end=2), Population("y", "input", 1, payload_max=5)
    # x: steps 0 and 1 count and arrive at 2 and 3 with -4. y: 5, 5, 5, 3, 5 at once.
    # a = 5, 5, 1, -1, 5. `late` hears a after 1 step, but a's end is 3: its spike of step 4 is none.
    populations = [first, lif("a", end=3), second, lif("late")]
    ways = [one("x", "a", -4, 2), one("y", "a", 1, 0), one("a", "late", 1, 1)]
    graph = graph_of(populations, ways, 5)
    sample = [[1, 1, 1, 1, 1], [5, 5, 5, 3, 5]]
    trace = run_graph(graph, np.array([sample]).swapaxes(1, 2))
    assert (trace.layers[0].u[0, :, 0] // 64).tolist() == [5, 5, 1, -1, 5]
    assert spikes_of(graph, *sample) == [[1, 1, 1, 0, 0], [0, 1, 1, 1, 0]]


def test_projections_between_the_same_two_add_up():
    # 3 + (1 << 2) - 2 = 5 in step 0, and 2 << 1 = 4 in step 1.
    ways = [
        one("in", "a", 3, 0),
        Projection("in", "a", SynapseMatrix([[1]], [[0]]), 2),
        one("in", "a", -2, 0),
        Projection("in", "a", SynapseMatrix([[2]], [[1]]), 1),
    ]
    graph = graph_of([Population("in", "input", 1), lif("a")], ways, 3)
    assert (run_graph(graph, [[[1], [0], [0]]]).layers[0].u[0, :, 0] // 64).tolist() == [5, 4, 0]


def events(graph: QuantizedGraph, samples: int) -> np.ndarray:
    rng = np.random.default_rng(3)
    parts = [
        rng.integers(0, each.payload_max + 1, (samples, graph.time_steps, each.neurons), np.uint8)
        for each in graph.populations
        if each.payload_max is not None
    ]
    return np.concatenate(parts, axis=2)


@given(networks())
def test_samples_are_independent(graph):
    """Clause 8: each alone has the states that it has among others, and their counts add up."""
    inputs = events(graph, 3)
    together = run_graph(graph, inputs)
    alone = [run_graph(graph, inputs[k : k + 1]) for k in range(3)]
    for index, layer in enumerate(together.layers):
        parts = [trace.layers[index] for trace in alone]
        for field in ("u", "v", "w", "spikes"):
            if getattr(layer, field) is not None:
                joined = np.concatenate([getattr(part, field) for part in parts])
                np.testing.assert_array_equal(getattr(layer, field), joined, err_msg=f"{index}: {field}")
        for field in ("u_wraps", "v_clips", "w_clips"):
            if getattr(layer, field) is not None:
                assert getattr(layer, field) == sum(getattr(part, field) for part in parts)


@given(networks())
def test_blocks_give_what_single_steps_give(graph):
    """All but the inputs as one group, whether they form a cycle or not."""
    inputs = events(graph, 2)
    states = [name for name in graph.order if graph.population(name).model != "input"]
    found = run_graph(graph, inputs)

    def single(order: Any, projections: Any, steps: int) -> list[Group]:
        inner = tuple(each for each in projections if each.source in states and each.delays)
        return [Group(tuple(states), 1, inner)]

    with pytest.MonkeyPatch.context() as context:
        context.setattr("snnc.trainer.integer_model.schedule", single)
        stepped = run_graph(graph, inputs)
    for index, (ours, theirs) in enumerate(zip(found, stepped, strict=True)):
        for field in ("u", "v", "w", "spikes", "u_wraps", "v_clips", "w_clips"):
            np.testing.assert_array_equal(
                getattr(ours, field), getattr(theirs, field), err_msg=f"{index}: {field}"
            )
