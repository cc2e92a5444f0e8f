"""The diagnosis names the fault. The faults are scalar mutants that share nothing with its arithmetic."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from diagnosed import diagnosis
from diagnosis_cases import CASES, NETS, net, one_neuron
from mutant_runs import place_of, runner, verified
from scalar_mutants import Record, Scalar, mutant

from snnc.report.diagnosis import cause_line
from snnc.stages import Cause, QuantizedGraph
from snnc.verification.diagnosis import CATALOGUE, Observed, diagnose, neuron_context
from snnc.verification.diagnosis.hypothesis import with_ties

pytestmark = pytest.mark.slow

"""These mean the same in every net."""


def only(records: list[Record], *names: str) -> list[Record]:
    return [{name: record[name] for name in names} for record in records]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name}, {case.where}")
def test_the_cause_is_named(case):
    """First of those that further samples leave; and nothing is left that explains less."""
    graph, inputs = NETS[case.net]()
    made = verified(graph, inputs, runner(case.fault()))
    first = made.causes[0]
    assert first.name == case.name
    assert first.where.startswith(case.where) or "more that fit alike)" in first.where
    assert all(cause.explained == cause.neurons for cause in made.causes)
    assert all(cause.tests >= 2 for cause in made.causes)
    assert made.tried >= 100
    assert made.unknown is None


def test_every_cause_has_a_case_and_says_what_to_do():
    names = [candidate.name for candidate in CATALOGUE]
    assert len(set(names)) == len(names)
    others = {"state-survives-sample", "input-of-the-sample-before", "readout-fires"}  # tests of their own
    assert {case.name for case in CASES} | others == set(names)
    for candidate in CATALOGUE:
        assert candidate.summary.endswith(".")
        assert candidate.remedy.endswith(".")


@pytest.mark.parametrize(
    ("where", "keep"), [("u and v", (1, 1)), ("u", (1, 0)), ("v", (0, 1))], ids=lambda value: str(value)
)
def test_state_that_survives_a_sample(where, keep):
    graph, inputs = net()

    def run(graph: QuantizedGraph, inputs: np.ndarray) -> list[list[Record]]:
        runs: list[list[Record]] = []
        for spikes in inputs:
            last = runs[-1] if runs else None
            fault = mutant(
                start=lambda self, i, last=last: tuple(
                    0 if last is None else int(last[self.index][name][-1, i]) * kept
                    for name, kept in zip("uv", keep, strict=True)
                )
            )
            runs.append(fault.run(graph, spikes))
        return runs

    cause = verified(graph, inputs, run).causes[0]
    assert (cause.name, cause.where) == ("state-survives-sample", where)
    expected, found = Scalar().run(graph, inputs[1]), run(graph, inputs)[1]
    names = [cause.name for cause in diagnosis(graph, inputs[1], expected, found).causes]
    assert "state-survives-sample" not in names  # nothing is guessed


def test_the_input_of_the_sample_before():
    graph, inputs = net()

    def run(graph: QuantizedGraph, inputs: np.ndarray) -> list[list[Record]]:
        return [Scalar().run(graph, spikes) for spikes in (0 * inputs[0], *inputs[:-1])]

    made = verified(graph, inputs, run)
    cause = made.causes[0]
    assert (cause.name, cause.where.partition(";")[0]) == (
        "input-of-the-sample-before",
        "silence in the first",
    )
    assert len(made.causes) == 1


def test_a_readout_that_fires():
    graph, inputs = net()

    def zero(self: Any, signal: np.ndarray) -> Record:
        if self.layer.threshold is None:
            self.layer = replace(self.layer, threshold=0)
        return Scalar.run_layer(self, signal)

    fault = mutant(run_layer=zero)
    cause = verified(graph, inputs, runner(fault)).causes[0]
    assert (cause.name, cause.where) == ("readout-fires", "above 0; in this layer alone")


def test_the_other_layers_decide_what_this_one_cannot():
    """In the first layer, an input one step late and delays one step longer are the same."""
    graph, inputs = net()
    late = mutant(arriving=lambda self, x: x if self.index else np.vstack([0 * x[:1], x[:-1]]))
    longer = mutant(delay=lambda self, i, j: int(self.layer.delay[i, j]) + 1)
    for fault, names in (
        (late, ["input-one-step-late", "delays-one-longer"]),
        (longer, ["delays-one-longer"]),
    ):
        made = verified(graph, inputs, runner(fault))
        assert [cause.name for cause in made.causes] == names


@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_fault_in_one_layer(index):
    graph, inputs = net()
    fault = mutant(
        delay=lambda self, i, j: min(int(self.layer.delay[i, j]), 6 if self.index == index else 99)
    )
    found = fault.run(graph, inputs[0])
    cause = diagnosis(graph, inputs[0], Scalar().run(graph, inputs[0]), found).causes[0]
    assert (cause.name, cause.where) == ("delays-clipped", "limit 6; in this layer alone")
    assert cause.explained == cause.neurons == graph.layers[index].neurons


def test_a_fault_of_the_reference():
    graph, inputs = net()
    wrong = mutant(reset=lambda self, u, v: (u, v)).run(graph, inputs[0])
    cause = diagnosis(graph, inputs[0], wrong, Scalar().run(graph, inputs[0])).causes[0]
    assert (cause.name, cause.where) == ("no-reset", "in the reference")


@pytest.mark.parametrize("everywhere", [False, True])
def test_two_faults_at_once(everywhere):
    """No reset explains the first difference; the other fault begins later, in that neuron or in all."""
    graph, inputs = net()
    expected = Scalar().run(graph, inputs[0])
    first = place_of(expected, mutant(reset=lambda self, u, v: (u, v)).run(graph, inputs[0]))
    fault = mutant(
        reset=lambda self, u, v: (u, v),
        bias=lambda self, i, t: Scalar.bias(self, i, t) + (t == 39 and (everywhere or i == first[1])),
    )
    causes = diagnosis(graph, inputs[0], expected, fault.run(graph, inputs[0])).causes
    if everywhere:  # no neuron is explained in every step
        assert causes == ()
        return
    cause = causes[0]
    note = "it gives 88 % of what differs; the rest differs in another way"
    assert (cause.name, cause.where) == ("no-reset", note)
    assert (cause.explained, cause.tests) == (cause.neurons - 1, 0)


@pytest.mark.parametrize("names", [("v",), ("u",), ("v", "spikes"), ("spikes",)], ids="+".join)
def test_a_trace_that_lacks_variables(names):
    """The spikes that arrive are then the expected ones, which hold up to the divergence."""
    graph, inputs = net()
    expected = Scalar().run(graph, inputs[0])
    found = only(mutant(bias=lambda self, i, t: 0).run(graph, inputs[0]), *names)
    made = diagnosis(graph, inputs[0], expected, found)
    if names == ("u",):  # the first layer's u does not depend on its bias, and the second's input is unknown
        assert not any(cause.explained == cause.neurons for cause in made.causes)
    else:
        assert "bias-missing" in [cause.name for cause in made.causes]


def test_a_weight_is_solved_for_from_v_alone():
    graph, inputs = one_neuron([7, 3, -5], decay_v=100)
    fault = mutant(weight=lambda self, i, j: int(self.layer.weight[i, j]) + 4 * (j == 1))
    found = only(fault.run(graph, inputs[0]), "v")
    made = diagnosis(graph, inputs[0], only(Scalar().run(graph, inputs[0]), "v", "spikes"), found)
    assert ("weight-changed", "synapse from 1: weight 7 instead of 3") in [
        (c.name, c.where) for c in made.causes
    ]


def test_a_synapse_that_is_there_is_named_before_one_that_is_not():
    graph, inputs = one_neuron([0, 7])
    inputs = np.ones_like(inputs)
    inputs[:, 1:] = 0
    fault = mutant(weight=lambda self, i, j: int(self.layer.weight[i, j]) + (self.index == 0 and j == 1))
    made = diagnosis(graph, inputs[0], Scalar().run(graph, inputs[0]), fault.run(graph, inputs[0]))
    wheres = [cause.where for cause in made.causes if cause.name == "weight-changed"]
    assert wheres == ["synapse from 1: weight 8 instead of 7 (or 1 more that fit alike)"]


@pytest.mark.parametrize(
    ("where", "ties", "said"),
    [
        ("", 0, "a fault"),
        ("in hidden1", 0, "a fault (in hidden1)"),
        ("", 1, "a fault (or 1 more that fit alike)"),
        ("in hidden1", 2, "a fault (in hidden1 (or 2 more that fit alike))"),
    ],
)
def test_ties_are_told_with_and_without_a_place(where, ties, said):
    assert cause_line(Cause("a", "a fault.", with_ties(where, ties), "", 1, 1, 0)) == said


def test_a_passing_disturbance_is_not_a_weight():
    """One weight would explain the first difference; the steps after it refute that."""
    graph, inputs = NETS["dense"]()

    def sums(self: Any, i: int, signal: np.ndarray) -> list[int]:
        return [a + (t == 0) for t, a in enumerate(Scalar.sums(self, i, signal))]

    expected, found = Scalar().run(graph, inputs[0]), mutant(sums=sums).run(graph, inputs[0])
    assert diagnosis(graph, inputs[0], expected, found).causes == ()


def test_what_cannot_be_told():
    graph, inputs = net()
    expected, found = Scalar().run(graph, inputs[0]), mutant(clip=lambda self, x: 7).run(graph, inputs[0])

    def unknown(index: int, signal: Any, left: list[Record], right: list[Record]) -> str:
        made = diagnose(graph, index, 0, 0, Observed(signal, left, right))
        assert made.causes == ()
        assert made.tried == 0
        assert made.unknown is not None
        return made.unknown

    nothing: list[Record] = [{} for _ in graph.layers]
    short = [{name: values[:9] for name, values in record.items()} for record in found]
    assert unknown(0, inputs[0], expected, nothing) == "no u, v or spikes of hidden1 are held of both sides"
    assert "not all of the 40 steps" in unknown(0, inputs[0], expected, short)
    assert unknown(0, None, expected, found) == "the input is not held"
    assert "spikes of hidden1" in unknown(1, None, only(expected, "v"), only(found, "v"))
    assert "what the contract gives" in unknown(0, inputs[0], expected, expected)


def test_neuron_context():
    graph, inputs = net()
    expected, found = Scalar().run(graph, inputs[0]), mutant(clip=lambda self, x: 7).run(graph, inputs[0])
    around = neuron_context(graph, 0, 2, 35, expected, only(found, "v"))
    assert around.first == 25
    assert around.expected_u == tuple(expected[0]["u"][25:40, 2])
    assert around.found_u == ()
    assert around.found_v == (7,) * 15
    assert around.expected_spikes == tuple(t for t in range(25, 40) if expected[0]["spikes"][t, 2])
    assert around.threshold == 150 * 64
    window = [{name: values[30:] for name, values in record.items()} for record in expected]
    part = neuron_context(graph, 2, 1, 33, window, window, first=30)
    assert (part.first, part.threshold) == (30, None)
    assert part.found_v == tuple(expected[2]["v"][30:40, 1])
    busy = int(expected[0]["spikes"][30:].sum(axis=0).argmax())
    spikes = neuron_context(graph, 0, busy, 33, window, window, first=30).found_spikes
    assert spikes == tuple(t for t in range(30, 40) if expected[0]["spikes"][t, busy])
    assert spikes
    assert neuron_context(graph, 0, 2, 3, expected, found).expected_v == tuple(expected[0]["v"][:14, 2])


def test_arrays_may_be_read_only():
    """As those of a trace are."""
    graph, inputs = net()
    expected, found = Scalar().run(graph, inputs[0]), mutant(clip=lambda self, x: 7).run(graph, inputs[0])
    for values in (inputs, *(values for side in (expected, found) for r in side for values in r.values())):
        values.flags.writeable = False
    assert diagnosis(graph, inputs[0], expected, found).tried > 0
