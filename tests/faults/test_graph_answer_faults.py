"""Faults seeded into what emitted programs of a graph answer: `verify` finds each and names the readout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import onnx
import pytest
from answer_faults import node
from c_programs import built_sooner
from graph_cases import dense, graph_of, li, lif, readout, source
from onnx import helper, numpy_helper
from wrong_executors import in_memory

from snnc.report.verdict import Outcome, verdict
from snnc.stages import AnswerDifference, Rung
from snnc.targets.c.emitter import sources
from snnc.targets.onnx.emitter import MODEL, PROBE, model_bytes
from snnc.verification.comparison import InputGroup
from snnc.verification.verify import verify

pytestmark = pytest.mark.slow

LN2 = float(np.log(2))


def named(of, *names):
    return replace(of, class_names=names)


# y is softmax over 3 of 4 steps, z counts, s sums; h spikes with x and one step later with itself.
GRAPH = graph_of(
    [
        source("x", 2),
        source("p", 1, payload_max=3),
        lif("h", 2, threshold=1),
        li("y", 3, end=3),
        lif("z", 2),
        li("s", 2),
    ],
    [
        dense("x", "h", [[2, 0], [0, 2]]),
        dense("p", "h", [[1], [0]], 1),
        dense("h", "y", [[3, -1], [-1, 2], [1, 1]]),
        dense("h", "z", [[1, 0], [0, 1]]),
        dense("h", "s", [[1, -1], [2, 1]], 1),
    ],
    4,
    [
        named(readout("y", "softmax", 3, [LN2 / 64, LN2 / 128, LN2 / 32]), "red", "green", "blue"),
        named(readout("z", "count", 2), "left", "right"),
        named(readout("s", "sum", 2, [0.5, 0.25]), "up", "down"),
    ],
)
GOLDEN = np.array([[[1, 1, 0], [0, 1, 0], [1, 0, 2], [0, 1, 3]]], np.uint8)
EVENTS = np.random.default_rng(3).integers(0, 2, (7, 4, 3)).astype(np.uint8) * np.array([1, 1, 3], np.uint8)


def wrong(target: str, executor: str, files: dict[str, bytes]) -> AnswerDifference:
    """What verify says of the only difference, which is none of states."""
    artifact = replace(in_memory(GRAPH, GOLDEN, target), program=files)
    report = verify(artifact, [InputGroup("own", EVENTS)], executors=[executor])
    assert verdict(report).outcome is Outcome.NOT_EQUAL
    (result,) = report.compared
    assert result.divergence is None
    assert result.failed is None
    assert result.answer is not None
    assert result.rung <= (Rung.SHIFTED_SPIKES if result.answer.kind == "fact" else Rung.CLASS)
    return result.answer


CLASS = "if (s->decoded{0}[i] > s->decoded{0}[best])"
HEX = {0.5: "0x1.0000000000000p-1", 0.25: "0x1.0000000000000p-2"}
STDIN, CALLED = "main.c from standard input, ", "snn_step, snn_score and snn_class, "
WORDS, LARGEST = "main.c --classes and --names", "main.c, the largest events that it takes"

# file, what stands there, what is put in its place -> who answers wrongly, in what, and where
C: dict[str, tuple[str, str, str, str, str, str]] = {
    "scores of softmax without a scale": (
        "snn.c",
        "part[i] = (double)v[i] * scale0[i];",
        "part[i] = (double)v[i];",
        *("snn.c", "score", "score of class 0 (red) of y"),
    ),
    "a step beyond the end is decoded": (
        "snn.c",
        "if (s->step < 3u)",
        "if (s->step < 4u)",
        *("snn.c", "score", "score of class 0 (red) of y"),
    ),
    "a scale of one class": (
        "snn.c",
        HEX[0.25],
        HEX[0.5],
        *("snn.c", "score", "score of class 1 (down) of s"),
    ),
    "the smallest score": (
        "snn.c",
        CLASS.format(0),
        CLASS.format(0).replace(" > ", " < "),
        *("snn.c", "class", "class of y"),
    ),
    "the last of equal scores": (
        "snn.c",
        CLASS.format(1),
        CLASS.format(1).replace(" > ", " >= "),
        *("snn.c", "class", "class of z"),
    ),
    "a name": ("snn.c", '"green"', '"blue"', "snn.h and snn_class_name", "name", "name of class 1 of y"),
    "--names prints those of another readout": (
        "main.c",
        "snn_class_name(readout, found)",
        "snn_class_name(1u, found % 2u)",
        *(WORDS, "name", "name of class "),
    ),
    "--classes counts from one": (
        "main.c",
        "(unsigned long)found, end",
        "(unsigned long)found + 1u, end",
        *(WORDS, "class", "class of y"),
    ),
    "without options v for spikes": (
        "main.c",
        "snn_readout_spikes[readout] != 0u) ?",
        "snn_readout_spikes[readout] > 1u) ?",
        *("main.c", "spike", "spike of z neuron "),
    ),
    "without -DSNN_COUNT a score is lost": (
        "snn.c",
        "return (double)s->decoded1[i];",
        "#ifndef SNN_COUNT\n    if (i == 1u) { return 0.0; }\n#endif\n    return (double)s->decoded1[i];",
        *("snn.c, -DSNN_SCORES", "score", "score of class 1 (right) of z"),
    ),
    "two networks share what is counted": (
        "snn.c",
        "s->decoded1[i] += (int32_t)spikes[i];",
        "static int32_t all[2];\n            if (s->step == 0u) { all[i] = 0; }\n"
        "            all[i] += (int32_t)spikes[i];\n            s->decoded1[i] = all[i];",
        *(CALLED, "score", "score of class "),
    ),
    "from the 65th sample of a process on, nothing is reset": (
        "main.c",
        "snn_reset(&state);",
        "{ static int n; if (n++ < 64) { snn_reset(&state); } }",
        *(STDIN, "v", "v of y neuron "),
    ),
    "the duration of a step": (
        "snn.h",
        "#define SNN_STEP_SECONDS 0x1.0624dd2f1a9fcp-10",
        "#define SNN_STEP_SECONDS 0.002",
        *("snn.h", "fact", "bin_s of the network"),
    ),
    "the lines of an input": (
        "snn.c",
        "\n    0, 2, 3\n",
        "\n    0, 1, 3\n",
        *("snn.h", "fact", "input_lines of the network"),
    ),
    "the last line is not looked at": (
        "main.c",
        "i < snn_first_line[input + 1u]; i++",
        "i + 1u < snn_first_line[input + 1u]; i++",
        *(LARGEST, "fact", "payload_maxes of the network"),
    ),
}


@pytest.mark.parametrize("fault", C)
def test_c(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    built_sooner(monkeypatch)
    file, old, new, by, kind, what = C[fault]
    files = sources(GRAPH)
    assert files[file].count(old.encode()) == 1
    found = wrong("c", "c", {**files, file: files[file].replace(old.encode(), new.encode())})
    assert (found.by[: len(by)], found.kind, found.what[: len(what)]) == (by, kind, what)


Edit = Callable[[onnx.ModelProto], None]


def least(model: onnx.ModelProto) -> None:
    node(model, "class_1").op_type = "ArgMin"


def last_of_equals(model: onnx.ModelProto) -> None:
    node(model, "class_2").attribute.append(helper.make_attribute("select_last_index", 1))


def scale(model: onnx.ModelProto) -> None:
    constant = next(each for each in model.graph.initializer if each.name == "readout_scale_3")
    constant.CopyFrom(numpy_helper.from_array(np.array([0.5, 0.5]), "readout_scale_3"))


def told(key: str, old: str, new: str) -> Edit:
    def edit(model: onnx.ModelProto) -> None:
        entry = next(each for each in model.metadata_props if each.key == key)
        assert entry.value.count(old) == 1
        entry.value = entry.value.replace(old, new)

    return edit


ONNX: dict[str, tuple[Edit, str, str]] = {
    "ArgMin for ArgMax": (least, "class", "class of y"),
    "the last of equal scores": (last_of_equals, "class", "class of z"),
    "a scale of one class": (scale, "score", "score of class 1 (down) of s"),
    "names exchanged": (
        told("readouts", '["left", "right"]', '["right", "left"]'),
        "name",
        "name of class 0 of z",
    ),
    "a name too many": (told("readouts", '"down"', '"down", "back"'), "fact", "classes of s"),
    "a decoder": (told("readouts", '"sum"', '"max"'), "fact", "decoder of s"),
    "the largest event": (told("inputs", "3", "255"), "fact", "payload_maxes of the network"),
    "the duration of a step": (told("bin_s", "0.001", "0.002"), "fact", "bin_s of the network"),
}


@pytest.mark.parametrize(
    ("fault", "file", "executor"),
    [
        *((fault, MODEL, "onnxruntime") for fault in ONNX),
        ("ArgMin for ArgMax", PROBE, "onnxruntime"),
        ("a scale of one class", MODEL, "onnx-reference"),
    ],
)
def test_onnx(fault: str, file: str, executor: str) -> None:
    edit, kind, what = ONNX[fault]
    files = {MODEL: model_bytes(GRAPH), PROBE: model_bytes(GRAPH, probe=True)}
    model = onnx.load_model_from_string(files[file])
    edit(model)
    found = wrong("onnx", executor, {**files, file: model.SerializeToString()})
    assert (found.by, found.kind, found.what) == (file, kind, what)


@pytest.mark.parametrize("name", ["c", "onnxruntime"])
def test_what_is_right_is_equal(name: str) -> None:
    onnx_files = {MODEL: model_bytes(GRAPH), PROBE: model_bytes(GRAPH, probe=True)}
    target, files = ("c", sources(GRAPH)) if name == "c" else ("onnx", onnx_files)
    artifact = replace(in_memory(GRAPH, GOLDEN, target), program=files)
    (result,) = verify(artifact, [InputGroup("own", EVENTS)], executors=[name]).compared
    assert result.rung is Rung.BIT_EXACT
    assert len(result.answers) == (25 if name == "c" else 6)
