"""Tables of synapses, kernels of convolutions and what they take, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from graph_cases import dense, graph_of, li, lif, listed, source

from snnc.errors import ExecutorError, LimitError
from snnc.stages import Convolution, Projection
from snnc.targets.onnx import emitter
from snnc.targets.onnx.emitter import check_graph, file_bytes
from snnc.targets.onnx.executor import OnnxRuntimeExecutor
from snnc.targets.onnx.kernels import columns, delays, kernels
from snnc.targets.onnx.synapses import row_groups, synapse_tables, table_places

FAN_INS = np.array([0, 1, 2, 5, 3, 4])


def test_neurons_of_like_fan_in_share_a_table() -> None:
    groups = row_groups(FAN_INS, together=False)
    assert [each.tolist() for each in groups] == [[0, 1], [2], [4, 5], [3]]
    assert table_places(FAN_INS, together=False) == 2 * 1 + 1 * 2 + 2 * 4 + 1 * 5
    assert [each.tolist() for each in row_groups(FAN_INS, together=True)] == [[0, 1, 2, 3, 4, 5]]
    assert table_places(FAN_INS, together=True) == 6 * 5


def test_a_table_is_no_larger_than_twice_its_synapses() -> None:
    """One neuron of 10,000 has a synapse from each of 10,000 lines, the others have one."""
    fan_ins = np.array([10_000] + [1] * 9_999)
    assert table_places(fan_ins, together=False) == 19_999


def test_places_in_a_history() -> None:
    """Of 3 inputs: delay * 3 + input; a step sooner in a history without the present step."""
    synapses = listed(3, 2, (2, 0, 7, 1), (0, 0, -200, 4), (1, 0, 5, 9), (1, 1, 6, 1))
    (one,), (two,) = [
        [each for each in synapse_tables(synapses, 3, 9, together=True, sooner=sooner)] for sooner in (0, 1)
    ]
    assert one.place.tolist() == [[12, 5], [4, 0]]  # that of delay 9 arrives at step 9 or later
    assert one.weight.tolist() == [[-200, 7], [6, 0]]
    assert (one.weight.dtype, one.place.dtype) == (np.int16, np.int32)
    assert two.place.tolist() == [[9, 2], [1, 0]]


def test_kernels_by_delay() -> None:
    """Of 1 x 4 elements on one column, padded by 1 at each side, the first and the last read it nowhere."""
    of = Convolution(np.array([[[[1, 2, 3]]]]), np.array([[[[0, 4, 6]]]]), (1, 1, 1), padding=(0, 1))
    assert delays(of, 7) == [4]
    assert {key: each.tolist() for key, each in kernels(of, 7).items()} == {4: [[[[0, 2, 0]]]]}
    assert delays(of, 4) == []
    wide = Convolution(np.array([[[[1, 2, 0]]]]), np.array([[[[3, 0, 1]]]]), (1, 1, 4))
    found = kernels(wide, 4)
    assert {key: each.tolist() for key, each in found.items()} == {0: [[[[0, 2, 0]]]], 3: [[[[1, 0, 0]]]]}
    assert columns(wide) == 3 * 2


def test_what_no_file_holds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights of 8 bits: 25 for each of two delays; a table of 1 x 4 places takes 4 + 1 bytes a place."""
    kernel = np.ones((1, 1, 5, 5), int)
    of = Convolution(kernel, np.arange(25).reshape(kernel.shape) % 2, (1, 6, 6))
    graph = graph_of(
        [source(neurons=36), lif("h", 4), li("y", 1)],
        [Projection("x", "h", of), dense("h", "y", [[1, 1, 1, 1]], 3)],
        9,
    )
    assert [file_bytes(each, graph) for each in graph.projections] == [50, 20]
    monkeypatch.setattr(emitter, "FILE_LIMIT", 70)
    check_graph(graph)
    monkeypatch.setattr(emitter, "FILE_LIMIT", 69)
    with pytest.raises(LimitError, match=r"y: .* takes 70 bytes and more, the limit is 69"):
        check_graph(graph)
    with pytest.raises(ExecutorError, match="onnxruntime: y"):
        OnnxRuntimeExecutor().run_graph(graph, np.zeros((1, 9, 36), np.uint8))
    monkeypatch.undo()
    monkeypatch.setattr(emitter, "PLACES", 71)
    with pytest.raises(LimitError, match="h: 36 inputs times delays of up to 1 steps are more than 71"):
        check_graph(graph)
