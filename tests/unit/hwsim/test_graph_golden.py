"""Golden vectors of graphs: through the oracle, and by themselves against the contract read as relations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from golden import GOLDEN, GoldenCase, artifact_of, assert_same_trace
from golden_convolution import CONVOLUTIONS, ConvolutionCase
from golden_decoders import DECODERS
from graph_cases import GraphCase, dense
from graph_golden import GRAPH_GOLDEN
from graph_relations import assert_satisfies, unrolled
from graph_scores import first_largest, scores_so_far

from snnc.errors import StageError
from snnc.hwsim.oracle import OracleExecutor
from snnc.stages import QuantizedGraph


@pytest.mark.parametrize("case", GRAPH_GOLDEN, ids=lambda case: case.name)
def test_golden(case: GraphCase) -> None:
    assert_same_trace(OracleExecutor().run(artifact_of(case.graph), case.input), case.layers)


@pytest.mark.parametrize("case", [*GRAPH_GOLDEN, *GOLDEN], ids=lambda case: case.name)
def test_the_vectors_satisfy_the_contract(case: GoldenCase) -> None:
    """A slip of the hand would have every executor changed to follow it. A chain is a graph as any other."""
    assert_satisfies(case.graph, case.input, case.layers)
    for layer in case.layers:
        assert layer.u_wraps is not None
        assert layer.v_clips is not None


def test_names_differ() -> None:
    assert len({case.name for case in GRAPH_GOLDEN}) == len(GRAPH_GOLDEN)


@pytest.mark.parametrize("case", DECODERS, ids=lambda case: case.name)
def test_the_scores_satisfy_the_contract(case: GraphCase) -> None:
    """Closed forms of softmax are rounded, and so is their scale: both far below 1e-12."""
    assert len(case.answers) == len(case.graph.readouts)
    for readout, answer in zip(case.graph.readouts, case.answers, strict=True):
        for sample in range(len(case.input)):
            exact = scores_so_far(case.graph, readout, case.layers, sample)
            if readout.decoder == "softmax":
                np.testing.assert_allclose(
                    answer.scores[sample], np.array(exact, np.float64), rtol=0, atol=1e-12
                )
            else:
                assert answer.scores[sample].tolist() == exact
            for n, (scores, found) in enumerate(zip(exact, answer.classes[sample].tolist(), strict=True)):
                assert found in (-1, first_largest(scores)), f"{readout.population}: after {n + 1} steps"


@pytest.mark.parametrize("case", CONVOLUTIONS, ids=lambda case: case.name)
def test_a_convolution_has_the_synapses_worked_out(case: ConvolutionCase) -> None:
    wanted = list(unrolled(case.synapses))
    assert case.convolution.grid_out == case.grid_out
    assert list(unrolled(case.convolution.as_list())) == wanted
    assert sorted(each for each in unrolled(case.convolution) if each[2]) == sorted(wanted)


def bounded(weight: int) -> QuantizedGraph:
    """Input bias 2047 << 7 = 262016, weights 127 and `weight`: 2**18 = 262144 is met at 1."""
    case = next(each for each in GRAPH_GOLDEN if each.name.startswith("an input bias alone"))
    projection = dense("x", "y", [[0, 0], [0, 0], [127, weight]])
    return replace(case.graph, projections=(projection,))


def test_the_input_bias_counts_in_the_bound() -> None:
    for weight in (1, -1):
        bounded(weight)
    for weight in (2, -2):
        with pytest.raises(StageError, match=r"y, neuron 2: .* is 262145, the contract .* allows 262144"):
            bounded(weight)
