"""The diagnosis of graphs that are no chain: its model is the contract, and what it lacks it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from cause_graphs import graph, spikes
from graph_cases import dense, graph_of, li, lif, source
from graph_edits import columns, projection
from graph_scalar import GraphScalar, OnGraph
from hypothesis import given, settings
from networks import networks_with_input
from wrong_executors import in_memory

from snnc.hwsim import oracle
from snnc.stages import Diagnosis, QuantizedGraph, Trace
from snnc.verification.compare import first_divergence
from snnc.verification.diagnosis import GRAPH_CATALOGUE, Observed, diagnose_graph, run_observed
from snnc.verification.diagnosis.graphs import rule_faults
from snnc.verification.diagnosis.graphs.catalogue import RANK
from snnc.verification.diagnosis.graphs.solved import NAMES
from snnc.verification.diagnosis.graphs.trial import FAULTS, seen

GRAPH, SPIKES = graph(1), spikes(1)
TRACE = oracle.run_graph(GRAPH, SPIKES)


@settings(max_examples=40, deadline=None)
@given(networks_with_input())
def test_the_contract_gives_every_step_of_every_population(
    case: tuple[QuantizedGraph, np.ndarray],
) -> None:
    """Of the scalar model, which shares nothing with it: all parameters, storages, recurrence and ends."""
    net, inputs = case
    trace = GraphScalar().run(in_memory(net, inputs), inputs)
    observed = run_observed(inputs, trace, trace)
    for population in net.stateful:
        assert seen(net, population.name, observed).differing == 0


def late() -> Trace:
    """What h -> h delivers comes one step late."""
    change = projection("h -> h", columns(delay=lambda delay: delay + 1))
    return OnGraph(change).run(in_memory(GRAPH, SPIKES), SPIKES)


def diagnosed(
    expected: Trace, found: Trace, edit: Callable[[Observed], Observed] = lambda one: one, tests: int = 2
) -> Diagnosis:
    first = first_divergence(GRAPH, TRACE, late(), SPIKES, "own")
    assert first is not None
    assert (first.layer, first.sample) == ("h", 0)
    one, *more = run_observed(SPIKES, expected, found)
    place = first.layer, first.neuron, first.step
    return diagnose_graph(GRAPH, *place, edit(one), lambda suspects: more[:tests])


def test_the_cause_has_its_place_and_its_tests() -> None:
    (cause,) = diagnosed(TRACE, late()).causes
    assert (cause.name, cause.where) == ("delays-one-longer", "h -> h")
    assert (cause.explained, cause.neurons, cause.tests) == (8, 8, 2)


def test_the_reference_may_be_at_fault() -> None:
    (cause,) = diagnosed(late(), TRACE).causes
    assert (cause.name, cause.where) == ("delays-one-longer", "in the reference: h -> h")


def test_where_both_sides_are_the_contract_there_is_no_cause() -> None:
    assert diagnosed(TRACE, TRACE).unknown == "what is held of both sides is what the contract gives"


def without(name: str, variable: str) -> Callable[[Observed], Observed]:
    def edit(one: Observed) -> Observed:
        found = [dict(state) for state in one.found]
        del found[GRAPH.trace_index(name)][variable]
        return replace(one, found=found)

    return edit


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (without("h", "u"), "u of h is not held of both sides"),
        (without("g", "spikes"), "spikes of g is not held of both sides"),
        (lambda one: replace(one, inputs=None), "the input is not held"),
    ],
)
def test_it_says_what_is_missing(edit: Any, why: str) -> None:
    assert diagnosed(TRACE, late(), edit).unknown == why


def test_a_fault_elsewhere_of_another_kind_forbids_a_claim() -> None:
    both = late()
    layers = list(both.layers)
    wrong = np.array(layers[-1].v)
    wrong[:, 5] += 1
    layers[-1] = replace(layers[-1], v=wrong)
    assert diagnosed(TRACE, replace(both, layers=tuple(layers))).causes == ()


def test_a_solved_constant_needs_a_sample_that_confirms_it() -> None:
    """h spikes if v > 64 w; vth is 5 on the other side. No v lies between in the second sample."""
    net = graph_of(
        [source("x"), lif("h", threshold=3), li("y")], [dense("x", "h", [[4]]), dense("h", "y", [[1]])], 4
    )
    other = replace(
        net, populations=(net.populations[0], replace(net.populations[1], threshold=[5]), net.populations[2])
    )
    inputs = np.array([[[1], [0], [1], [0]], [[0], [0], [0], [0]]], np.uint8)
    expected, found = oracle.run_graph(net, inputs), oracle.run_graph(other, inputs)
    one, silent = run_observed(inputs, expected, found)
    alone = diagnose_graph(net, "h", 0, 0, one)
    assert "threshold-changed" in [cause.name for cause in alone.causes]
    assert all(cause.tests == 0 for cause in alone.causes)
    tested = diagnose_graph(net, "h", 0, 0, one, lambda suspects: [silent])
    assert "threshold-changed" not in [cause.name for cause in tested.causes]


def test_every_hypothesis_has_its_words() -> None:
    names = {*FAULTS, *NAMES.values(), "parameter-of-one-neuron", "parameters-permuted", "neurons-permuted"}
    names |= {"synapse-missing", "weight-changed", "delay-changed"}
    assert names == set(RANK)
    assert len(GRAPH_CATALOGUE) == len(RANK)
    assert {each.within for each in GRAPH_CATALOGUE} - {None} <= set(RANK)
    assert set(rule_faults.FAULTS) < names
