"""A report as JUnit XML: well-formed whatever stands in it, and red where the exit code is."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_examples import different, equal, failed

from snnc.cli.verify import exit_code
from snnc.report.junit import to_junit
from snnc.stages import Cause, Diagnosis, Report, Reproducer, Rung


def parsed(report: Report) -> ElementTree.Element:
    return ElementTree.fromstring(to_junit(report).encode())


def case(root: ElementTree.Element, name: str) -> ElementTree.Element:
    (found,) = (c for c in root.iter("testcase") if c.get("name") == name)
    return found


def test_a_case_an_executor():
    root = parsed(equal())
    assert [c.get("name") for c in root.iter("testcase")] == [
        "oracle equals torch",
        "hwsim equals torch",
        "lava-stock equals torch",
        "lava-event equals torch",
        "an executor was compared with torch",
        "golden readout is reproduced",
        "overflow is excluded for every input",
    ]
    for element in (root, root[0]):
        assert [element.get(n) for n in ("tests", "failures", "errors", "skipped")] == ["7", "0", "0", "0"]
    found = {p.get("name"): p.get("value") for p in root.iter("property")}
    assert found["command"] == "snnc verify digits.loihi --samples 20"
    assert found["graph_hash"] == "9f2c" * 16
    assert found["layers"] == "all"
    assert found["inputs"] == "golden 8, test 20"


def test_a_divergence_with_its_cause_and_reproducer():
    report = different()
    cause = Cause("decay-rounds-down", "The decay rounds down.", "layer hidden2", "the shift", 64, 64, 2)
    results = tuple(
        result
        if result.divergence is None
        else replace(
            result,
            divergence=replace(
                result.divergence,
                diagnosis=Diagnosis((cause,), 40),
                reproducer=Reproducer(folder="reproducer"),
            ),
        )
        for result in report.executors
    )
    root = parsed(replace(report, executors=results))
    failure = case(root, "hwsim equals torch").find("failure")
    assert "test sample 3, step 17, layer hidden2, neuron 41, variable v" in failure.get("message")
    assert "torch 812, hwsim" in failure.text
    assert (
        "probable cause: decay-rounds-down: The decay rounds down (layer hidden2); look at: the shift"
        in failure.text
    )
    assert "reproducer: reproducer" in failure.text
    skipped = [
        c.find("skipped").get("message") for c in root.iter("testcase") if c.find("skipped") is not None
    ]
    assert skipped == [result.skipped for result in report.executors if result.skipped]
    assert root.get("failures") == "1"


def test_an_executor_that_broke_down_is_an_error():
    report = failed(equal())
    broken = next(result for result in report.executors if result.failed is not None)
    error = case(parsed(report), f"{broken.name} equals torch").find("error")
    assert error.text == broken.failed


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b", "a\\x00b"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\ud800 alone", "\\ud800 alone"),
        ("\ufffe", "\\ufffe"),
        ('<&>"]]>', '<&>"]]>'),
        ("line\nbreak\ttab", "line\nbreak\ttab"),
        ("日本 😀", "日本 😀"),
    ],
)
def test_hostile_names(text, shown):
    root = parsed(replace(equal(), artifact=text, command=text))
    assert root[0].get("name") == shown
    assert root.find(".//property[@name='command']").get("value") == shown


@given(st.text(st.characters(codec=None)))
def test_any_text_is_well_formed(text):
    results = tuple(replace(result, name=text, failed=text) for result in equal().executors)
    assert parsed(replace(equal(), artifact=text, command=text, executors=results)) is not None


RESULT = st.sampled_from(["equal", "no sample", "skipped", "failed", "both", "diverged", "lower rung"])


@given(st.lists(RESULT, max_size=4), st.booleans(), st.booleans())
def test_it_is_red_where_the_exit_code_is(kinds, golden, proved):
    base, divergence = equal(), next(r.divergence for r in different().executors if r.divergence)
    changes = {
        "equal": {},
        "no sample": {"samples": 0},
        "skipped": {"skipped": "no compiler", "samples": 0, "rung": Rung.NOTHING},
        "failed": {"failed": "it crashed", "rung": Rung.NOTHING},
        "both": {"failed": "it crashed", "divergence": divergence, "rung": Rung.CLASS},
        "diverged": {"divergence": divergence, "rung": Rung.CLASS},
        "lower rung": {"rung": Rung.CLASS},
    }
    others = tuple(replace(base.executors[1], name=f"e{n}", **changes[k]) for n, k in enumerate(kinds))
    report = replace(
        base,
        executors=(base.executors[0], *others),
        golden_reproduced=golden,
        provenance={"overflow_proved": proved},
    )
    root = parsed(report)
    red = [c for c in root.iter("testcase") if c.find("failure") is not None or c.find("error") is not None]
    assert bool(red) == (exit_code(report) != 0)
    assert int(root.get("failures")) + int(root.get("errors")) == len(red)
    assert int(root.get("tests")) == len(list(root.iter("testcase"))) == len(kinds) + 3
