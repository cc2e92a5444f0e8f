"""Scores and classes that ONNX files of graphs give (clause 7): golden values, and random networks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from graph_cases import GraphCase, dense, graph_of, li, readout, source
from graph_golden import GRAPH_GOLDEN
from hypothesis import HealthCheck, given, settings
from networks import networks_with_input

from snnc.decoding.decoder import decoders
from snnc.stages import QuantizedGraph, Readout
from snnc.targets.onnx.emitter import model_bytes
from snnc.targets.onnx.executor import OnnxReferenceExecutor, OnnxRuntimeExecutor

EXECUTORS = (OnnxRuntimeExecutor(threads=1), OnnxReferenceExecutor())
ANSWERED = [case for case in GRAPH_GOLDEN if case.answers]
each_executor = pytest.mark.parametrize("executor", EXECUTORS, ids=lambda each: each.name)


def tag(graph: QuantizedGraph, of: Readout) -> str:
    """What names of its outputs end in: its place among the populations that are no input."""
    return "" if graph.is_chain else f"_{graph.trace_index(of.population)}"


def decoded(
    executor: OnnxRuntimeExecutor, graph: QuantizedGraph, events: npt.NDArray[Any]
) -> Mapping[str, Any]:
    return executor.load(model_bytes(graph))(events)


@each_executor
@pytest.mark.parametrize("case", ANSWERED, ids=lambda case: case.name)
def test_golden_scores_and_classes(case: GraphCase, executor: OnnxRuntimeExecutor) -> None:
    out = decoded(executor, case.graph, case.input)
    for of, expected in zip(case.graph.readouts, case.answers, strict=True):
        end = tag(case.graph, of)
        scores, classes = out[f"scores{end}"], out[f"class{end}"]
        assert (scores.dtype, classes.dtype) == (np.float64, np.int64)
        exact = of.decoder in ("count", "first")
        np.testing.assert_allclose(scores, expected.scores[:, -1], rtol=0 if exact else 1e-14)
        known = expected.classes[:, -1] >= 0
        np.testing.assert_array_equal(classes[known], expected.classes[known, -1])


@each_executor
def test_ties_and_scales_by_hand(executor: OnnxRuntimeExecutor) -> None:
    """v = 64 and -64 in both steps, and 192, -128 with weights 3 and -2 and the end 1.

    sum: 128 * 3/2 = 192 and -128 / 4 = -32. max: 64 * 2 and -64 * 2. last, of the first step alone: 192 / 3
    and -128 / 2. A tie in a second sample, all 0: the first class.
    """
    weights = {"sum": [[1], [-1]], "max": [[1], [-1]], "last": [[3], [-2]]}
    scales: dict[str, Any] = {"sum": [1.5, 0.25], "max": 2.0, "last": [1 / 3, 0.5]}
    graph = graph_of(
        [source(), *(li(name, 2, end=1 if name == "last" else None) for name in weights)],
        [dense("x", name, weight) for name, weight in weights.items()],
        2,
        [readout(name, name, 2, scales[name]) for name in weights],
    )
    out = decoded(executor, graph, np.array([[[1], [0]], [[0], [0]]], np.uint8))
    for number, scores in enumerate(([192, -32], [128, -128], [64, -64])):
        np.testing.assert_allclose(out[f"scores_{number}"], [scores, [0, 0]], rtol=1e-15)
        np.testing.assert_array_equal(out[f"class_{number}"], [0, 0])


@each_executor
@given(pair=networks_with_input(most=3))
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
def test_random_networks_decode_within_the_bound(
    executor: OnnxRuntimeExecutor, pair: tuple[QuantizedGraph, npt.NDArray[np.uint8]]
) -> None:
    """Of the same v or spikes as the host's decoder, which other tests hold to exact numbers."""
    graph, events = pair
    trace, out = executor.run_graph(graph, events), decoded(executor, graph, events)
    for decoder in decoders(graph):
        end, record = tag(graph, decoder.readout), decoder.record(trace.layers)
        np.testing.assert_array_equal(out[("s" if decoder.of_spikes else "v") + end], record)
        close = 2 * decoder.tolerance(record)[:, None]
        assert (np.abs(out[f"scores{end}"] - decoder.scores(record)) <= close).all()
        assert decoder.allowed(record, out[f"class{end}"]).all()
