"""The integer PyTorch model: golden vectors by hand, and differential tests against the oracle."""

from __future__ import annotations

import numpy as np
import pytest
from golden import GOLDEN, GoldenCase, artifact_of, assert_same_trace
from hypothesis import given, settings
from strategies import graphs_with_input

from snnc.errors import StageError
from snnc.hwsim.oracle import OracleExecutor
from snnc.trainer.integer_model import TorchExecutor


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
    with pytest.raises(StageError, match="input: shape"):
        TorchExecutor().run(artifact_of(graph), np.zeros((*shape, 99), np.uint8))
