"""A constant that is solved for gives the samples it was solved from whatever the fault: no tests."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from mutant_runs import contract, observed, place_of, runner
from scalar_mutants import mutant

from snnc.report.diagnosis import likely
from snnc.stages import Cause, Diagnosis, QuantizedGraph, QuantizedLayer
from snnc.verification.diagnosis import diagnose

pytestmark = pytest.mark.slow

STEPS, SET = 12, 1000
"""Steps of a sample, and du of the readout."""
FORGETS: dict[str, Any] = {"bias_exp": 0, "decay_u": 4096, "decay_v": 4096}
WIDENING = (1, 3, 100)
"""Weights, of which each greater one shows du more exactly, and refutes all constants tried before."""


def _chain(weights: tuple[int, ...], **hidden: Any) -> tuple[QuantizedGraph, np.ndarray]:
    """Line j alone fires hidden neuron j once, in step 0 of sample j; it has weight j in the readout."""
    n = len(weights)
    given = FORGETS | {"threshold": 90} | hidden
    first = QuantizedLayer("hidden", np.eye(n, dtype=int) * 100, np.zeros((n, n)), np.zeros(n), **given)
    readout = QuantizedLayer(
        "readout", [weights], np.zeros((1, n)), [0], **FORGETS | {"decay_u": SET, "threshold": None}
    )
    inputs = np.zeros((n, STEPS, n), np.uint8)
    inputs[np.arange(n), 0, np.arange(n)] = 1
    return QuantizedGraph.chain((first, readout), STEPS, 0.001, 1.0, ("a",)), inputs


def _diagnosed(graph: QuantizedGraph, inputs: np.ndarray, du: dict[int, int]) -> Diagnosis:
    """Of an executor with another du in each layer of `du`; the samples behind the first test the cause."""
    fault = mutant(decay_u=lambda self, x, k: self.decay(x, du.get(self.index, k)))
    samples = observed(inputs, contract(graph, inputs), runner(fault)(graph, inputs))
    place = place_of(samples[0].expected, samples[0].found)
    assert place is not None
    return diagnose(graph, *place, samples[0], lambda suspects: samples[1:])


def _decay(found: Diagnosis) -> Cause:
    return next(cause for cause in found.causes if cause.name == "decay-changed")


def _fitting(weights: tuple[int, ...], du: int) -> set[int]:
    """Each constant that gives what `du` gives of the currents that `weights` make."""

    def course(weight: int, k: int) -> list[int]:
        values = [64 * weight]
        for _ in range(STEPS - 1):
            values.append(values[-1] * (4096 - k) // 4096)
        return values

    return {k for k in range(4097) if all(course(w, k) == course(w, du) for w in weights)}


@pytest.mark.parametrize("again", [(), (100,), (100, 100, 1)])
def test_only_samples_that_were_not_needed_to_solve_for_it_test_a_constant(again):
    """Those nearest to the contract's are tried first."""
    nearest = [min(_fitting(WIDENING[: k + 1], 1500)) for k in range(len(WIDENING))]
    assert len(set(nearest)) == len(WIDENING)
    found = _diagnosed(*_chain(WIDENING + again), {1: 1500})
    assert _decay(found).tests == len(again)
    assert _decay(found).where.startswith(f"du {nearest[-1]} instead of {SET}")
    assert likely(found) == ("possible" if len(again) < 2 else "probable")


def test_a_constant_known_from_the_first_sample_is_tested_on_all_others():
    found = _diagnosed(*_chain((100, 10, 3, 1)), {1: 1500})
    assert _decay(found).tests == 3


def test_the_same_fault_in_another_layer_is_tested_too():
    """du of the hidden layer is plain from one sample, that of the readout from all together."""
    graph, inputs = _chain(WIDENING, decay_u=SET)
    hidden = _decay(_diagnosed(graph, inputs, {0: 1500}))
    assert (hidden.where, hidden.tests) == ("du 1500 instead of 1000; in this layer alone", len(WIDENING) - 1)
    both = _diagnosed(graph, inputs, {0: 1300, 1: 1500})
    assert _decay(both).tests == 0
    assert likely(both) == "possible"
