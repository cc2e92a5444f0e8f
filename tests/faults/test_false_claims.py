"""Of faults whose kind it does not know, the diagnosis claims nothing that other inputs refute."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
from cause_graphs import graph, spikes
from claims import REFERENCE, cases, claimed, drawn
from graph_cases import adlif, dense, graph_of, li, lif, source
from graph_scalar import GraphScalar, mutant
from odd_faults import CAUSES, FAULTS, Odd, true_names
from wrong_executors import in_memory

from snnc.stages import QuantizedGraph
from snnc.verification.compare import first_divergence
from snnc.verification.diagnosis.graphs.catalogue import RANK

pytestmark = pytest.mark.slow
GRAPHS, FAULTS_OF_EACH, UNSEEN = 30, 4, 60


def test_no_claim_is_refuted_by_inputs_that_were_not_seen() -> None:
    """Each graph with some of the faults; where a cause is named, it must hold for more inputs."""
    rng, differ, named = np.random.default_rng(4), 0, 0
    for number, (net, inputs) in enumerate(islice(cases(4, most=1), GRAPHS)):
        for fault in rng.choice(list(FAULTS), FAULTS_OF_EACH, replace=False):
            found = claimed(net, inputs, FAULTS[fault](), UNSEEN, number)
            differ += found is not None
            if found is not None and found.names:
                named += 1
                assert not found.refuted or found.names[0] in true_names(fault), f"{number}: {fault}"
    assert differ > 20
    assert named >= 2


def test_v_that_is_seldom_above_0() -> None:
    """It is where 5 of 5 lines send: 64 * 10 * 5 > 3000. Else "v does not drive w" would be as good."""
    h = adlif("h", bias_mant=-3000, ka=400, threshold=1, reset="none")
    net = graph_of([source("x", 5), h, li()], [dense("x", "h", [[10] * 5]), dense("h", "y", [[1]])], 6)
    sent = [0, 1, 0, 0, 1, 0]
    assert said(net, sent, mutant(by_v=lambda self, p, i, of: 0)) == ("adaptation-by-v-missing",)
    assert said(net, sent, FAULTS["v drives w only above 0"]()) == ()


def test_spikes_that_are_sent_in_odd_steps() -> None:
    """Else "delays are one longer" would be as good."""
    synapses = [dense("x", "h", [[10], [9]]), dense("h", "h", [[1, 2], [2, 1]], 1), dense("h", "y", [[1, 1]])]
    net = graph_of([source("x"), lif("h", 2, threshold=5), li()], synapses, 8)
    sent = [0, 1, 0, 0, 0, 1, 0, 0]
    assert said(net, sent, FAULTS["recurrence is late"]()) == ("delays-one-longer",)
    assert said(net, sent, FAULTS["self-recurrence is late in odd steps"]()) == ()


def said(net: QuantizedGraph, sent: list[int], wrong: GraphScalar) -> tuple[str, ...]:
    """The causes named, where the first line sends in the steps `sent`."""
    inputs = np.zeros((1, len(sent), net.inputs), np.uint8)
    inputs[0, :, 0] = sent
    found = claimed(net, inputs, wrong, UNSEEN, 1)
    assert found is not None
    return found.names


def test_there_are_many_faults() -> None:
    assert len(FAULTS) > 500
    assert set(CAUSES.values()) < set(RANK)


def test_without_a_fault_it_is_the_contract() -> None:
    net, inputs = graph(1), drawn(graph(1), spikes(1), 2, 1)
    artifact = in_memory(net, inputs)
    traces = [each.run(artifact, inputs) for each in (REFERENCE, GraphScalar(), Odd())]
    for trace in traces[1:]:
        assert first_divergence(net, traces[0], trace, inputs, "own") is None
