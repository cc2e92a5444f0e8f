"""A report as JSON and back."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from report_examples import (
    different,
    equal,
    failed,
)

from snnc.errors import InputError
from snnc.report.json_report import from_json, to_json
from snnc.stages import AccuracyStage, Report


@pytest.mark.parametrize("report", [equal(), different(), failed(equal())])
def test_json_round_trip(report: Report) -> None:
    text = to_json(report)
    assert from_json(text) == report
    assert to_json(from_json(text)) == text


def test_json_is_readable_by_others() -> None:
    document = json.loads(to_json(different()))
    assert document["schema"] == 2
    assert document["trusted"] is False
    assert document["rung"] == {"label": "class", "level": 2}
    assert document["executors"][0]["rung"] == {"label": "bit-exact", "level": 5}
    assert document["accuracy"][0] == {
        "stage": "float",
        "split": "test",
        "correct": 187,
        "total": 200,
        "lost": 0,
        "moved": None,
        "lost_at_end": None,
        "accuracy": 0.935,
    }
    assert list(document["provenance"]) == [
        "allow_saturation",
        "graph_hash",
        "overflow_proved",
        "seed",
        "verified_with",
    ]


def test_json_writes_a_list_of_numbers_on_one_line() -> None:
    report = replace(equal(), figures={"raster": [], "steps": [3, 1, 2], "text": ["[ 1,\n 2 ]"]})
    text = to_json(report)
    assert '"steps": [3, 1, 2]' in text
    assert json.loads(text)["figures"]["text"] == ["[ 1,\n 2 ]"]


def test_json_accepts_numpy_and_an_unknown_accuracy() -> None:
    report = replace(
        equal(),
        accuracy=(AccuracyStage("float", "test", 0, 0),),
        figures={"n": np.int64(3), "steps": np.array([1, 2])},
    )
    document = json.loads(to_json(report))
    assert document["figures"] == {"n": 3, "steps": [1, 2]}
    assert document["accuracy"][0]["accuracy"] is None


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, np.float32("nan")])
def test_json_refuses_numbers_that_are_not_finite(value: float) -> None:
    with pytest.raises(InputError, match=r"layers\[1\]\.bound is (nan|-?inf)"):
        to_json(replace(equal(), layers=({"bound": 1}, {"bound": value})))


@pytest.mark.parametrize(("value", "words"), [(b"x", "bytes"), (object(), "object"), ({1: 2}, "key 1")])
def test_json_refuses_values_without_a_json_form(value: object, words: str) -> None:
    with pytest.raises(InputError, match=rf"provenance\.build.*{words}"):
        to_json(replace(equal(), provenance={"build": value}))


def _edited(**changes: Any) -> str:
    return json.dumps(json.loads(to_json(equal())) | changes)


def _edited_executor(**changes: Any) -> str:
    document = json.loads(to_json(equal()))
    document["executors"][0] |= changes
    return json.dumps(document)


def _edited_finding(path: str, value: Any) -> str:
    """The report of a difference with another value at `path`, from its divergence on or from the top."""
    document = json.loads(to_json(different()))
    top = path.split(".")[0] in document
    at = document if top else document["executors"][2]["divergence"]
    *keys, last = (int(key) if key.isdigit() else key for key in path.split("."))
    for key in keys:
        at = at[key]
    at[last] = value
    return json.dumps(document)


FINDINGS: list[tuple[str, Any, str]] = [
    ("diagnosis.tried", 1, r"diagnosis\.tried: is 1, fewer than the 2 causes"),
    ("diagnosis.unknown", "no trace", "beside causes"),
    ("diagnosis.causes.0.explained", 65, r"causes\[0\]\.explained: is 65 of 64"),
    ("diagnosis.causes.0.explained", -1, "is -1 of 64"),
    ("diagnosis.causes.0.summary", 3, r"causes\[0\]\.summary"),
    ("vicinity.found_v", [1, 2], r"vicinity\.found_v: has 2 steps, expected_v has 6"),
    ("vicinity.first", 18, "and not step 17 of the divergence"),
    ("vicinity.first", -1, "and not step 17"),
    ("vicinity.found_spikes", [21], "found_spikes: holds step 21"),
    ("vicinity.expected_u", [1e300] * 6, "expected_u"),
    ("reproducer.absent", "both", "one of folder and absent"),
    ("reproducer.folder", None, "one of folder and absent"),
    ("reproducer.layers", [2, -1], "holds -1"),
    ("reproducer.seconds", -0.5, "holds -0.5"),
    ("coverage.0.samples", -1, r"coverage\[0\]\.samples: is -1"),
    ("coverage.0.layers.0.spiked", 65, r"coverage\[0\]\.layers\[0\]\.spiked: is 65 of 64"),
    ("coverage.0.layers.1.carried", -1, "carried: is -1 of 4096"),
    ("coverage.0.layers.2.unreachable", 541, "unreachable: is 541 of 540 synapses"),
    ("coverage.0.layers.1.delays_carried", 32, "delays_carried: is 32 of 31"),
    ("coverage.0.layers.0.just_above", 65, r"just_above: is 65 of 64"),
    ("coverage.0.layers.0.one_above", 6, r"one_above: is 6 of 5"),
    ("coverage.0.layers.0.last_step", 701, r"last_step: is 701 of 700"),
    ("coverage.0.layers.1.u_at_wrap", -1, "u_at_wrap: is -1"),
    ("coverage.0.layers.1.u_wraps", -2, "u_wraps: is -2"),
    ("coverage.0.unreached", [3], "unreached"),
    ("confusion.classes", ["a"], "other classes"),
    ("confusion.counts.3", [1], r"counts\.3: has 1 counts for 10 classes"),
    ("confusion.counts.3", [-1] * 10, "holds -1"),
    ("accuracy.4.lost", 2, "contradicts"),
    ("accuracy.4.lost", -1, "contradicts"),
    ("accuracy.4.lost", 188, "contradicts"),
    ("accuracy.2.lost_at_end", 3, "contradicts"),
    ("accuracy.2.lost_at_end", 189, "contradicts"),
    ("accuracy.4.total", 190, "is of 190 samples"),
]


@pytest.mark.parametrize(("path", "value", "words"), FINDINGS)
def test_json_of_impossible_findings_is_refused(path: str, value: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        from_json(_edited_finding(path, value))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[1]", "not a JSON object"),
        ("{}", "schema is None"),
        (_edited(schema=1), "schema is 1"),
        ('{"schema": 2}', "artifact"),
        ('{"schema": 2, "seconds": NaN}', "finite"),
        (_edited(artifact=3), "artifact"),
        (_edited(threshold_equalities="3"), "threshold_equalities"),
        (_edited(threshold_equalities=-1), "threshold_equalities is -1"),
        (_edited(executors={}), "executors"),
        (_edited(executors=[3]), r"executors\[0\]"),
        (_edited(extra=3), "extra is unknown"),
        (_edited(trusted=False), "trusted is False"),
        (_edited(inputs={"test": -5}), "inputs.test is -5"),
        (_edited(chip_cores=-5), "chip_cores is -5"),
        (_edited(traffic={"measured": True}), "traffic.recordings: "),
        (_edited_executor(samples=1.5), r"executors\[0\]\.samples"),
        (_edited_executor(seconds=-1.0), r"executors\[0\]\.seconds is -1"),
        (_edited_executor(rung={"label": "class", "level": 5}), r"executors\[0\]\.rung\.label"),
        (_edited_executor(rung={"label": "bit-exact", "level": 9}), r"executors\[0\]\.rung"),
        (_edited_executor(rung="bit-exact"), r"executors\[0\]\.rung"),
        (_edited(figures={"x": [1]}).replace("[1]", "[1e999]"), "figures.x"),
        (
            _edited(accuracy=[{"stage": "a", "split": "b", "correct": 3, "total": 2, "accuracy": 1.5}]),
            r"accuracy\[0\]\.correct is 3",
        ),
    ],
)
def test_json_rubbish_is_refused(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        from_json(text)
