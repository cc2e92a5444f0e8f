"""Cause, context, reproducer, coverage and confusions in the page and the terminal."""

from __future__ import annotations

import io
import json
from dataclasses import asdict, replace
from typing import Any
from xml.etree import ElementTree

import pytest
from report_examples import different, equal
from report_page import Page
from rich.console import Console

from snnc.errors import InputError
from snnc.report.confusion import confusion_rows, totals, worst
from snnc.report.console import print_report
from snnc.report.coverage import part_percent
from snnc.report.diagnosis import context_rows
from snnc.report.figure_data import rasters
from snnc.report.html_report import to_html
from snnc.report.json_report import from_json, to_json
from snnc.report.junit import to_junit
from snnc.report.step_plots import raster_pair
from snnc.stages import Breakdown, Confusion, Coverage, Diagnosis, NeuronContext, Report, Reproducer


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(to_html(equal()))


@pytest.fixture(scope="module")
def page_of_difference() -> Page:
    return Page(to_html(different()))


def _with(report: Report, **changes: Any) -> Report:
    """`report` with its divergence changed."""
    executors = list(report.executors)
    assert executors[2].divergence is not None
    executors[2] = replace(executors[2], divergence=replace(executors[2].divergence, **changes))
    return replace(report, executors=tuple(executors))


def _printed(report: Report, path: str | None = None) -> list[str]:
    buffer = io.StringIO()
    print_report(report, Console(file=buffer, width=80, highlight=False), path)
    return buffer.getvalue().splitlines()


def _figures(page: Page) -> dict[str, Any]:
    drawn: dict[str, Any] = json.loads(next(text for text in page.scripts if text.startswith("{")))
    return drawn


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
    ) in _printed(different())


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
    report = _with(different(), diagnosis=Diagnosis(causes, 9))
    assert [line for line in _printed(report) if line.startswith("  ") and words in line]
    assert ("probab" in " ".join(_printed(report))) == words.startswith("probable")
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
    report = _with(different(), diagnosis=diagnosis)
    text = Page(to_html(report)).text
    assert f"{words[0].upper()}{words[1:]}." in text
    assert "Executors differ: see the first divergence." in text
    assert (f"  cause: {words}" in _printed(report)) == (diagnosis is not None)


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
        report = _with(different(), diagnosis=Diagnosis(causes, 9, broke=broke))
        assert f"The cause could not be tested further: {words}" in Page(to_html(report)).text
        assert [line for line in _printed(report) if line.startswith("  ") and line.endswith(f"; {words}")]
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
        from_json(to_json(_with(different(), diagnosis=found)))


def test_the_smallest_case_has_its_command(page_of_difference: Page) -> None:
    size = "1 input, layers of 2 and 1 neurons, 3 synapses, 9 steps, 2 input events"
    assert f"{size}; found in 57 runs of hwsim and 1.25 s" in page_of_difference.text
    assert "snnc verify 'differs hwsim' --dataset none --executors hwsim" in page_of_difference.text
    lines = _printed(different(), "out/report.html")
    assert f"  smallest case: snnc verify 'differs hwsim' --dataset none --executors hwsim ({size})" in lines
    absent = _with(different(), reproducer=Reproducer(absent="hwsim agreed on <anything> less"))
    assert "Not saved: hwsim agreed on <anything> less" in Page(to_html(absent)).text
    assert "  smallest case: not saved: hwsim agreed on <anything> less" in _printed(absent)


