"""A loss of accuracy that is no chance, and more than 5 points, is a doubt about deploying."""

from __future__ import annotations

from dataclasses import replace

import pytest
from report_examples import equal

from snnc.report.cost import cost
from snnc.report.deploy import deploy
from snnc.report.lost import lost
from snnc.stages import AccuracyStage, Report
from snnc.stages.losses import BudgetStage, ExportLosses, LossBudget, Recordings


def measured(total: int, *correct: int, stages: tuple[str, ...] = ("float", "quantised")) -> Report:
    """Each stage is right on the first so many recordings, so that each later one loses what is less."""
    made = tuple(
        AccuracyStage(stage, "test", right, total, max(0, correct[0] - right), 0, max(0, right - correct[-1]))
        for stage, right in zip(stages, correct, strict=True)
    )
    return replace(equal(), accuracy=made)


def test_accuracy_at_chance_is_checked_first() -> None:
    """151 of 200 right, then 49 of these: 102 lost."""
    found = deploy(measured(200, 151, 49))
    assert (found.answer, found.tone) == ("Check first", "unsure")
    (said,) = found.limits
    assert said.startswith(
        "the integers lose accuracy: float 75.50 % → 24.50 %, −51.00 points on 200 recordings of test "
        "(95 % interval −"
    )


@pytest.mark.parametrize(
    ("total", "before", "after", "told"),
    [
        (1000, 950, 900, False),  # 5 points
        (1000, 950, 899, True),
        (10, 10, 9, False),  # 10 points, of one recording
        (200, 151, 160, False),
    ],
)
def test_a_loss_matters_above_chance_and_five_points(total: int, before: int, after: int, told: bool) -> None:
    assert bool(lost(measured(total, before, after))) == told


def test_where_single_decisions_are_unknown_the_interval_of_the_integers_decides() -> None:
    """Wilson of 38 of 50 ends at 85.7 %."""
    for before, told in ((48, True), (42, False)):
        first, last = (AccuracyStage(stage, "test", 38, 50) for stage in ("float", "quantised"))
        report = replace(equal(), accuracy=(replace(first, correct=before), last))
        assert ("(95 % interval of the integers 62.6 to 85.7 %)" in lost(report)) == told


def test_the_integers_are_held_against_what_their_cost_is_told_of() -> None:
    stages = ("float", "rounded", "finished", "quantised")
    assert "finished 95.00 % → 60.00 %" in lost(measured(200, 120, 100, 190, 120, stages=stages))
    tuned = measured(200, 120, 190, 80, stages=("float", "fine-tuned", "quantised"))
    assert "float 60.00 % → 40.00 %" in lost(tuned)
    assert lost(measured(200, 190, stages=("quantised",))) == ""
    assert lost(measured(200, 190, 60, stages=("float", "finished"))) == ""


@pytest.mark.parametrize("split", ["validation", "given, unlabelled"])
def test_else_the_loss_budget_of_the_export_tells(split: str) -> None:
    """Newcombe's own example: 36 both, 12 lost, 2 gained, 0 neither."""
    budget = LossBudget(
        Recordings(split, 50, 50), (BudgetStage("float", 48, (), 12), BudgetStage("quantised", 38, (), 0))
    )
    right = " (right is the class in real numbers)" if "unlabelled" in split else ""
    report = replace(equal(), accuracy=(), costs=ExportLosses(budget))
    assert lost(report) == (
        f"the integers lose accuracy: float 96.00 % → 76.00 %, −20.00 points on 50 {split} recordings{right} "
        "(95 % interval −34.04 to −5.69 points)"
    )
    assert lost(replace(report, costs=ExportLosses())) == ""


def budget_of(split: str, lost: int) -> ExportLosses:
    """All of 200 right in real numbers, and all but those `lost` in integers."""
    stages = BudgetStage("float", 200, (), lost), BudgetStage("quantised", 200 - lost, (), 0)
    return ExportLosses(LossBudget(Recordings(split, 200, 200), stages))


def test_what_the_export_lost_on_another_split_is_said_beside_none_seen() -> None:
    """8 of 200 lost are less than 5 points, but no chance; 24 of 200 are to be checked first.

    Newcombe, 192 both and 8 lost: phi is 0. Wilson's interval of 200 of 200 begins at 200 / 203.84 = 98.12 %,
    that of 192 of 200 is 92.31 to 97.96 %: -4 - 3.69 = -7.69, and -4 + sqrt(1.96^2 + 1.88^2) = -1.28.
    """
    none = measured(200, 190, 190)
    whole = "none seen: +0.00 points of accuracy, 95.00 % → 95.00 %"
    assert cost(none).answer == whole
    found = cost(small := replace(none, costs=budget_of("validation", 8)))
    assert (
        found.answer == "+0.00 points of accuracy, 95.00 % → 95.00 % on test, but −4.00 points on validation"
    )
    assert found.remark.endswith(
        ". The export measured float 100.00 % → 96.00 %, −4.00 points on 200 validation recordings "
        "(95 % interval −7.69 to −1.28 points)"
    )
    assert deploy(small).answer == deploy(none).answer
    large = replace(none, costs=budget_of("validation", 24))
    assert (deploy(large).answer, lost(none)) == ("Check first", "")
    assert lost(large).startswith(
        "the integers lose accuracy: float 100.00 % → 88.00 %, −12.00 points on 200 validation recordings"
    )


@pytest.mark.parametrize(("split", "count"), [("test", 24), ("validation", 0), ("validation", 1)])
def test_what_was_measured_here_or_may_be_chance_is_not(split: str, count: int) -> None:
    found = replace(none := measured(200, 190, 190), costs=budget_of(split, count))
    assert (cost(found), lost(found)) == (cost(none), "")
