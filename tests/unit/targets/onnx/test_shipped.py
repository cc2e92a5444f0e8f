"""What the ONNX files declare and tell: a fault in each, as verify sees it; and the interface of the docs."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from loihi_artifacts import chain, layer
from models import ON_GOLDEN, saved, tamper, tiny_model
from places import DOCS

from snnc.cli import main
from snnc.errors import ExecutorError
from snnc.stages import Rung
from snnc.targets.onnx.answers import check_interface
from snnc.targets.onnx.emitter import MODEL, PROBE, model_bytes

pytestmark = pytest.mark.slow

Edit = Callable[[onnx.ModelProto], None]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("onnx")
    assert main(["export", str(saved(tiny_model(), folder)), "--target", "onnx", "--no-budget"]) == 0
    return folder / "model.onnx"


def verified(exported: Path, folder: Path, file: str, edit: Edit) -> tuple[int, dict[str, Any]]:
    """Exit code, and onnxruntime in the report, of the artifact with `file` edited."""
    artifact = Path(shutil.copytree(exported, folder / "model.onnx"))

    def changed(data: bytes) -> bytes:
        model = onnx.load_model_from_string(data)
        edit(model)
        return model.SerializeToString()

    tamper(artifact, file, changed)
    options = [*ON_GOLDEN, "--executors", "onnxruntime", "--trust-program"]
    code = main(["verify", str(artifact), *options])
    report = json.loads((artifact / "report.json").read_text())
    (row,) = (row for row in report["executors"] if row["name"] == "onnxruntime")
    return code, row


def told(key: str, value: str | None) -> Edit:
    """The metadata `key` are `value`, or are not there."""

    def edit(model: onnx.ModelProto) -> None:
        (entry,) = [each for each in model.metadata_props if each.key == key]
        if value is None:
            model.metadata_props.remove(entry)
        else:
            entry.value = value

    return edit


@pytest.mark.parametrize("file", [MODEL, PROBE])
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("graph_hash", "0" * 64),
        ("semantics_version", "2"),
        ("layer_names", '["readout", "hidden1"]'),
        ("bin_s", "0.5"),
        ("time_steps", "13"),
        ("payload_max", "255"),
    ],
)
def test_metadata_that_are_not_the_networks(
    key: str, value: str, file: str, exported: Path, tmp_path: Path
) -> None:
    code, row = verified(exported, tmp_path, file, told(key, value))
    assert (code, row["failed"], row["divergence"]) == (1, None, None)
    assert (row["answer"]["by"], row["answer"]["kind"]) == (file, "fact")
    assert row["answer"]["what"] == f"{key} of the network"
    assert row["rung"]["level"] == Rung.SHIFTED_SPIKES


def first_input(model: onnx.ModelProto) -> onnx.ValueInfoProto:
    return model.graph.input[0]


def fixed_batch(model: onnx.ModelProto) -> None:
    first_input(model).type.tensor_type.shape.dim[0].dim_value = 5  # the first of two batches is of 5


def free_steps(model: onnx.ModelProto) -> None:
    first_input(model).type.tensor_type.shape.dim[1].dim_param = "T"


def other_name(model: onnx.ModelProto) -> None:
    first_input(model).name = "events"
    (cast,) = [node for node in model.graph.node if "spikes" in node.input and node.op_type == "Cast"]
    cast.input[0] = "events"
    (shape,) = [node for node in model.graph.node if node.op_type == "Shape"]
    shape.input[0] = "events"


def more_outputs(model: onnx.ModelProto) -> None:
    info = onnx.helper.make_tensor_value_info("v.float", onnx.TensorProto.DOUBLE, ("batch", 12, 3))
    model.graph.output.append(info)


def shape_of_v(model: onnx.ModelProto) -> None:
    (v,) = [each for each in model.graph.output if each.name == "v"]
    v.type.tensor_type.shape.dim[1].dim_param = "steps"


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (told("bin_s", None), "metadata of model.onnx: missing bin_s"),
        (told("bin_s", "20 ms"), "bin_s of model.onnx: is not a number"),
        (told("layer_names", "hidden1"), "layer_names of model.onnx: is not a JSON list"),
        (
            free_steps,
            "input 'spikes' of model.onnx: is uint8 [batch, batch, 5], expected uint8 [batch, 12, 5]",
        ),
        (more_outputs, "output 'v.float' of model.onnx: is float64 [batch, 12, 3], expected none"),
        (shape_of_v, "output 'v' of model.onnx: is int32 [batch, batch, 3], expected int32 [batch, 12, 3]"),
        (other_name, "the model does not run"),
        (fixed_batch, "the model does not run"),
    ],
)
def test_what_the_documentation_does_not_say(edit: Edit, why: str, exported: Path, tmp_path: Path) -> None:
    code, row = verified(exported, tmp_path, MODEL, edit)
    assert code == 2
    assert why in row["failed"]


def test_the_table_of_the_docs_is_what_a_file_declares() -> None:
    """T = 4, two inputs, three hidden neurons, two classes; expected from docs/onnx.md."""
    page = (DOCS / "onnx.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (\[.*?\]) \|", page, re.M)
    assert [name for name, *_ in rows] == ["spikes", "v", "scores", "class"]
    graph = chain(
        layer(np.ones((3, 2), int), name="a", threshold=1), layer(np.ones((2, 3), int)), time_steps=4
    )
    sizes = {"T": "4", "inputs": "2", "classes": "2"}
    expected = {
        name: f"{kind} {re.sub('T|inputs|classes', lambda found: sizes[found[0]], shape)}"
        for name, kind, shape in rows
    }
    more = {
        **{"u_0": "int32 [batch, 4, 3]", "v_0": "int32 [batch, 4, 3]", "s_0": "bool [batch, 4, 3]"},
        **{"u_1": "int32 [batch, 4, 2]", "v_1": "int32 [batch, 4, 2]"},
        **{f"{name}_{index}": "int64 [4]" for name in ("u_wraps", "v_clips") for index in (0, 1)},
    }
    kinds = {"UINT8": "uint8", "INT32": "int32", "INT64": "int64", "DOUBLE": "float64", "BOOL": "bool"}
    for probe in (False, True):
        model = onnx.load_model_from_string(model_bytes(graph, probe=probe))
        found = {}
        for each in (*model.graph.input, *model.graph.output):
            tensor = each.type.tensor_type
            shape = ", ".join(dim.dim_param or str(dim.dim_value) for dim in tensor.shape.dim)
            found[each.name] = f"{kinds[onnx.TensorProto.DataType.Name(tensor.elem_type)]} [{shape}]"
        assert found == expected | (more if probe else {})


def test_a_type_that_onnx_does_not_know_and_a_name_twice() -> None:
    graph = chain(layer(np.ones((2, 2), np.int32)), time_steps=4)
    model = onnx.load_from_string(model_bytes(graph, probe=False))
    twice = onnx.ModelProto.FromString(model.SerializeToString())
    twice.graph.input.append(model.graph.input[0])
    with pytest.raises(ExecutorError, match="two of its inputs have the same name"):
        check_interface("a.onnx", twice, graph, probe=False)
    model.graph.input[0].type.tensor_type.elem_type = 77
    with pytest.raises(ExecutorError, match=r"is of type 77, which ONNX does not know, .*, expected uint8"):
        check_interface("a.onnx", model, graph, probe=False)
