"""Faults in the loops of the simulator that compute graphs: golden vectors or verify show each of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cause_graphs import graph, spikes
from golden import artifact_of
from graph_cases import GraphCase
from graph_golden import GRAPH_GOLDEN
from group_faults import FAULTS, GroupFault, planted
from planting import Planted
from wrong_executors import in_memory

from snnc.hwsim.oracle import OracleExecutor
from snnc.report.diagnosis import likely
from snnc.stages import Artifact, Diagnosis, Trace
from snnc.verification.compare import first_divergence
from snnc.verification.diagnosis.explain import explained
from snnc.verification.one_executor import Deviation

pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered")  # as int32 does where it is compiled
REFERENCE = OracleExecutor()
INPUTS = spikes(1)[:2]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.text)
def test_it_is_caught_and_named(fault: GroupFault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a random graph, or, where it does not show there, on a golden vector that shows it."""
    for name, few in (("TESTED_STATES", 0), ("CHOSEN", 5)):  # loops that are not compiled are slow
        monkeypatch.setattr(f"snnc.verification.diagnosis.telling.{name}", few)
    wrong = planted(fault, tmp_path, monkeypatch)
    said = diagnosed(wrong, in_memory(graph(1), INPUTS), INPUTS)
    if said is None:
        case = next(case for case in GRAPH_GOLDEN if missed(wrong, case))
        said = diagnosed(wrong, artifact_of(case.graph), case.input)
    assert said is not None
    named = [cause.name for cause in said.causes]
    assert named[:1] == ([fault.cause] if fault.cause else [])
    assert not said.causes or likely(said) == ("one of several" if len(named) > 1 else "probable")


def diagnosed(wrong: Planted, artifact: Artifact, inputs: np.ndarray) -> Diagnosis | None:
    """Why it differs from the oracle, None if it does not."""
    expected, found = REFERENCE.run(artifact, inputs), wrong.run(artifact, inputs)
    first = first_divergence(artifact.graph, expected, found, inputs, "own")
    if first is None:
        return None
    rows = slice(max(0, first.sample - 1), first.sample + 1)
    case = Deviation(wrong, inputs[rows], expected.part(rows), found.part(rows), REFERENCE)
    return explained(artifact, first, case).diagnosis


def missed(wrong: Planted, case: GraphCase) -> bool:
    """Whether it does not give the states that were worked out by hand."""
    found = wrong.run(artifact_of(case.graph), case.input)
    expected = Trace("by hand", tuple(case.layers))
    return first_divergence(case.graph, expected, found, case.input, "golden") is not None
