"""The renderings of a report: JSON and back, the HTML page, the terminal."""

from __future__ import annotations

import io
import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from report_examples import different, equal
from rich.console import Console

import snnc.executors
from snnc.accuracy import source_model
from snnc.errors import InputError
from snnc.exporter.artifact import read_artifact
from snnc.exporter.fold_batch_norm import fold_batch_norm
from snnc.report.console import print_report
from snnc.report.glossary import EXECUTORS, STAGES
from snnc.report.html_report import to_html
from snnc.report.interval import wilson
from snnc.report.json_report import from_json, to_json
from snnc.report.summary import facts
from snnc.report.verdict import Outcome, first_divergence, verdict
from snnc.stages import AccuracyStage, Divergence, ExecutorResult, Report, Rung
from snnc.verify import verify

# --- the verdict -----------------------------------------------------------------------------------


def test_equal_verdict_names_all_and_the_samples() -> None:
    assert str(verdict(equal())) == (
        "Bit-exact: torch = oracle = hwsim = lava-stock = lava-event over 28 samples"
    )


def test_verdict_does_not_claim_samples_an_executor_did_not_run() -> None:
    report = equal()
    few = replace(report.executors[3], samples=1)
    report = replace(report, executors=(*report.executors[:3], few))
    assert str(verdict(report)) == (
        "Bit-exact: torch = oracle = hwsim = lava-stock over 1 to 28 samples, by executor"
    )


def test_different_verdict_names_the_first_divergence() -> None:
    assert str(verdict(different())) == (
        "NOT EQUAL: first divergence in hwsim: test sample 3, step 17, layer hidden2, neuron 41, "
        "variable v: torch 812, hwsim 811"
    )


def _only_reference(report: Report) -> Report:
    return replace(report, executors=report.executors[:1])


def _nothing_run(report: Report) -> Report:
    return replace(report, executors=tuple(replace(r, samples=0) for r in report.executors))


def _failed(report: Report) -> Report:
    broken = ExecutorResult("lava-event", Rung.NOTHING, 0, 0.1, failed="timed out after 60 s")
    return replace(report, executors=(*report.executors[:4], broken))


def _golden_lost(report: Report) -> Report:
    return replace(report, golden_reproduced=False)


def _weak_rung(report: Report) -> Report:
    weak = replace(report.executors[1], rung=Rung.READOUT)
    return replace(report, executors=(report.executors[0], weak))


@pytest.mark.parametrize(
    ("change", "outcome", "words"),
    [
        (_only_reference, Outcome.NOT_VERIFIED, "no executor other than torch"),
        (_nothing_run, Outcome.NOT_VERIFIED, "nothing was compared"),
        (_failed, Outcome.NOT_VERIFIED, "lava-event broke down: timed out after 60 s"),
        (_golden_lost, Outcome.NOT_EQUAL, "exporting machine recorded"),
        (_weak_rung, Outcome.NOT_EQUAL, 'oracle and torch agree no further than rung "readout v"'),
    ],
)
def test_no_other_report_is_called_equal(
    change: Callable[[Report], Report], outcome: Outcome, words: str
) -> None:
    found = verdict(change(equal()))
    assert found.outcome is outcome
    assert words in found.grounds


def test_first_divergence_follows_the_order_of_the_contract() -> None:
    report = different()
    base = report.executors[2].divergence
    assert base is not None

    def among(**later: Any) -> Divergence:
        """What is found first: `base` in the last executor, or one that differs in `later`."""
        other = replace(report.executors[1], rung=Rung.CLASS, divergence=replace(base, **later))
        found = first_divergence(replace(report, executors=(other, report.executors[2])))
        assert found is not None
        return found[1]

    for later in (
        {"sample": 4, "step": 0},
        {"step": 18, "layer": "hidden1"},
        {"layer": "readout", "neuron": 0},
        {"neuron": 42, "variable": "u"},
        {"variable": "spike"},
    ):
        assert among(**later) == base
    for earlier in ({"split": "golden", "sample": 7}, {"layer": "hidden1", "neuron": 63}, {"variable": "u"}):
        assert among(**earlier) == replace(base, **earlier)