def test_membrane_traces_around_the_divergence(page_of_difference: Page) -> None:
    drawn = _figures(page_of_difference)["plot-context"]
    traces = {(trace["name"], trace.get("yaxis")): trace for trace in drawn["data"]}
    assert traces["expected, torch", "y2"]["y"] == [100, 700, 812, 990, 1040, 30]
    assert traces["found, hwsim", "y2"]["y"] == [100, 700, 811, 988, 1010, 1036]
    assert traces["found, hwsim", "y"]["x"] == [15, 16, 17, 18, 19, 20]
    assert traces["threshold", "y2"]["y"] == [1024, 1024]
    # Each spike stands where v is in its step.
    assert (traces["spike, expected, torch", "y2"]["x"], traces["spike, expected, torch", "y2"]["y"]) == (
        [19],
        [1040],
    )
    assert (traces["spike, found, hwsim", "y2"]["x"], traces["spike, found, hwsim", "y2"]["y"]) == (
        [20],
        [1036],
    )
    assert [(shape["x0"], shape["x1"]) for shape in drawn["layout"]["shapes"]] == [(17, 17)]
    assert (
        "Membrane of neuron 41 of hidden2 in steps 15 to 20, expected against found: u agrees; "
        "v differs in 4 of 6 steps, first in step 17. The divergence is in step 17. "
        "Spikes expected in step 19, found in step 20. The threshold is 1024."
    ) in page_of_difference.text
    assert "18 20 20 990 ≠ 988 no no 19 10 10 1040 ≠ 1010 yes ≠ no" in page_of_difference.text


def test_a_readout_has_no_threshold_and_no_spikes() -> None:
    near = NeuronContext(17, (1,), (1,), (3,), (4,), (), (), None)
    assert context_rows(near) == [
        {
            "step": 17,
            "u expected": 1,
            "u found": "1",
            "v expected": 3,
            "v found": "≠ 4",
            "spike expected": "no",
            "spike found": "no",
        }
    ]
    drawn = _figures(Page(to_html(_with(different(), vicinity=near))))["plot-context"]
    assert "threshold" not in [trace["name"] for trace in drawn["data"]]


ROWS = rasters(
    {
        "raster": [
            {"name": "input", "steps": [0], "neurons": [1], "count": 2},
            {
                "name": "<h>",
                "steps": [1, 2],
                "neurons": [0, 1],
                "count": 2,
                "found_steps": [1, 3],
                "found_neurons": [0, 1],
            },
        ]
    }
)


def test_rasters_beside_each_other_mark_what_differs() -> None:
    expected, found = raster_pair(ROWS, 5, "torch", "hwsim", 2)
    for plot, path, mark, symbol, words in (
        (expected, "M1,-0.4V0.4M2,0.6V1.4", ([2], [1]), "circle-open", "1 not found"),
        (found, "M1,-0.4V0.4M3,0.6V1.4", ([3], [1]), "x-thin", "1 not expected"),
    ):
        layout = plot.figure["layout"]
        entry, layer, divergence = layout["shapes"]
        # Strokes of 0.8 neurons around the neuron.
        assert (entry["path"], entry["yref"]) == ("M0,0.6V1.4", "y")
        assert (layer["path"], layer["yref"]) == (path, "y2")
        marked = plot.figure["data"][-1]
        assert (marked["x"], marked["y"]) == mark
        assert marked["marker"]["symbol"] == symbol
        assert layout["xaxis"]["range"] == [-0.5, 4.5]
        assert divergence["x0"] == 2
        assert f"<h>: 2 spikes of 2 neurons, {words}." in plot.alternative
        assert f"&lt;h&gt;</b>  2 spikes, {words}" in layout["annotations"][1]["text"]


def test_the_diverging_sample_is_shown(page: Page, page_of_difference: Page) -> None:
    assert "Pictured: test sample 3" in page_of_difference.text
    assert "It has the first divergence, in step 17" in page_of_difference.text
    assert "plot-raster-found" not in _figures(page)
    assert {"plot-raster", "plot-raster-found"} <= set(_figures(page_of_difference))
    silent = [
        row | {"found_steps": row["steps"], "found_neurons": row["neurons"]} for row in _rows(different())
    ]
    text = Page(to_html(replace(different(), figures={"raster": silent}))).text
    assert "No spike of this sample differs; only u or v does." in text


def _rows(report: Report) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = report.figures["raster"]
    return rows


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"found_steps": [1]}, "one of found_steps and found_neurons"),
        ({"found_steps": [1], "found_neurons": []}, "1 steps but 0 neurons"),
        ({"found_steps": [-1], "found_neurons": [0]}, "holds -1"),
        ({"found_steps": [1], "found_neurons": [700]}, "holds 700, expected 0 to 699"),
    ],
)
def test_found_spikes_are_checked(changes: dict[str, Any], words: str) -> None:
    first, *rest = _rows(equal())
    with pytest.raises(InputError, match=words):
        to_html(replace(different(), figures={"raster": [first | changes, *rest]}))


