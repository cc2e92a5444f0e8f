"""A cost that was not seen: how large a loss the recordings leave possible.

Newcombe's method 10 by hand, of n recordings that are all right before and after: both of Wilson's intervals
begin at n / (n + z^2), z^2 = 3.8415, and phi is 0, so that a change of 0 begins at -z^2 / (n + z^2).
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from report_examples import equal

from snnc.report.accuracy import none_seen
from snnc.report.cost import cost
from snnc.report.losses import loss_sentence
from snnc.stages import AccuracyStage
from snnc.stages.losses import BudgetStage, ExportLosses, LossBudget, Recordings


def of(used: int, lost: int | None) -> LossBudget:
    stages = (BudgetStage("float", used, (), lost), BudgetStage("quantised", used, (), 0))
    return LossBudget(Recordings("validation", used, used), stages)


@pytest.mark.parametrize(
    ("used", "said"),
    [
        (96, " on 96 recordings, which cannot exclude a loss of up to 3.85 points"),  # 3.8415 / 99.8415
        (400, ""),  # 3.84 / 403.84 = 0.95
    ],
)
@pytest.mark.parametrize("lost", [0, None])
def test_none_seen_says_what_it_cannot_exclude(used: int, said: str, lost: int | None) -> None:
    """With all right, the interval of the last accuracy begins where that of the change does."""
    before, after = AccuracyStage("float", "test", used, used), AccuracyStage("quantised", "test", used, used)
    assert none_seen(before, replace(after, lost=lost)) == f"none seen{said}"
    assert loss_sentence(of(used, lost)).startswith(f"none seen{said}: accuracy float 100.00 %")
    report = replace(equal(), accuracy=(before, replace(after, lost=lost)))
    budget = replace(report, accuracy=(), costs=ExportLosses(of(used, lost)))
    for each in cost(report), cost(budget):  # the headline is short, and what it leaves open stands behind
        assert each.answer == "none seen: +0.00 points of accuracy, 100.00 % → 100.00 %"
        begin = said.removeprefix(" on ").replace(", which", "") + "; " if said else ""
        assert each.remark.startswith(f"{begin}float to quantised, ")
        assert "chance" not in each.remark  # of no difference


def test_the_interval_is_of_the_same_recordings() -> None:
    """Newcombe's own example mirrored, 36 both, 2 lost, 12 gained of 50: a gain of 5.69 points at least."""
    before, after = AccuracyStage("float", "test", 38, 50), AccuracyStage("quantised", "test", 48, 50, lost=2)
    assert none_seen(before, after) == "none seen"
    assert "a loss of up to" in none_seen(before, replace(after, correct=38, lost=12))


@pytest.mark.parametrize(
    ("lost", "ends"),
    [
        # as Newcombe gives it for 36 both, 12 lost, 2 gained, 0 neither: 0.0569 to 0.3404
        (12, "95 % interval −34.04 to −5.69 points"),
        (None, "95 % interval of the integers 62.6 to 85.7 %"),  # Wilson of 38 of 50
    ],
)
def test_a_loss_has_the_interval_of_the_difference(lost: int | None, ends: str) -> None:
    """In the terminal and in the report, where the budget tells which recordings were lost."""
    stages = BudgetStage("float", 48, (), lost), BudgetStage("quantised", 38, (), 0)
    budget = LossBudget(Recordings("validation", 50, 50), stages)
    told = loss_sentence(budget)
    assert told.startswith(f"accuracy float 96.00 % → integers 76.00 %, −20.00 points ({ends}), on ")
    report = replace(equal(), accuracy=(), costs=ExportLosses(budget))
    assert cost(report).remark.endswith(f"50 validation recordings; {ends}")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("max_drop None, percentile None, scale task, weight_bits 8", "--scale task"),
        ("max_drop = –, percentile = –, scale = task, weight_bits = 8", "--scale task"),
        ("max_drop = 1.0, scale = –", "--max-drop"),
        ("max_drop 1.0, percentile None, scale task", "--max-drop and --scale task"),
        ("max_drop 0.0, percentile None, scale None", "--max-drop"),
    ],
)
def test_the_card_counts_all_that_chose(options: str, said: str) -> None:
    """As a report has the options: in one line."""
    report = replace(
        equal(),
        accuracy=(),
        costs=ExportLosses(of(400, 0)),
        provenance={**equal().provenance, "options": options},
    )
    found = cost(report)
    assert found.answer.startswith("+0.00 points of accuracy, 100.00 %")
    assert found.remark.endswith(f"; by these recordings {said} also chose: judge on others")


@pytest.mark.parametrize(
    "options", ["max_drop None, percentile None, scale mse", "max_drop = –, scale = mse"]
)
def test_options_that_chose_nothing_leave_the_card_as_it_is(options: str) -> None:
    report = replace(equal(), accuracy=(), costs=ExportLosses(of(400, 0)))
    report = replace(report, provenance={**equal().provenance, "options": options})
    assert cost(report).answer.startswith("none seen: ")
