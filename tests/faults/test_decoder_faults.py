"""Faults seeded into the decoders that programs ship: verify, as users run it, finds and names each."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from answer_faults import found, node, npz, text
from c_programs import built_sooner
from models import saved, tamper, tiny_model
from onnx import helper, numpy_helper

from snnc.cli import main

pytestmark = pytest.mark.slow

NAMES_BACKWARDS = ["c", "b", "a"]


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("exported")
    model = str(saved(tiny_model(), folder))
    for target in ("onnx", "c"):
        assert main(["export", model, "--target", target, "--no-budget"]) == 0
    return {target: folder / f"model.{target}" for target in ("onnx", "c")}


Edit = Callable[[onnx.ModelProto], None]


def of_type(name: str, kind: str) -> Edit:
    def edit(model: onnx.ModelProto) -> None:
        node(model, name).op_type = kind

    return edit


def last_of_equals(model: onnx.ModelProto) -> None:
    node(model, "class").attribute.append(helper.make_attribute("select_last_index", 1))


def inverted(model: onnx.ModelProto) -> None:
    """Scores of the negative readout, and the class of these."""
    scaled = node(model, "v.scaled")
    model.graph.node.insert(
        list(model.graph.node).index(scaled) + 1,
        helper.make_node("Neg", ["v.scaled"], ["v.negative"], name="v.negative"),
    )
    node(model, "v.shares").input[0] = "v.negative"


def scale(model: onnx.ModelProto) -> None:
    constant = next(each for each in model.graph.initializer if each.name == "readout_scale")
    constant.CopyFrom(numpy_helper.from_array(np.array(7.5), "readout_scale"))


def names(model: onnx.ModelProto) -> None:
    entry = next(each for each in model.metadata_props if each.key == "class_names")
    entry.value = json.dumps(NAMES_BACKWARDS)


def softmax_over_time(model: onnx.ModelProto) -> None:
    del node(model, "v.shares").attribute[:]
    node(model, "v.shares").attribute.append(helper.make_attribute("axis", 1))


def mean(model: onnx.ModelProto) -> None:
    shares = node(model, "scores")
    shares.op_type = "ReduceMean"
    del shares.input[1]
    shares.attribute.append(helper.make_attribute("axes", [1]))


ONNX: dict[str, tuple[Edit, str, str]] = {
    "ArgMin for ArgMax": (of_type("class", "ArgMin"), "class", "smallest score"),
    "the last of equal scores": (last_of_equals, "class", "must take the first"),
    "inverted scores": (inverted, "score", "readout_scale"),
    "readout_scale 7.5": (scale, "score", "readout_scale"),
    "class names in reverse": (names, "name", "order of the class names"),
    "softmax over the steps": (softmax_over_time, "score", "softmax"),
    "the mean for the sum": (mean, "score", "add up to 1 instead of the 12 steps"),
}


@pytest.mark.parametrize(
    ("fault", "file"), [*((fault, "model.onnx") for fault in ONNX), ("ArgMin for ArgMax", "probe.onnx")]
)
def test_onnx(fault: str, file: str, exported: dict[str, Path], tmp_path: Path) -> None:
    edit, kind, look_at = ONNX[fault]
    artifact = Path(shutil.copytree(exported["onnx"], tmp_path / "model.onnx"))

    def changed(data: bytes) -> bytes:
        model = onnx.load_model_from_string(data)
        edit(model)
        return model.SerializeToString()

    tamper(artifact, file, changed)
    wrong = found(artifact, "onnxruntime")
    assert (wrong.by, wrong.kind) == (file, kind)
    assert look_at in wrong.look_at


C: dict[str, tuple[str, str, str, str, str]] = {
    "the smallest score": (
        "snn.c",
        "score[i] > s->score[best]",
        "score[i] < s->score[best]",
        "class",
        "small",
    ),
    "the last of equal scores": (
        "snn.c",
        "score[i] > s->score[best]",
        "score[i] >= s->score[best]",
        "class",
        "first",
    ),
    "the last class is never taken": (
        "snn.c",
        "int i, best = 0;\n\n    for (i = 1; i < SNN_CLASSES; i++)",
        "int i, best = 0;\n\n    for (i = 1; i < SNN_CLASSES - 1; i++)",
        "class",
        "argmax",
    ),
    "inverted": ("snn.c", "(v[i] - top) * SNN", "(top - v[i]) * SNN", "score", "readout_scale"),
    "scale": ("snn.c", "* SNN_READOUT_SCALE", "* 7.5", "score", "readout_scale"),
    "no quotient": ("snn.c", "+= part[i] / total", "+= part[i]", "score", "add up to"),
    "the scores of the last step": ("snn.c", "score[i] += part", "score[i] = part", "score", "add up to 1 "),
    "float for double": ("snn.c", "part[i] = exp(", "part[i] = (float)exp(", "score", "softmax"),
    "--classes counts from one": (
        "main.c",
        '"%d\\n", snn_class(&state)',
        '"%d\\n", 1 + snn_class(&state)',
        "class",
        "argmax",
    ),
    "without options the step before": (
        "main.c",
        "end = put_all(end, snn_readout(&state), SNN_CLASSES);",
        "{ static int32_t old[SNN_CLASSES]; end = put_all(end, old, SNN_CLASSES);"
        " memcpy(old, snn_readout(&state), sizeof old); }",
        "v",
        "states were not compared",
    ),
}


@pytest.mark.parametrize("fault", C)
def test_c(fault: str, exported: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built_sooner(monkeypatch)
    file, old, new, kind, look_at = C[fault]
    artifact = Path(shutil.copytree(exported["c"], tmp_path / "model.c"))
    tamper(artifact, file, text(old, new))
    wrong = found(artifact, "c")
    assert wrong.kind == kind
    assert look_at in wrong.look_at


LAVA: dict[str, tuple[str, Callable[[bytes], bytes], str, str]] = {
    "readout_scale 7.5": (
        "program.npz",
        lambda data: npz(data, readout_scale=np.float64(7.5)),
        "score",
        "readout_scale",
    ),
    "class names in reverse": (
        "program.npz",
        lambda data: npz(data, class_names=np.array(NAMES_BACKWARDS)),
        "name",
        "order of the class names",
    ),
    "argmin": ("run.py", text("scores.argmax(axis=1)", "scores.argmin(axis=1)"), "class", "smallest score"),
    "prints another name": (
        "run.py",
        text("program['class_names'][index]}", "program['class_names'][index - 1]}"),
        "name",
        "into a name",
    ),
}


@pytest.mark.lava
@pytest.mark.parametrize("fault", LAVA)
def test_lava(fault: str, tiny_artifact: Path) -> None:
    file, change, kind, look_at = LAVA[fault]
    tamper(tiny_artifact, file, change)
    wrong = found(tiny_artifact, "lava-event")
    assert (wrong.by, wrong.kind) == ("run.py", kind)
    assert look_at in wrong.look_at
