"""How a cost is told: on how many recordings of whom, counted from what."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from report_examples import equal, losses
from rich.console import Console

from snnc.cli.losses import print_losses
from snnc.io import budget_file
from snnc.report.html_report import to_html
from snnc.report.json_report import from_json, to_json
from snnc.report.losses import loss_sentence
from snnc.stages.losses import ExportLosses, Recordings


@pytest.mark.parametrize(
    ("used", "but"),
    [(4, " on 4 recordings, which cannot exclude a loss of up to 48.99 points"), (400, "")],
)
def test_a_cost_of_nothing_says_how_much_that_tells(used: int, but: str) -> None:
    """Of n of n, Wilson's interval begins at n / (n + z^2) with z^2 = 3.8415: 51.01 and 99.05 %."""
    given = losses().loss
    assert given is not None
    stages = tuple(replace(given.stages[0], stage=each, correct=used) for each in ("float", "quantised"))
    budget = replace(given, recordings=Recordings("validation", used, used), stages=stages)
    told = loss_sentence(budget)
    assert told.startswith(
        f"none seen{but}: accuracy float 100.00 % → integers 100.00 %, +0.00 points, spikes "
    )
    assert told.endswith(f", on {used} validation recordings")


@pytest.mark.parametrize(
    ("speakers", "told"),
    [
        (("hans",), " of 1 source (field `speaker`: hans)"),
        (("joe", "nora"), " of 2 sources (field `speaker`: joe, nora)"),
        (tuple("abcdefghi"), " of 9 sources (field `speaker`: a, b, c, d, e, f, g, h, i)"),
        (tuple("abcdefghij"), ""),
        (None, ""),
    ],
)
def test_a_cost_names_the_few_speakers_that_it_was_measured_on(
    speakers: tuple[str, ...] | None, told: str
) -> None:
    given = losses()
    assert given.loss is not None
    assert given.bits is not None
    used = replace(given.loss.recordings, speakers=speakers)
    told = f"200 of 240 validation recordings{told}"
    assert loss_sentence(replace(given.loss, recordings=used)).endswith(f", on {told}")
    report = replace(equal(), costs=ExportLosses(replace(given.loss, recordings=used), given.bits))
    on_page = told.replace("`speaker`", "<code>speaker</code>")
    assert f"run on {on_page}." in to_html(report)
    assert from_json(to_json(report)).costs.loss == replace(given.loss, recordings=used)


def test_a_budget_of_an_earlier_release_names_no_speakers() -> None:
    given = losses()
    assert given.loss is not None
    document = json.loads(budget_file.pack(given)["budget.json"])
    del document["loss"]["recordings"]["speakers"]
    del document["bits"]["recordings"]["speakers"]
    assert budget_file.parse(json.dumps(document).encode(), Path("budget.json")) == given


def test_the_table_of_steps_names_what_it_counts_from() -> None:
    console = Console(width=100, record=True)
    print_losses(losses(), console)
    assert "(points and change: against float; dB: " in console.export_text()


def test_what_was_only_clipped_is_a_cost_and_no_fine_tuning() -> None:
    """A graph begins with the clipped real numbers, a chain with those before; of 200 recordings by hand."""
    given = losses().loss
    assert given is not None
    for first, told in (
        (("float",), "accuracy clipped weights as real numbers 95.00 % → integers 90.00 %, −5.00 points ("),
        (
            ("float", "rounded"),
            "accuracy float 95.00 % → integers 90.00 %, −5.00 points (",
        ),
    ):
        counts = dict.fromkeys(first, 190) | {"quantised": 180}
        stages = tuple(replace(given.stages[0], stage=each, correct=count) for each, count in counts.items())
        assert loss_sentence(replace(given, stages=stages), clipped=True).startswith(told)
