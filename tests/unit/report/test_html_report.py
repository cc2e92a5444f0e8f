"""The HTML page of a report: its sections, what it escapes, and what it refuses."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import pairwise

import pytest
from report_examples import (
    NAMES,
    different,
    equal,
)
from report_page import Page

import snnc.plugins.executors
from snnc.errors import InputError
from snnc.report.glossary import EXECUTORS, STAGES
from snnc.report.html_report import to_html
from snnc.report.json_report import from_json, to_json
from snnc.stages import AccuracyStage, ExecutorResult, Report, Rung
from snnc.stages.losses import ExportLosses


def test_html_says_equal(page: Page) -> None:
    agree = "torch = oracle = hwsim = lava-stock = lava-event"
    verdict_line = f"Bit-exact: {agree} over 28 samples (8 golden, 20 recordings)"
    assert verdict_line in page.text
    assert "NOT EQUAL" not in page.text
    for words in (
        "How far all executors agree bit-exact",
        "golden: 8 samples; test: 20 samples",
        "Accuracy by stage on test",
        "float 187 of 200 93.50 % 89.2 to 96.2 –",
        "quantised 184 of 200 92.00 % 87.4 to 95.0 −1.50",
        "v met the threshold exactly 3 times",
        "62000 / 131072",
        "snnc verify digits.loihi --samples 20",
        "verified_with.torch 2.9.0",
        "max delay",
    ):
        assert words in page.text


def test_bars_carry_the_interval(page: Page) -> None:
    drawn = json.loads(next(text for text in page.scripts if text.startswith("{")))
    bars = drawn["plot-accuracy"]["data"][0]
    # 187 of 200, by hand: 89.198 % to 96.162 %
    assert bars["x"][0] - bars["error_x"]["arrayminus"][0] == pytest.approx(89.198, abs=1e-3)
    assert bars["x"][0] + bars["error_x"]["array"][0] == pytest.approx(96.162, abs=1e-3)


def test_words_are_explained_and_only_those_present(page: Page) -> None:
    for word in ("float", "rounded", "finished", "quantised only", "quantised"):
        shown = {"rounded": "delays rounded"}.get(word, word)
        assert f"{shown} : {STAGES[word]}" in page.text
    report = equal()
    text = Page(to_html(replace(report, accuracy=report.accuracy[:2]))).text
    assert STAGES["rounded"] in text
    assert STAGES["finished"] not in text
    known = set(snnc.plugins.executors.EXECUTORS)
    assert set(EXECUTORS) == known, "an executor has its words in EXECUTORS of snnc/report/glossary.py"
    all_of_them = tuple(ExecutorResult(name, Rung.BIT_EXACT, 28, 0.5) for name in EXECUTORS)
    text = Page(to_html(replace(report, executors=all_of_them))).text
    for name, words in EXECUTORS.items():
        assert f"{name} {words}" in text
        assert (words in page.text) == (name in NAMES)


def test_kernels_of_delays_are_named_where_they_are_rounded(page: Page) -> None:
    report, said = equal(), "delays trained as Gaussian kernels still are kernels"
    whole = (report.accuracy[0], report.accuracy[-1])  # as of a network of PyTorch
    text = Page(to_html(replace(report, accuracy=whole, costs=ExportLosses()))).text
    assert "float : the network in real numbers" in text
    assert said not in text
    assert said in page.text


def test_the_pictured_sample_is_named(page: Page) -> None:
    assert page.text.count("Pictured: test sample 0, counted from 0 among those compared.") == 2


def test_html_shows_the_first_divergence(page_of_difference: Page) -> None:
    for words in (
        "NOT EQUAL: first divergence in hwsim: test sample 3, step 17, layer hidden2, neuron 41",
        "torch (expected) 812 hwsim (found) 811",
        "4 of 9",
        "7 -23 4 13",
        "The executor lava-event did not run.",
        "did not run: needs Python 3.10; run uv sync",
    ):
        assert words in page_of_difference.text


def test_html_sections_come_in_order(page: Page, page_of_difference: Page) -> None:
    last = ["learning", "histograms", "readout", "layers", "resources", "provenance"]
    looked_at = ["executors", "coverage", "confusion"]
    asked = ["losses", "chip"]
    for shown, sections in (
        (page, ["summary", *asked, "divergence", *looked_at, "activity", *last]),
        (page_of_difference, ["summary", "divergence", "activity", *asked, *looked_at, *last]),
    ):
        assert [section["id"] for section in shown.named("section")] == sections
        links = [link["href"] for link in shown.named("a")]
        assert links == ["#main", *(f"#{section}" for section in sections)]


def test_html_is_small_and_loads_nothing(page: Page) -> None:
    assert len(to_html(equal()).encode()) < 3_000_000
    for tag, attributes in page.tags:
        for name in ("src", "href", "srcset", "action", "data", "poster"):
            value = attributes.get(name, "")
            assert value.startswith("#") or value in ("", "data:,"), (tag, name, value)
    policy = next(a["content"] for a in page.named("meta") if "http-equiv" in a)
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "http" not in policy
    assert "unsafe-eval" not in policy


def test_html_can_be_read_aloud(page: Page) -> None:
    tags = [tag for tag, _ in page.tags]
    for landmark in ("header", "nav", "main", "footer", "h1"):
        assert tags.count(landmark) == 1, landmark
    assert tags.count("table") == tags.count("caption") == 19
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert max(after - before for before, after in pairwise(levels)) == 1, "no level is left out"
    assert page.named("html")[0]["lang"] == "en"
    pictures = [attributes for attributes in page.named("div") if attributes.get("role") == "img"]
    # Losses have 3 beside the accuracy, the chip 2; initial delays are known of two layers of three.
    assert len(pictures) == 1 + 3 + 1 + 1 + 3 * 2 + 2 + 2 * 2
    assert all(len(attributes["aria-label"]) > 40 for attributes in pictures)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


NASTY = '<script>alert("x")</script>&amp;<a href="http://example.org">'


def test_html_escapes_every_string_of_the_report() -> None:
    report = different(layer=NASTY)
    names = [{"name": NASTY, "steps": [0], "neurons": [0], "count": 1}]
    bins = {"x": [0], "y": [1]}
    report = replace(
        report,
        artifact=NASTY,
        target=NASTY,
        inputs={NASTY: 1},
        executors=(
            *report.executors[:4],
            ExecutorResult(NASTY, Rung.NOTHING, 0, 0.0, skipped=NASTY),
        ),
        accuracy=(AccuracyStage(NASTY, NASTY, 1, 2),),
        command=NASTY,
        provenance={NASTY: NASTY},
        resources=({NASTY: NASTY},),
        layers=({NASTY: NASTY},),
        figures={
            "raster": names,
            "histograms": [{"layer": NASTY, "delay_after": bins, "weight_after": bins}],
            "readout": {"classes": [NASTY], "v": [[1.0]], "label": NASTY, "predicted": NASTY},
        },
    )
    html = to_html(report)
    ours = Page(to_html(equal()))
    page = Page(html)
    assert len(page.named("script")) == len(ours.named("script")) == 2
    assert len(page.named("a")) == len(ours.named("a"))
    assert NASTY not in html
    assert '<script>alert("x")</script>' in page.text
    figures = next(text for text in page.scripts if text.startswith("{"))
    assert "<script" not in figures
    # Plotly takes labels as HTML, so they are escaped once more inside the JSON.
    labels = json.dumps(json.loads(figures))
    assert "&lt;a href=" in labels
    assert "<a href" not in labels


def test_html_of_a_bare_report_says_what_is_absent() -> None:
    bare = Report("a", "loihi", "torch", {}, (), (), True, 0, "", {}, (), ())
    text = Page(to_html(bare)).text
    for words in (
        "NOT VERIFIED: no executor other than torch ran",
        "This verification measured no accuracy.",
        "No spike rasters in this report.",
        "No histograms of delays and weights in this report.",
        "No readout curves in this report.",
        "No table of layers in this report.",
        "No table of resources in this report.",
        "No provenance in this report.",
    ):
        assert words in text


def test_html_marks_a_core_over_its_limit() -> None:
    report = replace(equal(), coverage=())
    report = replace(report, resources=({"core": 0, "axons": "12 / 10"}, {"core": 1, "axons": "5 / 10"}))
    html = to_html(report)
    assert Page(html).text.count("over the limit") == 1
    assert re.findall(r'<span style="width:([\d.]+)%">', html) == ["100.0", "50.0"]


def test_html_of_a_report_read_back_is_the_same() -> None:
    report = different()
    assert to_html(from_json(to_json(report))) == to_html(report)


def test_html_refuses_a_page_beyond_its_limit() -> None:
    with pytest.raises(InputError, match="exceed 3000000"):
        to_html(replace(equal(), command="x" * 3_000_000))


def test_html_shows_no_backticks_of_a_terminal() -> None:
    """Commands in notes, remarks and tables; what others wrote stays text."""
    told = "run `snnc place a` & see <b>, `snnc verify a`"
    skipped = ExecutorResult("c", Rung.NOTHING, 0, 0.0, skipped=told)
    report = replace(equal(), notes=(told,), executors=(*equal().executors, skipped), provenance={"x": told})
    html = to_html(report)
    code = "<code>snnc place a</code> &amp; see &lt;b&gt;, <code>snnc verify a</code>"
    assert html.count(code) == 3
    assert f'<p class="absent">Run {code}.</p>' in html
    assert "`" not in Page(html).text
    assert "a ` alone" in to_html(replace(report, notes=("a ` alone",))).lower()
