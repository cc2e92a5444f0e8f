"""The diagnosis of one sample, and the causes that a general fault has."""

from __future__ import annotations

import numpy as np
from diagnosis_cases import CASES
from mutant_runs import place_of
from scalar_mutants import Record

from snnc.stages import Diagnosis, QuantizedGraph
from snnc.verification.diagnosis import Observed, diagnose

PARTICULAR = {
    "biases-changed",
    "delay-changed",
    "neurons-permuted",
    "source-missing",
    "synapse-missing",
    "weight-changed",
}
ALONE = "in this layer alone"
GENERAL = [case for case in CASES if case.name not in PARTICULAR]


def diagnosis(
    graph: QuantizedGraph,
    inputs: np.ndarray,
    expected: list[Record],
    found: list[Record],
    before: Observed | None = None,
) -> Diagnosis:
    """From this sample alone."""
    place = place_of(expected, found)
    assert place is not None, "the fault does not show; choose another net"
    return diagnose(graph, *place, Observed(inputs, expected, found, before))
