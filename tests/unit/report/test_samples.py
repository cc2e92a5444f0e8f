"""The samples to pick from, as the page gets them."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from report_examples import different, equal
from report_page import Page

from snnc.errors import InputError
from snnc.report.html_report import to_html
from snnc.stages import Report

SAMPLE: dict[str, Any] = {
    "split": "test",
    "index": 4,
    "label": "three",
    "predicted": "<five>",
    "raster": [{"name": "input", "steps": [0, 2], "neurons": [1, 0], "count": 2, "input": True}],
    "readout": {
        "name": "readout",
        "count": 2,
        "neurons": [0, 1],
        "classes": ["three", "<five>"],
        "v": [[0, 0.5, 0], [0, 0, 1]],
    },
}
SYNAPSES = {
    "source": "input",
    "destination": "readout",
    "count": [1, 3],
    "post": [[0], [1, 0]],
    "weight": [[5], [-9, 2]],
    "delay": [[0], [2, 1]],
}


def sampled(report: Report, **changes: Any) -> Report:
    parts = {"samples": [SAMPLE], "synapses": [SYNAPSES], "time_steps": 3} | changes
    return replace(report, figures={**report.figures, **deepcopy(parts)})


def test_the_script_gets_all_spikes_and_the_strongest_synapses() -> None:
    html = to_html(sampled(equal()))
    page = Page(html)
    given = json.loads(next(text for text in page.scripts if text.startswith('{"steps"')))
    # The rasters of the whole report may be longer than the samples; nothing is shorter than they are.
    assert given["steps"] == 60
    assert given["samples"] == [SAMPLE]
    assert given["synapses"] == [SYNAPSES]
    assert "<five>" not in html
    assert "test 4: class three, decoded as <five>" in page.text
    assert "Drawn are the 2 strongest at most" in page.text
    assert "plot-raster" not in html.replace("plot-raster-found", "")


def test_where_executors_differ_the_sample_is_that_which_differs() -> None:
    page = Page(to_html(sampled(different())))
    assert 'id="picker"' not in to_html(sampled(different()))
    assert "A circle marks an expected spike" in page.text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"samples": [{**SAMPLE, "raster": [{**SAMPLE["raster"][0], "neurons": [1, 2]}]}]},
            "expected 0 to 1",
        ),
        ({"samples": [{**SAMPLE, "readout": {**SAMPLE["readout"], "v": [[0]]}}]}, "differ in length"),
        ({"synapses": [{**SYNAPSES, "delay": [[0], [2]]}]}, "differ in length"),
        ({"synapses": [{**SYNAPSES, "count": [1]}]}, "differ in length"),
        ({"samples": [{**SAMPLE, "index": "four"}]}, "samples"),
    ],
)
def test_malformed_samples_are_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        to_html(sampled(equal(), **change))


def test_the_page_says_why_there_are_none() -> None:
    report = equal()
    why = {"samples_left_out": "the first sample has 50,000 <spikes>"}
    said = Page(to_html(replace(report, figures={**report.figures, **why}))).text
    assert "There are no samples to pick from: the first sample has 50,000 <spikes>." in said
    with pytest.raises(InputError, match="samples_left_out"):
        to_html(replace(report, figures={**report.figures, "samples_left_out": 3}))


def test_a_page_that_would_be_too_large_leaves_them_out(monkeypatch: pytest.MonkeyPatch) -> None:
    report = sampled(equal(), samples=[SAMPLE] * 400)
    monkeypatch.setattr("snnc.report.html_report.SIZE_LIMIT", len(to_html(equal())) + 1000)
    html = to_html(report)
    assert "too large with readout curves of all classes but 20; the samples to pick from" in Page(html).text
    assert "plot-raster" in html, "the sample is drawn in another way"
