"""What the export lost, in the page, in the terminal and in JSON."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from report_examples import equal, losses
from report_page import Page, figures_of
from rich.console import Console

from snnc.cli.losses import print_losses
from snnc.errors import InputError
from snnc.report.glossary import STEPS
from snnc.report.html_report import to_html
from snnc.report.json_report import from_json, to_json
from snnc.report.losses import (
    byte_rows,
    candidate_rows,
    chosen_by,
    decibels,
    drift_rows,
    loss_rows,
    loss_sentence,
    search_sentence,
)
from snnc.report.report_plots import report_plots
from snnc.stages.losses import BitsCandidate, BitsSearch, ExportLosses, Fidelity, Recordings


def test_rows_of_the_loss_budget() -> None:
    """190 of 200 are 95 %, 186 are 2 points fewer; 1100 spikes are 10 % more than 1000."""
    assert losses().loss is not None
    rows = loss_rows(losses().loss)
    assert rows[0] == {
        "step": "float",
        "accuracy": "95.00 %",
        "points": "+0.00",
        "spikes": 1000,
        "change": "+0.00 %",
        "hidden1 dB": "–",
        "readout dB": "–",
    }
    assert list(rows[1].values()) == ["delays rounded", "93.00 %", "−2.00", 1100, "+10.00 %", "17.4", "14.5"]
    assert list(rows[3].values())[-2:] == ["same", "same"]
    assert drift_rows(losses().loss)[1] == {
        "layer": "readout",
        "delays rounded": "14.5",
        "weights": "–",
        "decay": "–",
        "quantised": "13.2",
    }


def test_decibels_in_words() -> None:
    assert [
        decibels(f) for f in (None, Fidelity(None, True), Fidelity(None, False), Fidelity(9.96, False))
    ] == [
        "–",
        "same",
        "–",
        "10.0",
    ]


def test_rows_of_the_search() -> None:
    """5500 bytes become 3350: 39.09 % fewer."""
    assert losses().bits is not None
    assert [list(row.values()) for row in byte_rows(losses().bits)] == [
        ["hidden1", "8 → 4", "4000 → 3800", "5000 → 2850", "43.00 %"],
        ["readout", "8 → 8", "400 → 400", "500 → 500", "0.00 %"],
        ["all", "", "4400 → 4200", "5500 → 3350", "39.09 %"],
    ]
    first, missing, chosen = candidate_rows(losses().bits)
    assert list(first.values()) == ["8, 8", "94.00 %", "−0.50", 4400, 5500, ""]
    assert missing == {"weight bits": "2, 2", "note": "hidden1: no 2-bit scale holds <both>"}
    assert (chosen["points"], chosen["note"]) == ("−1.00", "chosen")


@pytest.mark.parametrize(
    ("used", "max_drop", "one"),
    [(32, 1, "3.12"), (40, 2, "2.5"), (100, 1, ""), (32, 3.125, ""), (32, 0, "")],
)
def test_few_recordings_cannot_show_a_small_drop(used: int, max_drop: float, one: str) -> None:
    candidates = (BitsCandidate((2,), used, (9,), (9,)),)
    search = BitsSearch(Recordings("validation", used, used), max_drop, used, ("a",), candidates, (2,))
    drop = "1 point" if max_drop == 1 else f"{max_drop} points"
    lost = f"none may be lost, and a loss of {drop} cannot be seen"
    few = f" (1 of {used} recordings is {one} points: {lost})" if one else ""
    assert search_sentence(search) == (
        f"at most {drop} below the 100.00 % of floating point with whole delays{few}: 1 network tried; "
        "chosen: a 2 bits, 100.00 %"
    )


def test_the_page_has_tables_and_pictures(page: Page) -> None:
    for words in (
        "on 200 of 240 validation recordings",
        "delays rounded 93.00 % −2.00 1100 +10.00 % 17.4 14.5",
        "hidden1 8 → 4 4000 → 3800 5000 → 2850 43.00 %",
        "at most 1 point below the 94.50 % of floating point with whole delays: 3 networks tried, "
        "1 of them beyond the number formats; chosen: hidden1 4, readout 8 bits, 93.50 %",
        "hidden1: no 2-bit scale holds <both>",
        f"decay : {STEPS['decay']}",
    ):
        assert words in page.text
    ids = [attributes.get("id") for attributes in page.named("div")]
    assert {"plot-accuracy", "plot-front", "plot-sqnr", "plot-bytes"} <= set(ids)
    assert "plot-loss" not in ids, "one picture has all accuracies"


def test_pictures_are_drawn_and_spoken() -> None:
    plots, _ = report_plots(equal())
    (steps,), (hidden, readout), sizes = (
        plots[f"plot-{name}"].figure["data"] for name in ("loss", "sqnr", "bytes")
    )
    assert steps["x"] == [95.0, 93.0, 93.5, 93.5, 92.0]
    assert hidden["y"] == ["delays rounded", "weights", "decay", "quantised"]
    assert (hidden["x"], hidden["text"][2]) == ([17.35, 32.5, 0, 44.5], "same")
    assert readout["x"] == [14.5, 26.9, 0, 38.94]
    assert [list(bars["x"]) for bars in sizes] == [[5000, 500], [2850, 500]]
    assert (
        "hidden1: delays rounded 17.4, weights 32.5, decay same, quantised 44.5"
        in plots["plot-sqnr"].alternative
    )
    assert "hidden1: 5000 to 2850; readout: 500 to 500" in plots["plot-bytes"].alternative


def test_one_picture_has_the_accuracies_of_both(page: Page) -> None:
    stages, budget = figures_of(page)["plot-accuracy"]["data"]
    assert (stages["name"], budget["name"]) == ("test", "loss budget, 200 of 240 validation recordings")
    assert stages["x"] == [93.5, 93.0, 94.0, 91.5, 92.0]
    assert budget["x"] == [95.0, 93.0, 93.5, 93.5, 92.0]
    order = figures_of(page)["plot-accuracy"]["layout"]["yaxis"]["categoryarray"]
    assert order == ["float", "delays rounded", "weights", "decay", "finished", "quantised only", "quantised"]


def test_a_page_without_costs_says_so() -> None:
    page = Page(to_html(replace(equal(), costs=ExportLosses())))
    assert "The export measured no loss" in page.text
    assert "plot-sqnr" not in [attributes.get("id") for attributes in page.named("div")]
    half = Page(to_html(replace(equal(), costs=ExportLosses(loss=losses().loss))))
    assert "Loss budget" in half.text
    assert "Fewest bits" not in half.text


def test_json_there_and_back() -> None:
    assert from_json(to_json(equal())) == equal()
    document = json.loads(to_json(equal()))
    assert document["costs"]["loss"]["stages"][1]["layers"][0]["previous"]["sqnr_db"] == 17.35
    assert document["costs"]["bits"]["chosen"] == [4, 8]
    document["costs"]["bits"]["chosen"] = [3, 8]
    with pytest.raises(InputError, match=r"costs\.bits.*chosen bits"):
        from_json(json.dumps(document))


BUT = " on 200 recordings, which cannot exclude a loss of up to {} points"


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        (
            {"float": 188, "quantised": 196},
            "none seen: accuracy float 94.00 % → integers 98.00 %, +4.00 points, ",
        ),
        (
            {"float": 188, "quantised": 188},
            f"none seen{BUT.format(4.19)}: accuracy float 94.00 % → integers 94.00 %, +0.00 points, ",
        ),
        ({"float": 188, "quantised": 180}, "accuracy float 94.00 % → integers 90.00 %, −4.00 points ("),
        (
            {"float": 170, "rounded": 160, "finished": 194, "clipped": 180, "quantised": 190},
            "accuracy finished 97.00 % → integers 95.00 %, −2.00 points (",
        ),
        (
            {"float": 190, "finished": 180, "quantised": 180},
            "accuracy float 95.00 % → integers 90.00 %, −5.00 points, −5.00 by whole delays and training "
            "with them, +0.00 by integers (",
        ),
    ],
)
def test_cost_is_counted_from_the_best_network_before_the_integers(counts: dict[str, int], told: str) -> None:
    """Points of 200 recordings by hand, and Wilson of 188: (0.94 + 0.0096) / 1.0192 = 0.9317, less 0.0336.

    A gain is called no cost.
    """
    given = losses().loss
    assert given is not None
    stages = tuple(
        replace(given.stages[0], stage=stage, correct=correct) for stage, correct in counts.items()
    )
    assert loss_sentence(replace(given, stages=stages)).startswith(told)


def test_recordings_that_chose_the_integers_show_no_absence_of_cost() -> None:
    """That they lost none is how they were chosen."""
    given = losses().loss
    assert given is not None
    stages = tuple(replace(given.stages[0], stage=stage, correct=188) for stage in ("float", "quantised"))
    told = loss_sentence(replace(given, stages=stages), chosen=("--max-drop", "--scale task"))
    assert told.startswith("accuracy float 94.00 % → integers 94.00 %, +0.00 points (95 % ")
    assert told.endswith(", by which --max-drop and --scale task also chose: judge on others")
    assert chosen_by({"options": {"max_drop": 1.0, "scale": "task"}}) == ("--max-drop", "--scale task")
    assert chosen_by({"options": {"max_drop": None, "scale": "mse"}}) == chosen_by({}) == ()


def test_spikes_are_counted_from_the_same_network_as_points() -> None:
    """By hand: 84 of what training finished are 5 % more than its 80, though 100 were there at first.

    Wilson of 180 of 200: (0.9 + 0.0096) / 1.0192 = 0.8925, and 1.96 * 0.02177 / 1.0192 = 0.0419 around it.
    """
    given = losses().loss
    assert given is not None
    counts = {"float": (170, 100), "finished": (190, 80), "quantised": (180, 84)}
    layer = replace(given.stages[0].layers[0], spikes=0)
    stages = tuple(
        replace(given.stages[0], stage=stage, correct=correct, layers=(replace(layer, spikes=spikes),))
        for stage, (correct, spikes) in counts.items()
    )
    told = (
        "finished 95.00 % → integers 90.00 %, −5.00 points (95 % interval of the integers 85.1 to 93.4 %), "
        "spikes +5.00 %, on "
    )
    assert told in loss_sentence(replace(given, stages=stages))


def test_what_fine_tuning_changed_is_no_cost_in_the_terminal() -> None:
    """Points of 200 recordings by hand, as above; a gain is no "none" either."""
    given = losses().loss
    assert given is not None
    for correct, told in ((180, "90.00 %, −5.00"), (198, "99.00 %, +4.00")):
        counts = {"float": 170, "finished": 190, "quantised": correct}
        stages = tuple(replace(given.stages[0], stage=each, correct=count) for each, count in counts.items())
        assert loss_sentence(replace(given, stages=stages), tuned=True).startswith(
            f"accuracy finished 95.00 % → integers after fine-tuning {told} points "
            "of fine-tuning and rounding together ("
        )


TUNED_STEPS = ("float", "rounded", "finished", "weights", "decay", "quantised")


@pytest.mark.parametrize(
    ("steps", "right", "tuned", "told"),
    [
        (TUNED_STEPS, 190, True, "fine-tuning and rounding together"),
        ((*TUNED_STEPS, "pruned"), 190, True, "fine-tuning, rounding and pruning together"),
        ((*TUNED_STEPS, "whole biases"), 190, True, "fine-tuning and rounding together"),
        ((*TUNED_STEPS, "pruned", "whole biases"), 190, False, "rounding and pruning together"),
        (TUNED_STEPS, 190, False, ""),
        # counted from the first step, which is better than the finished network
        (TUNED_STEPS, 170, True, "whole delays, training with them, fine-tuning and rounding together"),
        (
            (*TUNED_STEPS, "pruned"),
            170,
            False,
            "whole delays, training with them, rounding and pruning together",
        ),
        (("float", "quantised", "pruned"), 190, False, "rounding and pruning together"),
    ],
)
def test_points_are_of_all_that_was_done_between(
    steps: tuple[str, ...], right: int, tuned: bool, told: str
) -> None:
    """Of 200 recordings 180 in real numbers at first, `right` when finished, 160 in all other steps."""
    given = losses().loss
    assert given is not None
    counts = {"float": 180, "finished": right}
    stages = tuple(replace(given.stages[0], stage=each, correct=counts.get(each, 160)) for each in steps)
    best = max(180, right if "finished" in steps else 0)
    points = f", −{(best - 160) / 2:.2f} points{f' of {told}' if told else ''} ("
    assert points in loss_sentence(replace(given, stages=stages), tuned)


def test_a_graph_of_tuned_integers_begins_with_their_real_numbers() -> None:
    """So that nothing but rounding is between: the network that was read is the fine-tuned one."""
    given = losses().loss
    assert given is not None
    stages = tuple(
        replace(given.stages[0], stage=each, correct=count)
        for each, count in (("float", 190), ("quantised", 190))
    )
    told = f"none seen{BUT.format(3.96)}: accuracy tuned weights as real numbers 95.00 % → integers "
    told += "95.00 %, +0.00 "
    assert loss_sentence(replace(given, stages=stages), tuned=True).startswith(told)


def test_the_terminal_has_one_line_a_step() -> None:
    console = Console(width=100, record=True)
    print_losses(losses(), console)
    text = [" ".join(line.split()) for line in console.export_text().splitlines()]
    assert "quantised 92.00 % −3.00 990 −1.00 % 44.5 38.9" in text
    assert "all 4400 → 4200 5500 → 3350 39.09 %" in text
    said = " ".join(text)
    assert "(Bytes are placement's estimate for a chip, " in said
    assert (
        "flash there by zeros and smaller biases alone, but leaving out half of a layer's synapses (--prune) "
        "does, at the most two" in said
    )
    print_losses(ExportLosses(), console)
    assert console.export_text().strip() == ""
