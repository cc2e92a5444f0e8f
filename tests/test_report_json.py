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
    assert document["schema"] == 1
    assert document["trusted"] is False
    assert document["rung"] == {"label": "class", "level": 2}
    assert document["executors"][0]["rung"] == {"label": "bit-exact", "level": 5}
    assert document["accuracy"][0] == {
        "stage": "float",
        "split": "test",
        "correct": 187,
        "total": 200,
        "lost": None,
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


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[1]", "not a JSON object"),
        ("{}", "schema is None"),
        (_edited(schema=2), "schema is 2"),
        ('{"schema": 1}', "artifact"),
        ('{"schema": 1, "seconds": NaN}', "finite"),
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
