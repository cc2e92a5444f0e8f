"""Data of the page's figures: histograms and rasters, drawn and refused."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest
from report_examples import (
    equal,
)
from report_page import Page

from snnc.errors import InputError
from snnc.report.html_report import to_html


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


def test_synapses_that_pruning_removed_are_kept_apart_from_rounding() -> None:
    layer = {
        "layer": "hidden1",
        "weight_before": {"x": [-0.5, 0.0, 0.5], "y": [4, 4, 2]},
        "weight_after": {"x": [-2, 2], "y": [2, 3]},
        "scale": 4.0,
        "pruned": 3,
    }
    page = Page(to_html(replace(equal(), figures={"histograms": [layer]})))
    words = "; 2 of 10 synapses get weight 0 and are removed, and pruning removed 3 more."
    assert words in page.text


def test_delays_before_and_after_learning(page: Page) -> None:
    drawn = json.loads(next(text for text in page.scripts if text.startswith("{")))
    (before,), (learned,) = (drawn[f"plot-{name}-0"]["data"] for name in ("initial", "learned"))
    assert (learned["name"], before["name"]) == ("learned", "before learning")
    assert (before["x"], before["y"]) == (list(range(25)), [160] * 25)
    assert learned["x"] == list(range(31))
    assert "plot-initial-2" not in drawn
    for words in (
        "hidden1 The kernel grew from 25 to 31 steps.",
        "hidden2 The kernel kept its 31 steps.",
        "Initial delays were not recorded of readout.",
        "before learning: 4000 synapses from 0 to 24, mean 12.",
        "left, those that were drawn when training began",
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
    assert drawn["plot-initial-0"]["data"][0]["y"] == [0, 4, 0, 2]
    assert "The kernel shrank from 5 to 3 steps." in page.text


def test_html_thins_a_raster_of_too_many_spikes_and_says_so() -> None:
    steps = list(range(50_000))
    crowded = {"raster": [{"name": "input", "steps": steps, "neurons": [0] * 50_000, "count": 1}]}
    page = Page(to_html(replace(equal(), figures=crowded)))
    assert "input: 50000 spikes of 1 lines. Shown is one of every 3 spikes." in page.text
    drawn = json.loads(next(text for text in page.scripts if text.startswith("{")))
    path = drawn["plot-raster"]["layout"]["shapes"][0]["path"]
    assert [int(stroke.split(",")[0]) for stroke in path.split("M")[1:]] == steps[::3]


@pytest.mark.parametrize(
    ("steps", "own", "said"),
    [
        ([0, 9], None, "It lasts 10 steps. "),
        ([0, 8], None, "It lasts 10 steps, without an event in the last. "),
        ([4, 2], True, "It lasts 10 steps, without an event in the last 5. "),
        ([], True, "It lasts 10 steps. "),
        ([4, 2], False, "It lasts 10 steps. "),
    ],
)
def test_silence_at_the_end_of_a_sample_is_told_where_there_is_some(steps, own, said) -> None:
    """Of the input alone: later spikes of neurons are none. Nobody knows whether it is padding."""
    rows = [
        {"name": "x", "steps": steps, "neurons": [0] * len(steps), "count": 1, "input": own},
        {"name": "lif", "steps": [9], "neurons": [0], "count": 1, "input": own and False},
    ]
    curves = {"classes": ["a"], "v": [[0.0] * 10], "label": None, "predicted": "a"}
    page = Page(to_html(replace(equal(), figures={"time_steps": 10, "raster": rows, "readout": curves})))
    assert said in f"{page.text} "
    assert "padding" not in page.text


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
