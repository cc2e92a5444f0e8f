"""Causes, breakdowns and the smallest case, in the page and the terminal."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any
from xml.etree import ElementTree

import pytest
from report_examples import different, equal
from report_page import Page, printed_lines, with_divergence

from snnc.errors import InputError
from snnc.report.html_report import to_html
from snnc.report.json_report import from_json, to_json
from snnc.report.junit import to_junit
from snnc.stages import Breakdown, Confusion, Coverage, Diagnosis, Reproducer


def test_causes_best_first(page_of_difference: Page) -> None:
    assert (
        "412 hypotheses were tried; those that further samples refute are left out. "
        "The decay of v rounds down instead of toward zero. decay-rounds-down "
        "It reproduces every step of all 64 neurons of the layer in 10 samples that differ. "
        "What to look at: the division of the decay; shift right of a negative number "
        "one weight differs weight-changed Where: synapse from 12: weight 89 instead of 90 "
        "It reproduces every step of all 64 neurons of the layer in 10 samples that differ. "
        "What to look at: how weights are read"
    ) in page_of_difference.text
    assert (
        "  one of several causes: The decay of v rounds down instead of toward zero; "
        "or: one weight differs (synapse from 12: weight 89 instead of 90); "
        "it reproduces every step of all 64 neurons of the layer in 10 samples that differ"
    ) in printed_lines(different())


@pytest.mark.parametrize(
    ("change", "several", "words"),
    [
        ({}, False, "probable cause: The decay of v rounds down instead of toward zero; it "),
        ({"tests": 2}, False, "probable cause: "),
        ({"tests": 1}, False, "possible cause: "),
        ({"tests": 0}, False, "in this sample; no other sample tests it"),
        ({"tests": 0}, False, "possible cause: "),
        ({"explained": 63}, False, "possible cause: "),
        ({}, True, "one of several causes: "),
        ({"tests": 0}, True, "possible causes: "),
    ],
)
def test_how_sure_a_cause_is(change: dict[str, Any], several: bool, words: str) -> None:
    """Probable is one alone that two further samples, at least, have tested."""
    cause = replace(_cause(), **change)
    causes = (cause, replace(cause, name="no-reset")) if several else (cause,)
    report = with_divergence(different(), diagnosis=Diagnosis(causes, 9))
    assert [line for line in printed_lines(report) if line.startswith("  ") and words in line]
    assert ("probab" in " ".join(printed_lines(report))) == words.startswith("probable")
    assert ("Probab" in Page(to_html(report)).text) == words.startswith("probable")


@pytest.mark.parametrize(
    ("diagnosis", "words"),
    [
        (None, "not looked for"),
        (Diagnosis(tried=9), "unknown: none of the known causes fits (9 hypotheses were tried)"),
        (Diagnosis(unknown="a <trace> is missing"), "unknown: a <trace> is missing"),
    ],
)
def test_a_cause_that_is_not_known(diagnosis: Diagnosis | None, words: str) -> None:
    report = with_divergence(different(), diagnosis=diagnosis)
    text = Page(to_html(report)).text
    assert f"{words[0].upper()}{words[1:]}." in text
    assert "The section Divergence shows where they differ first." in text
    assert (f"  cause: {words}" in printed_lines(report)) == (diagnosis is not None)


@pytest.mark.parametrize(
    ("broke", "words"),
    [
        (
            Breakdown("hwsim", "OSError: <no> board", 12, 5, 412),
            "hwsim broke down on made input 5 (412 events): OSError: <no> board",
        ),
        (
            Breakdown("hwsim", "OSError: x", 12),
            "hwsim broke down on 12 inputs made to test the cause, on none of them alone: OSError: x",
        ),
    ],
)
@pytest.mark.slow
def test_a_breakdown_in_the_tests_is_told(broke: Breakdown, words: str) -> None:
    untested = replace(_cause(), tests=0)
    for causes in ((untested,), ()):
        report = with_divergence(different(), diagnosis=Diagnosis(causes, 9, broke=broke))
        assert f"The cause could not be tested further: {words}" in Page(to_html(report)).text
        assert [
            line for line in printed_lines(report) if line.startswith("  ") and line.endswith(f"; {words}")
        ]
        assert f"\n{words}\n" in ElementTree.fromstring(to_junit(report)).findtext(".//failure")
        written = to_json(report)
        (row,) = (row for row in json.loads(written)["executors"] if row["divergence"])
        assert row["divergence"]["diagnosis"]["broke"] == asdict(broke)
        assert from_json(written) == report


@pytest.mark.parametrize(
    ("broke", "tests", "words"),
    [
        (Breakdown("hwsim", "", 12, 5), 0, "must have both of made and events, or neither"),
        (Breakdown("hwsim", "", 12, -1, 2), 0, "negative"),
        (Breakdown("hwsim", "", 12), 3, "beside causes that were tested"),
    ],
)
def test_a_breakdown_is_checked(broke: Breakdown, tests: int, words: str) -> None:
    found = Diagnosis((replace(_cause(), tests=tests),), 9, broke=broke)
    with pytest.raises(InputError, match=words):
        from_json(to_json(with_divergence(different(), diagnosis=found)))


def test_the_smallest_case_has_its_command(page_of_difference: Page) -> None:
    size = "1 input, layers of 2 and 1 neurons, 3 synapses, 9 steps, 2 input events"
    assert f"{size}; found in 57 runs of hwsim and 1.25 s" in page_of_difference.text
    assert "snnc verify 'differs hwsim' --dataset none --executors hwsim" in page_of_difference.text
    lines = printed_lines(different(), "out/report.html")
    assert f"  smallest case: snnc verify 'differs hwsim' --dataset none --executors hwsim ({size})" in lines
    absent = with_divergence(different(), reproducer=Reproducer(absent="hwsim agreed on <anything> less"))
    assert "Not saved: hwsim agreed on <anything> less" in Page(to_html(absent)).text
    assert "  smallest case: not saved: hwsim agreed on <anything> less" in printed_lines(absent)


def test_no_name_becomes_a_tag() -> None:
    nasty = "<img src=x onerror=alert(1)>"
    report = with_divergence(
        different(),
        diagnosis=Diagnosis((replace(_cause(), name=nasty, summary=nasty, where=nasty, remedy=nasty),), 1),
        reproducer=Reproducer(folder=nasty),
    )
    report = replace(
        report,
        coverage=(Coverage(nasty, 1, (replace(equal().coverage[0].layers[0], layer=nasty),), (nasty,)),),
        confusion=Confusion(nasty, (nasty,), {nasty: (1,)}),
    )
    page = Page(to_html(report))
    assert page.named("img") == []
    assert nasty in page.text


def _cause() -> Any:
    divergence = different().executors[2].divergence
    assert divergence is not None
    assert divergence.diagnosis is not None
    return divergence.diagnosis.causes[0]
