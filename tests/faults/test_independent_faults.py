"""The independent faults: the executor they are planted in is right, and each of them changes something."""

from functools import cache

import numpy as np
import pytest
from independent_faults.catalogue import PARTS, all_faults, faults_of
from independent_faults.contract import Machine, trace
from independent_faults.effect import inputs
from independent_faults.nets import NETS
from independent_faults.table import verdicts

from snnc.stages import check_input
from snnc.verification.conformance import conformance

ON_OUR_NETS = [name for name, fault in all_faults().items() if fault.net in NETS]


class ContractExecutor:
    name = "contract"

    def unavailable_reason(self):
        return None

    def run(self, artifact, spikes):
        return trace(Machine(artifact.graph), check_input(artifact.graph, spikes))


def test_without_a_fault_the_executor_conforms():
    found = conformance(executor=ContractExecutor())
    assert found.problems == ()
    assert found.passed == 100


@pytest.mark.slow
@pytest.mark.parametrize("name", ON_OUR_NETS)
def test_a_fault_changes_something(name):
    fault = all_faults()[name]
    graph, x, right = contract_on(fault.net)
    assert any(  # in the first samples, or else in all of them
        not np.array_equal(a[:samples], b)
        for samples in (2, len(x))
        for one, other in zip(right, fault.plant(graph).run(x[:samples]), strict=True)
        for a, b in zip(one, other, strict=True)
    )


@cache
def contract_on(net):
    """The network, inputs for it, and what the executor without a fault makes of them."""
    graph = NETS[net]()
    x = inputs(graph)
    return graph, x, Machine(graph).run(x)


def test_every_fault_is_of_one_set():
    sets = [faults_of((part,)) for part in PARTS]
    assert all(sets)
    assert {**sets[0], **sets[1]} == all_faults()
    assert not sets[0].keys() & sets[1].keys()


def test_verdicts_are_on_faults_there_are():
    words = {entry["verdict"] for entries in verdicts().values() for entry in entries}
    assert words <= {"right", "partly", "false"}
    assert set(verdicts()) <= set(all_faults())
