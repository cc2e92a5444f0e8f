"""Seeded faults in what writes the ONNX graph: the golden vectors catch each, in both executors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest
from edits import Edit
from golden import GOLDEN, GoldenCase, artifact_of
from graph_golden import GRAPH_GOLDEN
from onnx_graph_edits import ONNX_GRAPHS
from planting import copy_of
from program_edits import ONNX

from snnc.plugins.executors import EXECUTORS, load_executor
from snnc.stages import LayerTrace, Trace

pytestmark = pytest.mark.slow

BOTH = ("onnxruntime", "onnx-reference")


def caught(
    name: str,
    edits: Iterable[Edit],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    cases: Sequence[GoldenCase] = GOLDEN,
) -> bool:
    """Whether the executor `name` with `edits` fails one of `cases`; it must run until then."""
    monkeypatch.setitem(EXECUTORS, name, copy_of(name, edits, folder, monkeypatch))
    executor = load_executor(name)
    return any(differs(executor.run(artifact_of(case.graph), case.input), case.layers) for case in cases)


def differs(trace: Trace, expected: tuple[LayerTrace, ...]) -> bool:
    fields = ("u", "w", "v", "spikes", "u_wraps", "v_clips", "w_clips")
    return any(
        not np.array_equal(getattr(ours, field), getattr(theirs, field))
        for ours, theirs in zip(trace, expected, strict=True)
        for field in fields
    )


@pytest.mark.parametrize("name", BOTH)
def test_a_copy_without_a_fault_passes(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not caught(name, [], tmp_path, monkeypatch, [*GOLDEN, *GRAPH_GOLDEN])


@pytest.mark.parametrize("fault", ONNX)
def test_each_fault_is_caught(fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in BOTH:
        assert caught(name, ONNX[fault], tmp_path, monkeypatch)


@pytest.mark.parametrize("fault", ONNX_GRAPHS)
def test_each_fault_of_graphs_is_caught(fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert caught("onnxruntime", ONNX_GRAPHS[fault], tmp_path, monkeypatch, GRAPH_GOLDEN)
