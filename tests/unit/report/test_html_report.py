"""The HTML page of a report."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from report_examples import (
    NAMES,
    different,
    equal,
    failed,
    golden_lost,
    only_reference,
)
from report_page import Page

import snnc.plugins.executors
from snnc.errors import InputError
from snnc.exporter.artifact import read_artifact, source_model
from snnc.exporter.passes.discretise import fold_batch_norm
from snnc.report.glossary import EXECUTORS, STAGES
from snnc.report.html_report import to_html
from snnc.report.json_report import from_json, to_json
from snnc.report.summary import facts
from snnc.stages import AccuracyStage, ExecutorResult, Report, Rung
from snnc.verification.verify import verify


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(to_html(equal()))


@pytest.fixture(scope="module")
def page_of_difference() -> Page:
    return Page(to_html(different()))


def test_html_says_equal(page: Page) -> None:
    verdict_line = "Bit-exact: torch = oracle = hwsim = lava-stock = lava-event over 28 samples"
    assert verdict_line in page.text
    assert "NOT EQUAL" not in page.text
    for words in (
        "Highest rung that all executors reach bit-exact",
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


def test_summary_answers_what_deployment_rests_on(page: Page) -> None:
    assert (
        "Every executor here is a simulation; nothing ran on a chip. Before you deploy "
        "Inputs compared golden: 8 samples; test: 20 samples 90.8 % of synapses carried a spike; 3 neurons "
        "never fired (recordings and generated inputs); equality is shown for these, not proved for all "
        "Overflow of u and v proved absent for all inputs at least 0.27 bits of headroom (hidden1) "
        "Cores of the chip 4 of 128 used fullest: 95 % of a core's synapse memory, by the export's estimate"
    ) in page.text


def test_the_group_of_extremes_is_explained() -> None:
    report = replace(equal(), inputs={"golden": 8, "test": 20, "extremes": 6})
    fact = next(fact for fact in facts(report) if fact.subject == "Inputs compared")
    assert fact.answer.endswith("extremes: 6 samples")
    assert "extremes are further recordings with the largest u, v, sums or spikes in a step" in fact.remark


def test_samples_compared_are_not_the_recordings_of_the_accuracy(page: Page) -> None:
    assert (
        "Two different counts: executors were compared on 28 samples, step by step; "
        "the accuracy is over the 200 recordings of test."
    ) in page.text


def _fact(report: Report, subject: str) -> tuple[str, str]:
    fact = next(fact for fact in facts(report) if fact.subject.startswith(subject))
    return fact.answer, fact.tone


def _saturating(report: Report, count: int | None, proved: object) -> Report:
    executors = tuple(replace(result, saturations=count) for result in report.executors)
    return replace(report, executors=executors, provenance={"overflow_proved": proved})


@pytest.mark.parametrize(
    ("count", "proved", "answer", "tone"),
    [
        (0, True, "proved absent for all inputs", "good"),
        (None, True, "proved absent for all inputs", "good"),
        (0, False, "not proved, 0 saturations counted", "unsure"),
        (1, False, "not proved, 1 saturation counted", "bad"),
        (None, False, "not proved, saturations not counted", "unsure"),
        (7, True, "7 saturations counted", "bad"),
        (0, None, "no proof recorded, 0 saturations counted", "unsure"),
        (0, "yes", "no proof recorded, 0 saturations counted", "unsure"),
    ],
)
def test_overflow_is_called_absent_only_if_proved(
    count: int | None, proved: object, answer: str, tone: str
) -> None:
    assert _fact(_saturating(equal(), count, proved), "Overflow") == (answer, tone)


def test_equality_is_claimed_in_the_summary_only_if_it_holds() -> None:
    for report in (different(), failed(equal()), golden_lost(equal()), only_reference(equal())):
        assert "equality is shown" not in Page(to_html(report)).text


def test_verify_fills_what_the_summary_shows(tiny_artifact: Path) -> None:
    artifact = read_artifact(tiny_artifact)
    claimed = artifact.manifest["provenance"] | {"overflow_proved": False}
    artifact = replace(artifact, manifest={**artifact.manifest, "provenance": claimed})
    report = verify(artifact, [], executors=["oracle"], generated=0)
    assert report.provenance["overflow_proved"] is True  # proved anew, whatever the manifest says
    assert report.chip_cores == 128
    # Silence, 60 events, 5, 5, 5 in steps of their own, and noise: the fifth from below are those.
    assert report.figures["sample"] == {"split": "golden", "index": 4}
    model = source_model(artifact)
    for layer, trained, row in zip(
        artifact.graph.layers, model.layers, report.figures["histograms"], strict=True
    ):
        weight, _ = fold_batch_norm(trained)
        assert np.array_equal(np.rint(weight * row["scale"]), layer.weight)
    assert from_json(to_json(report)) == report
    assert "Pictured: golden sample 4" in Page(to_html(report)).text


@pytest.mark.parametrize(
    ("recorded", "rows"),
    [
        (
            [{"name": "prune", "changes": {"lines": 4, "lines_removed": 1}, "sha256": "00"}],
            {"pass 1, prune": "lines 4, lines_removed 1"},
        ),
        ([{}, 3], {"pass 1, None": None}),
        ("none", {}),
    ],
)
def test_a_row_a_pass(tiny_artifact: Path, recorded: object, rows: dict[str, object]) -> None:
    """Whatever a manifest says there, which is checked by nobody."""
    artifact = read_artifact(tiny_artifact)
    provenance = artifact.manifest["provenance"] | {"passes": recorded}
    artifact = replace(artifact, manifest={**artifact.manifest, "provenance": provenance})
    found = verify(artifact, [], executors=["hwsim"], generated=0).provenance
    assert {name: value for name, value in found.items() if name.startswith("pass")} == rows


def test_cores_of_the_chip() -> None:
    report = equal()
    two = ({"chip": 0, "core": 0}, {"chip": 1, "core": 0}, {"chip": 1, "core": 0})
    over = ({"chip": 0, "core": 0, "axons": "12 / 10"},)
    for changed, answer in (
        (replace(report, chip_cores=None), ("4 used", "unsure")),
        (replace(report, chip_cores=0, resources=()), ("none needed", "good")),
        (replace(report, chip_cores=3), ("does not fit: 4 of 3 used", "bad")),
        (replace(report, resources=over), ("does not fit: 1 of 128 used", "bad")),
        (replace(report, resources=two), ("2 of 256 used, on 2 chips", "unsure")),
        (replace(report, resources=()), ("not in this report", "unsure")),
    ):
        assert _fact(changed, "Cores") == answer


def test_traffic_of_the_summary() -> None:
    report = equal()
    spikes = "150.0; placed in neuron order on 5 cores: 200.0 (−25.0 %)"
    assert _fact(report, "Spikes between cores") == (spikes, "")
    assert _fact(report, "Hops from tile to tile") == (
        "9.0; placed in neuron order on 5 cores: does not fit",
        "",
    )
    assert "Spikes between cores" not in {fact.subject for fact in facts(replace(report, traffic=None))}


def test_words_are_explained_and_only_those_present(page: Page) -> None:
    for word in ("float", "rounded", "finished", "quantised only", "quantised"):
        assert f"{word} : {STAGES[word]}" in page.text
    report = equal()
    text = Page(to_html(replace(report, accuracy=report.accuracy[:2]))).text
    assert STAGES["rounded"] in text
    assert STAGES["finished"] not in text
    assert set(EXECUTORS) == set(snnc.plugins.executors.EXECUTORS)
    all_of_them = tuple(ExecutorResult(name, Rung.BIT_EXACT, 28, 0.5) for name in EXECUTORS)
    text = Page(to_html(replace(report, executors=all_of_them))).text
    for name, words in EXECUTORS.items():
        assert f"{name} {words}" in text
        assert (words in page.text) == (name in NAMES)


def test_the_pictured_sample_is_named(page: Page) -> None:
    assert page.text.count("Pictured: test sample 0, counted from 0 among those compared.") == 2


def test_weights_before_are_drawn_in_steps_of_those_after() -> None:
    layer = {
        "layer": "hidden1",
        "weight_before": {"x": [-0.5, 0.0, 0.5], "y": [4, 4, 2]},
        "weight_after": {"x": [-2, 2], "y": [5, 3]},
        "scale": 4.0,
    }
    page = Page(to_html(replace(equal(), figures={"histograms": [layer]})))
    drawn = json.loads(next(text for text in page.scripts if text.startswith("{")))
    after, before = drawn["plot-weights-0"]["data"]
    assert (after["x"], after["y"]) == ([-2, 2], [5, 3])
    assert (before["x"], before["y"]) == ([-2, 0, 2], [2, 2, 1])  # bins of 2 steps
    assert "xaxis" not in before
    words = "One step is 0.25 of the trained weight; 2 of 10 synapses get weight 0 and are removed."
    assert words in page.text


def test_delays_before_and_after_learning(page: Page) -> None:
    drawn = json.loads(next(text for text in page.scripts if text.startswith("{")))
    learned, before = drawn["plot-learning-0"]["data"]
    assert (learned["name"], before["name"]) == ("learned", "before learning")
    assert (before["x"], before["y"]) == (list(range(25)), [160] * 25)
    assert learned["x"] == list(range(31))
    assert "plot-learning-2" not in drawn
    for words in (
        "hidden1 The kernel grew from 25 to 31 steps.",
        "hidden2 The kernel kept its 31 steps.",
        "readout Initial delays were not recorded.",
        "before learning: 4000 synapses from 0 to 24, mean 12; learned: ",
        "Before learning: the whole delays that were drawn when training began.",
    ):
        assert words in page.text


def test_delays_that_nobody_has_are_drawn_too() -> None:
    layer = {
        "layer": "hidden1",
        "delay_initial": {"x": [1, 3], "y": [4, 2]},
        "delay_learned": {"x": [0], "y": [6]},
        "taps": [5, 3],
    }
    page = Page(to_html(replace(equal(), figures={"histograms": [layer]})))
    drawn = json.loads(next(text for text in page.scripts if text.startswith("{")))
    assert drawn["plot-learning-0"]["data"][1]["y"] == [0, 4, 0, 2]
    assert "The kernel shrank from 5 to 3 steps." in page.text


def test_html_shows_the_first_divergence(page_of_difference: Page) -> None:
    for words in (
        "NOT EQUAL: first divergence in hwsim: test sample 3, step 17, layer hidden2, neuron 41",
        "torch (expected) 812 hwsim (found) 811",
        "4 of 9",
        "7 -23 4 13",
        "Not part of the verdict, because it did not run: lava-event ; the table of executors says why.",
        "did not run: needs Python 3.10; run `uv sync`",
    ):
        assert words in page_of_difference.text


def test_html_sections_come_in_order(page: Page, page_of_difference: Page) -> None:
    last = ["histograms", "readout", "layers", "resources", "provenance"]
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
    assert len(to_html(equal()).encode()) < 6_000_000
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
    assert tags.count("table") == tags.count("caption") == 17
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert max(after - before for before, after in pairwise(levels)) == 1, "no level is left out"
    assert page.named("html")[0]["lang"] == "en"
    pictures = [attributes for attributes in page.named("div") if attributes.get("role") == "img"]
    # Losses have 3, the chip 2; initial delays are known of two layers of three.
    assert len(pictures) == 1 + 3 + 1 + 1 + 3 * 2 + 2 + 2
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
    assert len(page.named("script")) == len(ours.named("script")) == 3
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
        "No accuracy in this report.",
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


def test_html_thins_a_raster_of_too_many_spikes_and_says_so() -> None:
    steps = list(range(50_000))
    crowded = {"raster": [{"name": "input", "steps": steps, "neurons": [0] * 50_000, "count": 1}]}
    page = Page(to_html(replace(equal(), figures=crowded)))
    assert "input: 50000 spikes of 1 neurons. Shown is one of every 3 spikes." in page.text
    drawn = json.loads(next(text for text in page.scripts if text.startswith("{")))
    path = drawn["plot-raster"]["layout"]["shapes"][0]["path"]
    assert [int(stroke.split(",")[0]) for stroke in path.split("M")[1:]] == steps[::3]


def test_html_refuses_a_page_beyond_its_limit() -> None:
    with pytest.raises(InputError, match="exceed 6000000"):
        to_html(replace(equal(), command="x" * 1_300_000))


def _raster(**changes: Any) -> dict[str, Any]:
    return {"raster": [{"name": "input", "steps": [0, 1], "neurons": [0, 1], "count": 2} | changes]}


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ({"raster": 3}, r"figures\.raster"),
        (_raster(steps=[0]), "1 steps but 2 neurons"),
        (_raster(neurons=[0, 2]), "holds 2, expected 0 to 1"),
        (_raster(steps=[0, -1]), "holds -1"),
        (_raster(count="many"), r"figures\.raster\[0\]\.count"),
        ({"histograms": [{"layer": "a", "delay_after": {"x": [1, 2, 3], "y": [1]}}]}, "3 bins"),
        ({"histograms": [{"layer": "a", "delay_after": {"x": [1], "y": [math.nan]}}]}, "finite"),
        (
            {"histograms": [{"layer": "a", "weight_before": {"x": [1], "y": [1]}}]},
            r"histograms\[0\]\.scale.*is None",
        ),
        ({"sample": {"split": "test"}}, r"figures\.sample\.index"),
        ({"readout": {"classes": ["a", "b"], "v": [[1, 2, 3]]}}, "1 rows, expected 2"),
        ({"readout": {"classes": ["a", "b"], "v": [[1, 2], [3]]}}, "differ in the number of steps"),
    ],
)
def test_html_refuses_malformed_figures(figures: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        to_html(replace(equal(), figures=figures))


def test_histograms_without_a_before_have_no_after() -> None:
    """As of a graph that was given in integers; a tick at each of few whole delays, none between."""
    layer = {
        "layer": "h -> h",
        "delay_after": {"x": [2, 3], "y": [4, 5]},
        "weight_after": {"x": [-9, 9], "y": [4, 5]},
    }
    page = Page(to_html(replace(equal(), figures={"histograms": [layer]})))
    drawn = json.loads(next(text for text in page.scripts if text.startswith("{")))
    delays, weights = drawn["plot-delays-0"]["layout"], drawn["plot-weights-0"]["layout"]
    assert (delays["showlegend"], delays["xaxis"]["dtick"]) == (False, 1)
    assert "dtick" not in weights["xaxis"]
    assert delays["yaxis"]["title"]["text"] == "synapses"
    assert "Histogram of delays of h -> h. 9 synapses from 2 to 3, mean 2.5556." in page.text
    assert "How many synapses of the exported network have each delay" in page.text
    assert "Before: " not in page.text


def test_lines_of_inputs_are_no_neurons() -> None:
    """Of a graph, whose inputs may be several and stand anywhere."""
    rows = [
        {"name": name, "steps": [0], "neurons": [1], "count": 2, "input": given}
        for name, given in (("x", True), ("h", False), ("z", True))
    ]
    page = Page(to_html(replace(equal(), figures={"raster": rows, "time_steps": 3})))
    drawn = json.loads(next(text for text in page.scripts if text.startswith("{")))["plot-raster"]["layout"]
    titles = [drawn[axis]["title"]["text"] for axis in ("yaxis", "yaxis2", "yaxis3")]
    assert titles == ["line", "neuron", "line"]
    colours = [shape["line"]["color"] for shape in drawn["shapes"]]
    assert colours[0] == colours[2] != colours[1]
    assert "x: 1 spikes of 2 lines; h: 1 spikes of 2 neurons; z: 1 spikes of 2 lines" in page.text


def test_histogram_edges_become_centres_and_fine_bins_a_density() -> None:
    layer = {
        "layer": "hidden1",
        "delay_before": {"x": [0, 0.5, 1.0], "y": [3, 5]},
        "delay_after": {"x": [0, 1], "y": [4, 4]},
    }
    page = Page(to_html(replace(equal(), figures={"histograms": [layer]})))
    drawn = json.loads(next(text for text in page.scripts if text.startswith("{")))
    after, before = drawn["plot-delays-0"]["data"]
    assert (after["name"], after["x"], after["y"]) == ("after", [0, 1], [4, 4])
    assert (before["name"], before["x"], before["y"]) == ("before", [0.25, 0.75], [6, 10])
    assert "before: 8 synapses from 0.25 to 0.75, mean 0.5625" in page.text
