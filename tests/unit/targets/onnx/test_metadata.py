"""What ONNX files of graphs tell of themselves is read strictly."""

from __future__ import annotations

import json
from typing import Any

import pytest

from snnc.errors import ExecutorError
from snnc.targets.onnx.metadata import Metadata

READOUTS = [
    {"number": 1, "population": "y", "decoder": "last", "class_names": ["a", "é"]},
    {"number": 0, "population": "h", "decoder": "count", "class_names": ["c"]},
]
HELD = {
    "graph_hash": "f" * 64,
    "semantics_version": "2",
    "population_names": '["h", "y"]',
    "readouts": json.dumps(READOUTS),
    "inputs": json.dumps([{"population": "x", "lines": 25, "payload_max": 3}]),
    "bin_s": "0.001",
    "time_steps": "4",
}


def test_what_a_graph_tells() -> None:
    told = Metadata("a.onnx", HELD)
    assert told.of_graph() == {
        **{"graph_hash": "f" * 64, "semantics_version": 2, "time_steps": 4, "bin_s": 0.001},
        **{"layer_names": ("h", "y"), "readout_names": ("y", "h")},
        **{"input_names": ("x",), "input_lines": ("25",), "payload_maxes": ("3",)},
    }
    assert told.of_readout(1) == (("a", "é"), {"decoder": "last", "classes": 2})
    assert told.of_readout(0) == (("c",), {"decoder": "count", "classes": 1})


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"inputs": None}, "metadata of a.onnx: missing inputs"),
        ({"bin_s": "1 ms"}, "bin_s of a.onnx: is not a number"),
        ({"population_names": "h, y"}, "population_names of a.onnx: is not a JSON list of names"),
        ({"population_names": '["h", 1]'}, "population_names of a.onnx: is not a JSON list of names"),
        ({"readouts": "{}"}, "readouts of a.onnx: is not a JSON list of objects of number, population"),
        ({"readouts": "[1]"}, "readouts of a.onnx: is not a JSON list of objects"),
        ({"readouts": json.dumps([READOUTS[0] | {"number": "1"}])}, "is not a JSON list of objects"),
        ({"readouts": json.dumps([READOUTS[0] | {"more": 1}])}, "is not a JSON list of objects"),
        (
            {"inputs": '[{"population": "x", "lines": true, "payload_max": 1}]'},
            "inputs of a.onnx: is not a JSON list of objects of population, lines, payload_max",
        ),
    ],
)
def test_what_is_wrong(changed: dict[str, Any], why: str) -> None:
    held = {key: value for key, value in (HELD | changed).items() if value is not None}
    with pytest.raises(ExecutorError, match=why):
        Metadata("a.onnx", held).of_graph()


@pytest.mark.parametrize(
    ("readouts", "why"),
    [
        ([READOUTS[1]], "readouts of a.onnx: 0 have the number 1, expected one"),
        ([READOUTS[0], READOUTS[0]], "readouts of a.onnx: 2 have the number 1, expected one"),
        ([READOUTS[0] | {"class_names": ["a", 1]}], "class_names of 1 is not a list of names"),
    ],
)
def test_a_readout_that_is_wrong(readouts: list[Any], why: str) -> None:
    with pytest.raises(ExecutorError, match=why):
        Metadata("a.onnx", HELD | {"readouts": json.dumps(readouts)}).of_readout(1)
