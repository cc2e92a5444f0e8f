"""What programs of a graph decode of every readout, against scores and classes worked out by hand."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import pytest
from answered_graph import assert_right, expected, joined
from golden import artifact_of

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
