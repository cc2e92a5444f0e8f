"""The oracle on random graphs: the contract read as relations, and what must make no difference."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from golden import assert_same_trace
from graph_cases import GraphCase
from graph_golden import GRAPH_GOLDEN
from graph_relations import assert_satisfies
from hypothesis import given, settings
from networks import networks_with_input

from snnc.hwsim.oracle import run_graph
from snnc.stages import LayerTrace, QuantizedGraph
from snnc.stages.population import INPUT

Pair = tuple[QuantizedGraph, np.ndarray]


@given(networks_with_input())
@settings(max_examples=150, deadline=None)
def test_every_step_satisfies_the_contract(pair: Pair) -> None:
    """Clauses 1 to 6 and 9, for every population, step and neuron, and the counts of what saturated."""
    trace = run_graph(*pair)
    assert_satisfies(*pair, trace.layers)
    for layer in trace:
        assert None not in (layer.u_wraps, layer.v_clips)
        assert (layer.w_clips is None) == (layer.w is None)


@given(networks_with_input())
@settings(max_examples=60, deadline=None)
def test_samples_are_independent(pair: Pair) -> None:
    """Clause 8. What saturates adds up over the samples."""
    graph, events = pair
    events = np.concatenate([events, events[:1]])
    alone = [run_graph(graph, events[sample : sample + 1]).layers for sample in range(len(events))]
    assert_same_trace(run_graph(graph, events), tuple(map(joined, zip(*alone, strict=True))))


def joined(parts: tuple[LayerTrace, ...]) -> LayerTrace:
    """One after another."""
    arrays: dict[str, Any] = {
        name: np.concatenate([getattr(each, name) for each in parts])
        for name in ("u", "v", "spikes", "w")
        if getattr(parts[0], name) is not None
    }
    counts = {
        name: sum(getattr(each, name) for each in parts)
        for name in ("u_wraps", "v_clips", "w_clips")
        if getattr(parts[0], name) is not None
    }
    return LayerTrace(**arrays, **counts)


@given(networks_with_input())
@settings(max_examples=60, deadline=None)
def test_the_order_of_the_lists_makes_no_difference(pair: Pair) -> None:
    graph, events = pair
    turned = replace(graph, populations=graph.populations[::-1], projections=graph.projections[::-1])
    inputs = [each.name for each in turned.populations if each.model == INPUT]
    lines = np.concatenate([events[..., graph.lines(name)] for name in inputs], axis=2)
    assert_same_trace(run_graph(turned, lines), run_graph(graph, events).layers[::-1])


@given(networks_with_input())
@settings(max_examples=60, deadline=None)
def test_how_synapses_are_stored_makes_no_difference(pair: Pair) -> None:
    graph, events = pair
    lists = tuple(replace(each, synapses=each.synapses.as_list()) for each in graph.projections)
    assert_same_trace(run_graph(replace(graph, projections=lists), events), run_graph(graph, events).layers)


@pytest.mark.parametrize("case", GRAPH_GOLDEN, ids=lambda case: case.name)
def test_relations_tell_a_change_of_any_state(case: GraphCase) -> None:
    """Of one number anywhere: a relation that leaves some state free would judge nothing."""
    rng = np.random.default_rng(0)
    for number, layer in enumerate(case.layers):
        for field in ("u", "v", "w", "spikes", "u_wraps", "v_clips", "w_clips"):
            if (value := getattr(layer, field)) is None:
                continue
            changed: Any = value + 1 if isinstance(value, int) else value.copy()
            if not isinstance(value, int):
                changed[tuple(rng.integers(value.shape))] ^= 1
            layers = list(case.layers)
            layers[number] = replace(layer, **{field: changed})
            with pytest.raises(AssertionError):
                assert_satisfies(case.graph, case.input, tuple(layers))
