"""What is drawn around a divergence: membranes, and rasters beside each other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from report_examples import different, equal
from report_page import Page, figures_of, with_divergence

from snnc.errors import InputError
from snnc.report.diagnosis import context_rows
from snnc.report.figure_data import rasters
from snnc.report.html_report import to_html
from snnc.report.step_plots import raster_pair
from snnc.stages import NeuronContext, Report


def test_membrane_traces_around_the_divergence(page_of_difference: Page) -> None:
    drawn = figures_of(page_of_difference)["plot-context"]
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
    drawn = figures_of(Page(to_html(with_divergence(different(), vicinity=near))))["plot-context"]
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
    assert "plot-raster-found" not in figures_of(page)
    assert {"plot-raster", "plot-raster-found"} <= set(figures_of(page_of_difference))
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