def test_found_spikes_belong_to_a_divergence() -> None:
    with pytest.raises(InputError, match="none does"):
        to_html(replace(equal(), figures=different().figures))


def test_steps_of_chip_and_sample_are_reconciled() -> None:
    """The example's chip takes 10 steps and its network has three layers."""
    sentence = "The chip takes 10 steps for a sample of 7 steps: each of the 3 layers works one step after"
    assert sentence in Page(to_html(replace(equal(), figures={"time_steps": 7}))).text
    assert "The chip takes" not in Page(to_html(equal())).text
    with pytest.raises(InputError, match=r"figures\.time_steps"):
        to_html(replace(equal(), figures={"time_steps": "many"}))


def test_coverage_by_layer(page: Page) -> None:
    """44200 + 700 + 100 of 44800 + 4096 + 640 synapses are 90.84 %; the readout never spikes."""
    assert (
        "hidden1 61 / 64 44200 / 44800 29 / 31 2 / 64 3 5 / 64 6 / 64 60 / 64 7 / 700 8 / 700 90 70 0 0 0"
        in page.text
    )
    assert "readout – 100 / 640 20 / 20 – 0 – – 10 / 10 3 / 64 4 / 64 0 0 0 0 0" in page.text
    assert "Not reached: 2 hidden1: neuron 7 <never> spikes hidden1: delay 30" in page.text
    assert (
        "coverage: 90.8 % of synapses carried a spike; 3 neurons never fired "
        "(recordings and generated inputs)"
    ) in _printed(equal())
    assert "No coverage in this report." in Page(to_html(replace(equal(), coverage=()))).text


def test_a_long_list_of_what_was_not_reached_ends() -> None:
    found = replace(equal().coverage[0], unreached=tuple(f"synapse {k}" for k in range(103)))
    text = Page(to_html(replace(equal(), coverage=(found,)))).text
    assert "synapse 99 and 3 more, in report.json" in text


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        (0, 0, "–"),
        (0, 9, "0 %"),
        (1, 2000, "under 0.1 %"),
        (1999, 2000, "over 99.9 %"),
        (16, 24, "66.7 %"),
        (9, 9, "100 %"),
        (1, 2, "50 %"),
    ],
)
def test_what_is_not_all_is_not_called_so(part: int, whole: int, words: str) -> None:
    assert part_percent(part, whole) == words


def test_confusions_in_words_and_cells(page: Page) -> None:
    found = equal().confusion
    assert found is not None
    assert totals(found) == "184 of 200 right"
    assert worst(found) == ["3 is taken for 5: 9 of 20 recordings", "7 is taken for 1: 7 of 20 recordings"]
    row = confusion_rows(found)[3]
    assert [cell.count for cell in row.cells] == [0, 0, 0, 11, 0, 9, 0, 0, 0, 0]
    assert [cell.right for cell in row.cells].index(True) == 3
    assert (row.total, row.right) == (20, "55 %")
    # 45 percent of colour, times the root of 11/20.
    assert row.cells[3].tint == 33
    assert "On test: 184 of 200 right. Most often, 3 is taken for 5: 9 of 20 recordings; 7" in page.text
    assert "3 0 0 0 11 0 9 0 0 0 0 20 55 %" in page.text


def test_a_network_without_confusions() -> None:
    right = Confusion("test", ("a", "b"), {"a": (2, 0), "b": (0, 0)})
    text = Page(to_html(replace(equal(), confusion=right))).text
    assert "On test: 2 of 2 right. Every recording was decoded as its class." in text
    assert "b 0 0 0 –" in text
    assert "No confusion matrix" in Page(to_html(replace(equal(), confusion=None))).text


def test_no_name_becomes_a_tag() -> None:
    nasty = "<img src=x onerror=alert(1)>"
    report = _with(
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