# --- JSON ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("report", [equal(), different(), _failed(equal())])
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


# --- HTML ------------------------------------------------------------------------------------------


class _Page(HTMLParser):
    """Start tags with attributes, and the text outside scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.scripts: list[str] = []
        self._text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        if self.lasttag == "script":
            self.scripts.append(data)
        elif self.lasttag != "style":
            self._text.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self._text).split())

    def named(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def page() -> _Page:
    return _Page(to_html(equal()))


@pytest.fixture(scope="module")
def page_of_difference() -> _Page:
    return _Page(to_html(different()))


def test_html_says_equal(page: _Page) -> None:
    verdict_line = "Bit-exact: torch = oracle = hwsim = lava-stock = lava-event over 28 samples"
    assert verdict_line in page.text
    assert "NOT EQUAL" not in page.text
    for words in (
        "Highest rung of all that was compared bit-exact",
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


# Examples of R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in
# Medicine 17, 1998, table I, score method.
@pytest.mark.parametrize(
    ("correct", "total", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_interval(correct: int, total: int, low: float, high: float) -> None:
    assert wilson(correct, total) == pytest.approx((low, high), abs=5e-5)
    assert wilson(total - correct, total) == pytest.approx((1 - high, 1 - low), abs=5e-5)


def test_bars_carry_the_interval(page: _Page) -> None:
    drawn = json.loads(next(text for text in page.scripts if text.startswith("{")))
    bars = drawn["plot-accuracy"]["data"][0]
    # 187 of 200, by hand: 89.198 % to 96.162 %
    assert bars["x"][0] - bars["error_x"]["arrayminus"][0] == pytest.approx(89.198, abs=1e-3)
    assert bars["x"][0] + bars["error_x"]["array"][0] == pytest.approx(96.162, abs=1e-3)


def test_summary_answers_what_deployment_rests_on(page: _Page) -> None:
    assert (
        "Every executor here is a simulation; no run on a chip is claimed. Before you deploy "
        "Verdict Bit-exact every u, v and spike of 5 executors agrees "
        "Inputs compared golden: 8 samples; test: 20 samples equality is shown for these, not proved for all "
        "Accuracy, float to quantised 93.50 % → 92.00 %, −1.50 points 200 recordings of test "
        "Overflow of u and v proved absent for all inputs "
        "Cores of the chip 4 of 128 used fullest: 95 % of a core's synapse memory, by the export's estimate"
    ) in page.text


def test_samples_compared_are_not_the_recordings_of_the_accuracy(page: _Page) -> None:
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
        (0, None, "no word of a proof, 0 saturations counted", "unsure"),
        (0, "yes", "no word of a proof, 0 saturations counted", "unsure"),
    ],
)
def test_overflow_is_called_absent_only_if_proved(
    count: int | None, proved: object, answer: str, tone: str
) -> None:
    assert _fact(_saturating(equal(), count, proved), "Overflow") == (answer, tone)


def test_equality_is_claimed_in_the_summary_only_if_it_holds() -> None:
    for report in (different(), _failed(equal()), _golden_lost(equal()), _only_reference(equal())):
        assert "equality is shown" not in _Page(to_html(report)).text
        assert _fact(report, "Verdict")[1] == "bad"


def test_verify_fills_what_the_summary_shows(tiny_artifact: Path) -> None:
    artifact = read_artifact(tiny_artifact)
    claimed = artifact.manifest["provenance"] | {"overflow_proved": False}
    artifact = replace(artifact, manifest={**artifact.manifest, "provenance": claimed})
    report = verify(artifact, [], executors=["oracle"])
    assert report.provenance["overflow_proved"] is True  # proved anew, whatever the manifest says
    assert report.chip_cores == 128
    assert report.figures["sample"] == {"split": "golden", "index": 0}
    model = source_model(artifact)
    for layer, trained, row in zip(
        artifact.graph.layers, model.layers, report.figures["histograms"], strict=True
    ):
        weight, _ = fold_batch_norm(trained)
        assert np.array_equal(np.rint(weight * row["scale"]), layer.weight)
    assert from_json(to_json(report)) == report
    assert "Pictured: golden sample 0" in _Page(to_html(report)).text


def test_cores_of_the_chip() -> None:
    report = equal()
    two = ({"chip": 0, "core": 0}, {"chip": 1, "core": 0}, {"chip": 1, "core": 0})
    over = ({"chip": 0, "core": 0, "axons": "12 / 10"},)
    for changed, answer in (
        (replace(report, chip_cores=None), ("4 used", "unsure")),
        (replace(report, chip_cores=3), ("does not fit: 4 of 3 used", "bad")),
        (replace(report, resources=over), ("does not fit: 1 of 128 used", "bad")),
        (replace(report, resources=two), ("2 of 256 used, on 2 chips", "unsure")),
        (replace(report, resources=()), ("not in this report", "unsure")),
    ):
        assert _fact(changed, "Cores") == answer


def test_accuracy_of_the_summary() -> None:
    unknown = AccuracyStage("quantised", "test", 0, 0)
    report = equal()
    assert _fact(replace(report, accuracy=(unknown,)), "Accuracy")[0] == "not measured"
    alone = _fact(replace(report, accuracy=(report.accuracy[0], unknown)), "Accuracy, float only")
    assert alone[0] == "93.50 %"


def test_words_are_explained_and_only_those_present(page: _Page) -> None:
    for word in ("float", "rounded", "finished", "quantised"):
        assert f"{word} : {STAGES[word]}" in page.text
    report = equal()
    text = _Page(to_html(replace(report, accuracy=report.accuracy[:2]))).text
    assert STAGES["rounded"] in text
    assert STAGES["finished"] not in text
    assert set(EXECUTORS) == set(snnc.executors.EXECUTORS)
    for name, words in EXECUTORS.items():
        assert f"{name} {words}" in page.text


def test_the_pictured_sample_is_named(page: _Page) -> None:
    assert page.text.count("Pictured: test sample 0, counted from 0 among those compared.") == 2


def test_weights_before_are_drawn_in_steps_of_those_after() -> None:
    layer = {
        "layer": "hidden1",
        "weight_before": {"x": [-0.5, 0.0, 0.5], "y": [4, 4, 2]},
        "weight_after": {"x": [-2, 2], "y": [5, 3]},
        "scale": 4.0,
    }
    page = _Page(to_html(replace(equal(), figures={"histograms": [layer]})))
    drawn = json.loads(next(text for text in page.scripts if text.startswith("{")))
    after, before = drawn["plot-weights-0"]["data"]
    assert (after["x"], after["y"]) == ([-2, 2], [5, 3])
    assert (before["x"], before["y"]) == ([-2, 0, 2], [2, 2, 1])  # bins of 2 steps
    assert "xaxis" not in before
    words = "One step is 0.25 of the trained weight; 2 of 10 synapses round to weight 0 and are gone."
    assert words in page.text


def test_html_shows_the_first_divergence(page_of_difference: _Page) -> None:
    for words in (
        "NOT EQUAL: first divergence in hwsim: test sample 3, step 17, layer hidden2, neuron 41",
        "torch (expected) 812 hwsim (found) 811",
        "4 of 9",
        "7 -23 4 13",
        "lava-event (needs Python 3.10; run `uv sync`)",
    ):
        assert words in page_of_difference.text


def test_html_sections_come_in_order(page: _Page) -> None:
    assert [section["id"] for section in page.named("section")] == [
        "summary",
        "executors",
        "divergence",
        "activity",
        "histograms",
        "readout",
        "layers",
        "resources",
        "provenance",
    ]


def test_html_is_small_and_loads_nothing(page: _Page) -> None:
    assert len(to_html(equal()).encode()) < 6_000_000
    for tag, attributes in page.tags:
        for name in ("src", "href", "srcset", "action", "data", "poster"):
            value = attributes.get(name, "")
            assert value.startswith("#") or value in ("", "data:,"), (tag, name, value)
    policy = next(a["content"] for a in page.named("meta") if "http-equiv" in a)
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "http" not in policy
    assert "unsafe-eval" not in policy


def test_html_can_be_read_aloud(page: _Page) -> None:
    tags = [tag for tag, _ in page.tags]
    for landmark in ("header", "nav", "main", "footer", "h1"):
        assert tags.count(landmark) == 1, landmark
    assert tags.count("table") == tags.count("caption") == 5
    assert page.named("html")[0]["lang"] == "en"
    pictures = [attributes for attributes in page.named("div") if attributes.get("role") == "img"]
    assert len(pictures) == 1 + 1 + 1 + 3 * 2
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
    ours = _Page(to_html(equal()))
    page = _Page(html)
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
    text = _Page(to_html(bare)).text
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
    report = replace(equal(), resources=({"core": 0, "axons": "12 / 10"}, {"core": 1, "axons": "5 / 10"}))
    html = to_html(report)
    assert _Page(html).text.count("over the limit") == 1
    assert re.findall(r'<span style="width:([\d.]+)%">', html) == ["100.0", "50.0"]


def test_html_of_a_report_read_back_is_the_same() -> None:
    report = different()
    assert to_html(from_json(to_json(report))) == to_html(report)


def test_html_thins_a_raster_of_too_many_spikes_and_says_so() -> None:
    steps = list(range(50_000))
    crowded = {"raster": [{"name": "input", "steps": steps, "neurons": [0] * 50_000, "count": 1}]}
    page = _Page(to_html(replace(equal(), figures=crowded)))
    assert "input: 50000 spikes of 1 neurons. Shown is one of every 3 spikes." in page.text
    drawn = json.loads(next(text for text in page.scripts if text.startswith("{")))
    assert drawn["plot-raster"]["data"][0]["x"] == steps[::3]


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


def test_histogram_edges_become_centres_and_fine_bins_a_density() -> None:
    layer = {
        "layer": "hidden1",
        "delay_before": {"x": [0, 0.5, 1.0], "y": [3, 5]},
        "delay_after": {"x": [0, 1], "y": [4, 4]},
    }
    page = _Page(to_html(replace(equal(), figures={"histograms": [layer]})))
    drawn = json.loads(next(text for text in page.scripts if text.startswith("{")))
    after, before = drawn["plot-delays-0"]["data"]
    assert (after["name"], after["x"], after["y"]) == ("after", [0, 1], [4, 4])
    assert (before["name"], before["x"], before["y"]) == ("before", [0.25, 0.75], [6, 10])
    assert "before: 8 synapses from 0.25 to 0.75, mean 0.5625" in page.text


# --- the terminal ----------------------------------------------------------------------------------


def _printed(report: Report, *, terminal: bool = False, path: str | None = None, width: int = 80) -> str:
    buffer = io.StringIO()
    console = Console(file=buffer, width=width, force_terminal=terminal, highlight=False)
    print_report(report, console, path)
    return buffer.getvalue()


def test_console_in_a_pipe_is_plain_and_keeps_sentences_whole() -> None:
    lines = _printed(different(), path="out/report.html").splitlines()
    assert lines[0] == str(verdict(different()))
    assert not any("\x1b" in line for line in lines)
    assert "first divergence: test sample 3, step 17, layer hidden2, neuron 41, variable v" in lines
    assert "  torch 812, hwsim 811" in lines
    assert (
        "  9 synapses delivered a spike: source 7 weight -23 delay 4 spike in step 13; "
        "source 12 weight 90 delay 0 spike in step 17; "
        "source 30 weight 5 delay 16 spike in step 1; 6 more"
    ) in lines
    assert "lava-event did not run: needs Python 3.10; run `uv sync`" in lines
    assert lines[-1] == "report: out/report.html"


def test_console_table_and_accuracy() -> None:
    text = _printed(equal())
    row = next(line for line in text.splitlines() if line.strip().startswith("hwsim"))
    assert row.split() == ["hwsim", "bit-exact", "28", "3.60", "0"]
    row = next(line for line in text.splitlines() if line.strip().startswith("torch"))
    assert row.split() == ["torch", "reference", "28", "0.40", "0"]
    assert (
        "accuracy: float 93.50 % (187 of 200 test), rounded 93.00 % (186 of 200 test), "
        "finished 94.00 % (188 of 200 test), quantised 92.00 % (184 of 200 test)"
    ) in text.splitlines()
    assert "first divergence" not in text


@pytest.mark.parametrize("change", [_only_reference, _nothing_run])
def test_nothing_compared_has_no_rung(change: Callable[[Report], Report]) -> None:
    report = change(equal())
    assert report.rung is Rung.NOTHING
    assert json.loads(to_json(report))["rung"] == {"label": "nothing", "level": 0}
    lines = _printed(report).splitlines()
    assert lines[0].startswith("NOT VERIFIED: ")
    assert lines[1].startswith("rung: none, since nothing was compared; inputs run: golden 8, test 20; ")
    page = _Page(to_html(report)).text
    assert "Inputs compared none torch alone ran golden: 8 samples; test: 20 samples" in page
    assert "The accuracy is over the 200 recordings of test; no samples were compared." in page


def test_a_rung_beside_a_breakdown_names_who_holds_it() -> None:
    line = _printed(_failed(equal())).splitlines()[1]
    assert line.startswith("rung: bit-exact, of oracle, hwsim, lava-stock only; inputs compared: ")


@pytest.mark.parametrize("width", [20, 40, 50, 60])
def test_console_in_a_narrow_terminal_breaks_between_words(width: int) -> None:
    report = _failed(_skipped(_weak_shift(equal())))
    lines = _printed(report, width=width).splitlines()
    assert "…" not in "".join(lines)
    flat = " ".join(" ".join(lines).split())
    for words in (
        "torch: reference, 28 samples, 0.40 s, 0 saturations",
        "oracle: spikes after a shift, 28 samples, 1.20 s, 0 saturations",
        "hwsim: bit-exact, 28 samples, 3.60 s, saturations not counted",
        "lava-stock: not run",
        "lava-event: broke down",
    ):
        assert words in flat
    start = lines.index(next(line for line in lines if line.startswith("torch: ")))
    end = lines.index(next(line for line in lines if line.startswith("lava-event: ")))
    assert max(map(len, lines[start:end])) <= width


def _weak_shift(report: Report) -> Report:
    torch, oracle, hwsim, *others = report.executors
    oracle, hwsim = replace(oracle, rung=Rung.SHIFTED_SPIKES), replace(hwsim, saturations=None)
    return replace(report, executors=(torch, oracle, hwsim, *others))


def _skipped(report: Report) -> Report:
    skipped = ExecutorResult("lava-stock", Rung.NOTHING, 0, 0.0, skipped="no Lava here")
    return replace(report, executors=(*report.executors[:3], skipped, report.executors[4]))


def test_console_in_a_terminal_colours_the_verdict() -> None:
    assert "\x1b[1;32mBit-exact:" in _printed(equal(), terminal=True)
    assert "\x1b[1;31mNOT EQUAL:" in _printed(different(), terminal=True)
    assert "broke down" in _printed(_failed(equal()))


def test_console_takes_no_markup_from_the_report() -> None:
    assert "layer [bold]x[/bold]," in _printed(different(layer="[bold]x[/bold]"))
