"""What the page says first: equality, overflow, passes, cores and traffic."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from report_examples import (
    different,
    equal,
    failed,
    golden_lost,
    only_reference,
)
from report_page import Page

from snnc.exporter.artifact import read_artifact, source_model
from snnc.exporter.passes.discretise import fold_batch_norm
from snnc.report.html_report import to_html
from snnc.report.json_report import from_json, to_json
from snnc.report.summary import facts
from snnc.stages import Report
from snnc.verification.verify import verify


def test_summary_answers_what_deployment_rests_on(page: Page) -> None:
    assert (
        "Every executor here is a simulation; nothing ran on a chip. Before you deploy "
        "Inputs compared golden: 8 samples; test: 20 samples 90.8 % of synapses carried a spike; 3 of 128 "
        "neurons never fired (recordings and generated inputs); equality is shown for these, not proved "
        "for all "
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
            {"pass 1, prune": "lines = 4, lines_removed = 1"},
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
    spikes = "150.0, 25.0 % fewer than the 200.0 when placed in neuron order on 5 cores"
    assert _fact(report, "Events of the input to cores, and spikes between cores") == (spikes, "")
    assert _fact(report, "Hops from tile to tile") == (
        "9.0; placed in neuron order on 5 cores it does not fit",
        "",
    )
    for none in ({"traffic": None}, {"resources": report.resources[:1]}):  # on one core nothing passes
        subjects = {fact.subject for fact in facts(replace(report, **none))}
        assert not subjects & {
            "Events of the input to cores, and spikes between cores",
            "Hops from tile to tile",
        }
