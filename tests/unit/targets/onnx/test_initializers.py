"""Each constant in an ONNX file is one that a node takes: onnxruntime warns of others."""

from __future__ import annotations

from collections.abc import Iterator

import onnx
import pytest
from golden import GOLDEN
from graph_golden import GRAPH_GOLDEN

from snnc.stages import QuantizedGraph
from snnc.targets.onnx.network import onnx_model

CASES = [*GOLDEN, *GRAPH_GOLDEN]


def graphs_in(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    """It and the bodies of its nodes."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from graphs_in(attribute.g)


def unused(graph: QuantizedGraph, probe: bool) -> set[str]:
    found = set()
    for each in graphs_in(onnx_model(graph, probe=probe).graph):
        taken = {name for inner in graphs_in(each) for node in inner.node for name in node.input}
        found |= {constant.name for constant in each.initializer} - taken
    return found


@pytest.mark.parametrize("probe", [False, True])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_constant_is_left_over(case, probe: bool) -> None:
    assert unused(case.graph, probe) == set()
    onnx.checker.check_model(onnx_model(case.graph, probe=probe), full_check=True)
