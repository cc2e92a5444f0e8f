"""Diagnosis on random networks: what it claims holds, and the fault is among its causes."""

from __future__ import annotations

import re

import numpy as np
from diagnosed import ALONE, GENERAL, diagnosis
from diagnosis_cases import FaultCase
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from mutant_runs import place_of
from scalar_mutants import Record, Scalar
from strategies import graphs_with_input

from snnc.stages import QuantizedGraph
from snnc.verification.diagnosis import Observed, diagnose


@given(graphs_with_input())
@settings(max_examples=30)
def test_nothing_is_claimed_without_a_fault(drawn):
    graph, inputs = drawn
    records = Scalar().run(graph, inputs[0])
    for index, layer in enumerate(graph.layers):
        sample = Observed(inputs[0], records, records)
        made = diagnose(graph, index, layer.neurons - 1, graph.time_steps - 1, sample)
        assert made.causes == ()
        assert made.unknown is not None


@given(graphs_with_input(), st.integers(0, 2**32 - 1))
@settings(max_examples=30)
def test_noise_has_no_cause(drawn, seed):
    graph, inputs = drawn
    rng = np.random.default_rng(seed)
    expected = Scalar().run(graph, inputs[0])
    found = [
        {
            "u": rng.integers(-(2**23), 2**23, record["u"].shape),
            "v": rng.integers(-(2**23), 2**23, record["v"].shape),
            "spikes": rng.random(record["v"].shape) < 0.5,
        }
        for record in expected
    ]
    made = diagnosis(graph, inputs[0], expected, found)
    assert made.causes == ()
    assert made.tried > 0


@given(graphs_with_input(), st.sampled_from(GENERAL))
@settings(max_examples=50)
def test_what_is_claimed_is_so(drawn, case):
    """Each cause claimed of a random net, run as a scalar mutant, explains as many neurons as it says."""
    graph, inputs = drawn
    expected, found = Scalar().run(graph, inputs[0]), case.fault().run(graph, inputs[0])
    place = place_of(expected, found)
    assume(place is not None)
    index, neuron, step = place
    made = diagnose(graph, index, neuron, step, Observed(inputs[0], expected, found))
    signal = inputs[0] if index == 0 else found[index - 1]["spikes"]
    for cause in made.causes:
        assert 0 <= cause.explained <= cause.neurons == graph.layers[index].neurons
        for known in GENERAL:
            if (known.name, known.where) == (cause.name, cause.where.partition(ALONE)[0].rstrip("; ")):
                explained = explained_by(known, graph, index, signal, found[index])
                assert explained.sum() == cause.explained
                assert explained[neuron]


def explained_by(
    case: FaultCase, graph: QuantizedGraph, index: int, signal: np.ndarray, found: Record
) -> np.ndarray:
    """Which neurons of one layer a mutant gives as they were found, in all steps."""
    machine = case.fault()
    machine.layer, machine.steps, machine.index = graph.layers[index], graph.time_steps, 0
    record = machine.run_layer(machine.arriving(signal.astype(int)))
    return np.logical_and.reduce([(record[name] == found[name]).all(axis=0) for name in record])


@given(graphs_with_input(), st.sampled_from([case for case in GENERAL if not re.search(r"\d", case.where)]))
@settings(max_examples=30)
def test_the_fault_is_among_the_causes(drawn, case):
    """One that acts in every layer, without a parameter of its own, explains all of the diverging one."""
    graph, inputs = drawn
    expected, found = Scalar().run(graph, inputs[0]), case.fault().run(graph, inputs[0])
    place = place_of(expected, found)
    assume(place is not None)
    made = diagnose(graph, *place, Observed(inputs[0], expected, found))
    assert made.causes[0].explained == made.causes[0].neurons
    assert case.name in [cause.name for cause in made.causes] or len(made.causes) == 5
