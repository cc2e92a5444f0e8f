"""Learning in the page: delays beside each other, and curves by epoch."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from report_examples import equal
from report_page import Page, figures_of

from snnc.errors import InputError
from snnc.report.html_report import to_html
from snnc.report.training_plots import Training, training_plots


def with_figures(**parts: Any) -> Page:
    report = equal()
    return Page(to_html(replace(report, figures={**report.figures, **parts})))


LAYER = {
    "layer": "hidden1",
    "delay_initial": {"x": [1, 3], "y": [4, 2]},
    "delay_learned": {"x": [0, 2], "y": [1, 4]},
    "taps": [5, 3],
    "changed": 0.875,
    "moved": 1.25,
    "trained": True,
}


def test_initial_and_learned_delays_stand_beside_each_other_on_the_same_axes() -> None:
    page = with_figures(histograms=[LAYER])
    drawn = figures_of(page)
    initial, learned = drawn["plot-initial-0"], drawn["plot-learned-0"]
    assert (initial["data"][0]["x"], initial["data"][0]["y"]) == ([0, 1, 2, 3], [0, 4, 0, 2])
    assert (learned["data"][0]["x"], learned["data"][0]["y"]) == ([0, 1, 2], [1, 0, 4])
    for axis in ("xaxis", "yaxis"):
        assert initial["layout"][axis]["range"] == learned["layout"][axis]["range"]
    # Means: (4 * 1 + 2 * 3) / 6 and 4 * 2 / 5.
    words = "hidden1 6 → 5 1.67 → 1.60 1 → 0 3 → 2 2 → 2 87.50 % 1.25"
    assert words in page.text
    assert "hidden1 The kernel shrank from 5 to 3 steps." in page.text


def test_delays_that_were_not_recorded_are_said_to_be_so() -> None:
    page = with_figures(histograms=[{"layer": "a", "trained": True, "delay_after": LAYER["delay_initial"]}])
    assert "This model does not record its initial delays" in page.text
    assert "plot-initial-0" not in figures_of(page)


CURVES: dict[str, Any] = {
    "phases": ["gaussian", "gaussian", "rounded"],
    "curves": {
        "loss": [2.0, 1.0, 0.5],
        "train_accuracy": [0.25, None, 0.75],
        "sigma": [4.0, 1.0, 0.0],
    },
}


def test_curves_have_a_point_an_epoch_that_was_measured() -> None:
    page = with_figures(training=CURVES)
    drawn = figures_of(page)
    accuracy = drawn["plot-training-accuracy"]
    assert (accuracy["data"][0]["x"], accuracy["data"][0]["y"]) == ([1, 3], [25.0, 75.0])
    assert drawn["plot-training-loss"]["data"][0]["y"] == [2.0, 1.0, 0.5]
    assert drawn["plot-training-sigma"]["data"][0]["y"] == [4.0, 1.0, 0.0]
    assert [shape["x0"] for shape in accuracy["layout"]["shapes"]] == [2.5]
    assert "3 epochs: gaussian 1 to 2, rounded 3." in page.text


def test_what_was_not_measured_is_not_drawn() -> None:
    assert training_plots(Training(["a", "a"], {"sigma": [0.0, 0.0]})) == {}
    assert "No epochs of a training in this report" in Page(to_html(equal())).text


def test_curves_of_another_length_are_refused() -> None:
    with pytest.raises(InputError, match=r"training.curves.loss: has 1 epochs, expected 3"):
        with_figures(training=CURVES | {"curves": {"loss": [1.0]}})
