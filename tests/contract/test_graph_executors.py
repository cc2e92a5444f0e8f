"""Executors of graphs agree: with the vectors worked out by hand, and with each other on random networks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
import pytest
from c_programs import FAST, Programs
from golden import GOLDEN, GoldenCase, assert_same_trace
from graph_golden import GRAPH_GOLDEN
from hypothesis import HealthCheck, given, note, settings
from networks import networks_with_input

from snnc.hwsim import event_driven, oracle
from snnc.hwsim.delivery import KERNELS
from snnc.stages import QuantizedGraph, Trace
from snnc.targets.c.graph import executor as c_program
from snnc.targets.c.graph.emitter import GraphProgram
from snnc.targets.onnx.executor import OnnxReferenceExecutor, OnnxRuntimeExecutor
from snnc.trainer import integer_model

Run = Callable[[QuantizedGraph, np.ndarray], Trace]

SLOW: dict[str, Run] = {
    "onnxruntime": OnnxRuntimeExecutor(threads=1).run_graph,
    "onnx-reference": OnnxReferenceExecutor().run_graph,
    "c": partial(c_program.run_graph, flags=("-std=c99", "-O0")),
}
"""What reads a new program for each graph, and so runs fewer random ones."""
COMPILED: dict[str, Run] = {
    f"hwsim, {kernel}": partial(event_driven.run_graph, kernel=kernel) for kernel in KERNELS
}
"""Whose loops take seconds to compile on a new machine."""
EXECUTORS: dict[str, Run] = {
    "oracle": oracle.run_graph,
    "torch": integer_model.run_graph,
    **COMPILED,
    **SLOW,
}
"""What runs any graph of the contract, with all counts of saturations."""
OTHERS = [name for name in EXECUTORS if name not in ("oracle", *SLOW)]
CASES = [*GOLDEN, *GRAPH_GOLDEN]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name in (*SLOW, *COMPILED) else [])
        for name in EXECUTORS
        if name != "c"
    ],
)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_golden_vectors(name: str, case: GoldenCase) -> None:
    assert_same_trace(EXECUTORS[name](case.graph, case.input), case.layers)


@pytest.fixture(scope="module")
def in_c(tmp_path_factory: pytest.TempPathFactory) -> Programs:
    """The programs of all cases, chains as the graphs that they are, compiled at once."""
    written = [GraphProgram(case.graph).files() for case in CASES]
    return Programs([case.graph for case in CASES], tmp_path_factory.mktemp("c"), FAST, written)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(CASES)), ids=[case.name for case in CASES])
def test_golden_vectors_in_c(number: int, in_c: Programs) -> None:
    case = CASES[number]
    assert_same_trace(Trace("c", in_c.decoded(number, case.input)[0]), case.layers)


@given(pair=networks_with_input())
@settings(max_examples=300, suppress_health_check=list(HealthCheck))
def test_random_networks(pair: tuple[QuantizedGraph, np.ndarray]) -> None:
    agree(OTHERS, *pair)


@given(pair=networks_with_input())
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
def test_some_random_networks(pair: tuple[QuantizedGraph, np.ndarray]) -> None:
    agree(SLOW, *pair)


def agree(names: Iterable[str], graph: QuantizedGraph, spikes: np.ndarray) -> None:
    """Each of these gives what the oracle does. (To draw a network takes longer than to run it.)"""
    expected = oracle.run_graph(graph, spikes)
    for name in names:
        note(f"executor: {name}")  # the last one differs, if one does
        assert_same_trace(EXECUTORS[name](graph, spikes), expected.layers)
