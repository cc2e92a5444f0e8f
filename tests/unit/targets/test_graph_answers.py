"""What programs of a graph decode of every readout, against scores and classes worked out by hand."""

from __future__ import annotations

import re
import subprocess
import textwrap
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from answered_graph import assert_right, expected, joined
from golden import artifact_of
from places import DOCS

from snnc.stages import Artifact, Trace
from snnc.targets.c.emitter import sources
from snnc.targets.c.executor import CExecutor
from snnc.targets.onnx.emitter import MODEL, PROBE, model_bytes
from snnc.targets.onnx.executor import OnnxReferenceExecutor, OnnxRuntimeExecutor
from snnc.verification.answers import answer_differences

pytestmark = pytest.mark.slow

GRAPH, EVENTS = joined()
RIGHT = expected()


def check(trace: Trace) -> dict[str, list[set[str]]]:
    """Hold all answers to the vectors; what each program gives, by readout."""
    gives: dict[str, dict[str, set[str]]] = defaultdict(dict)
    by_name = {each.readout.population: each for each in RIGHT}
    for answer in trace.answers:
        if answer.decodes:
            assert answer.of is not None
            assert_right(answer, by_name[answer.of])
            gives[answer.by][answer.of] = {*answer.gives} - {"states", "facts"}
    for by, found in gives.items():
        assert list(found) == [each.readout.population for each in RIGHT], by
    assert answer_differences(GRAPH, trace, trace, "own") == {}
    return {by: [*found.values()] for by, found in gives.items()}


def test_all_decoders_are_there() -> None:
    decoders = {each.readout.decoder for each in RIGHT}
    assert decoders == {"softmax", "sum", "max", "last", "count", "first"}


SO_FAR = {"scores", "classes", "scores_so_far", "classes_so_far"}


def test_c() -> None:
    artifact = replace(artifact_of(GRAPH), target="c", program=sources(GRAPH))
    executor = CExecutor()
    trace = executor.run(artifact, EVENTS)
    many = {
        "main.c from standard input, 260 samples": {"readout"},
        "snn_step, snn_score and snn_class, 68 samples": {"readout", "scores_so_far", "classes_so_far"},
    }
    each_time = {
        "snn.c": SO_FAR,
        "main.c": {"readout"},
        "main.c --classes and --names": {"classes", "said"},
        "snn.c, -DSNN_SCORES": SO_FAR,
    }
    assert check(trace) == {
        by: [gives] * len(RIGHT)
        for by, gives in (each_time | {"snn.h and snn_class_name": {"names"}} | many).items()
    }
    assert [each.executor for each in trace.others] == [
        f"snn.c, {macros}" for macros in ("no macros", "-DSNN_SCORES", "-DSNN_COUNT")
    ]
    again = executor.run(artifact, EVENTS[:1])
    assert {each.by for each in again.answers if each.decodes} == {*each_time}


@pytest.mark.parametrize("executor", [OnnxRuntimeExecutor(threads=1), OnnxReferenceExecutor()])
def test_onnx(executor: OnnxRuntimeExecutor) -> None:
    files = {MODEL: model_bytes(GRAPH), PROBE: model_bytes(GRAPH, probe=True)}
    shipped = replace(artifact_of(GRAPH), target="onnx", program=files)
    gives = [{"readout", "scores", "classes", "names"}] * len(RIGHT)
    assert check(executor.run(shipped, EVENTS)) == {PROBE: gives, MODEL: gives}


def test_programs_of_other_targets_answer_as_well() -> None:
    other: Artifact = artifact_of(GRAPH)
    assert {*check(OnnxRuntimeExecutor(threads=1).run(other, EVENTS))} == {PROBE}


def block(page: str, first: str) -> str:
    """The code of a page that begins with `first`."""
    found = re.findall(r"^```\w+\n(.*?)^```$", (DOCS / page).read_text(), re.M | re.S)
    (text,) = (each for each in found if each.startswith(first))
    return text


def said(sample: int) -> list[str]:
    """By hand, of each readout: its population, and the name of the class unless rounding decides it."""
    classes = [int(each.decoded.classes[sample, -1]) for each in RIGHT if sample < len(each.decoded.classes)]
    assert -1 not in classes
    return [
        f"{each.readout.population}: {each.readout.class_names[index]}"
        for each, index in zip(RIGHT, classes, strict=True)
    ]


def test_the_loop_of_the_page(tmp_path: Path) -> None:
    for name, data in sources(GRAPH).items():
        (tmp_path / name).write_bytes(data)
    steps = ", ".join(map(str, EVENTS[0].ravel()))
    program = f"""
#include "snn.h"
#include <stdio.h>
static snn_state state;
static const uint8_t train[] = {{{steps}}};
#define events (train + SNN_INPUTS * t)
static void use(uint32_t readout, const char *name) {{ printf("%lu %s\\n", (unsigned long)readout, name); }}
int main(void) {{
    uint32_t t, r;
{textwrap.indent(block("c.md", "snn_reset"), "    ")}
    return 0;
}}
"""
    (tmp_path / "loop.c").write_text(program)
    macros = ["-DSNN_SCORES", "-DSNN_NAMES"]
    command = ["cc", "-std=c99", "-Wall", "-Werror", *macros, "loop.c", "snn.c", "-o", "loop", "-lm"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=60)
    done = subprocess.run(["./loop"], cwd=tmp_path, capture_output=True, check=True, timeout=60)
    expected_lines = [f"{number} {each.split(': ')[1]}" for number, each in enumerate(said(0))]
    assert done.stdout.decode().splitlines() == expected_lines


def test_the_snippet_of_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    session = onnxruntime.InferenceSession(model_bytes(GRAPH), providers=["CPUExecutionProvider"])
    code = f"import json\n{block('onnx.md', 'for readout')}"
    exec(code, {"session": session, "spikes": np.array(EVENTS[:1])})  # the page's own lines
    lines = [line.replace(", sample 0", "") for line in capsys.readouterr().out.splitlines()]
    assert lines == said(0)
