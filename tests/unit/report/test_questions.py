"""The three questions that a report answers first, and how sure its numbers are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_examples import different, equal
from report_page import Page

from snnc.api.verified import Verified
from snnc.report.accuracy import newcombe, wilson
from snnc.report.html_report import to_html
from snnc.report.json_report import from_json, to_json
from snnc.report.lost import lost
from snnc.report.questions import questions
from snnc.stages import AccuracyStage, Report
from snnc.stages.losses import BudgetStage, ExportLosses, LossBudget, Recordings


# Examples of R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in
# Medicine 17, 1998, table I, score method.
@pytest.mark.parametrize(
    ("correct", "total", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_interval(correct: int, total: int, low: float, high: float) -> None:
    assert wilson(correct, total) == pytest.approx((low, high), abs=5e-5)
    assert wilson(total - correct, total) == pytest.approx((1 - high, 1 - low), abs=5e-5)


# The first two are examples of R. G. Newcombe, "Improved confidence intervals for the difference between
# binomial proportions based on paired data", Statistics in Medicine 17, 1998, method 10; the last, of Bentur
# et al. (2009), is worked out in M. W. Fagerland et al., Statistics in Medicine 33, 2014. All of them take
# before minus after.
@pytest.mark.parametrize(
    ("both", "lost", "gained", "neither", "low", "high"),
    [
        (36, 12, 2, 0, 0.0569, 0.3404),
        (20, 12, 2, 16, 0.0562, 0.3292),
        (1, 1, 7, 12, -0.5069, -0.0256),
    ],
)
def test_paired_interval(both: int, lost: int, gained: int, neither: int, low: float, high: float) -> None:
    assert newcombe(both, lost, gained, neither) == pytest.approx((-high, -low), abs=5e-5)


COUNT = st.integers(0, 3000)


@given(st.tuples(COUNT, COUNT, COUNT, COUNT).filter(any))
def test_paired_interval_holds_the_change_and_mirrors(counts: tuple[int, int, int, int]) -> None:
    a, b, c, d = counts
    low, high = newcombe(a, b, c, d)
    assert -1 - 1e-9 <= low <= (c - b) / (a + b + c + d) <= high <= 1 + 1e-9
    assert newcombe(a, c, b, d) == pytest.approx((-high, -low), abs=1e-9)


def _answers(report: Report) -> list[tuple[str, str]]:
    return [(fact.answer, fact.tone) for fact in questions(report)]


def test_questions_of_an_equal_report() -> None:
    """−2.00 points: 188 of 200 become 184, 6 lost and 2 gained; the interval was worked out apart.

    Before training finished it, the network had 187: what that gained is no gain of the integers.
    """
    _, cost, bottleneck = questions(equal())
    assert cost.answer == "−2.00 points of accuracy, 94.00 % → 92.00 %"
    assert cost.remark == (
        "finished to quantised, 200 recordings of test; 95 % interval −5.48 to +1.15 points, so it may "
        "be chance; 6 right decisions became wrong, 2 wrong ones right. "
        "Before whole delays and training with them, float: 93.50 %"
    )
    # Of 2 ms in two samples core 0.5 works for 1.42 ms, half of that for reading memory.
    assert bottleneck.answer == "Core 0.5, busy for 71 % of the time"
    assert bottleneck.remark == (
        "core 5 of chip 0 holds neurons 0–59 and 63 of hidden2; its synapse unit works longest, 50 % of "
        "that for finding and reading synapses; its neuron unit meanwhile for 5.0 %. "
        "Estimated: 1.00 ms and 2.00 µJ a sample"
    )


def test_a_gain_is_no_cost() -> None:
    """Wilson of 188 of 200 begins at 89.8 %, that of 190 at 91.0 %; 94 % were right before."""
    report = equal()
    for correct, answer in (
        (188, "+0.00 points of accuracy, 94.00 % → 94.00 %"),
        (190, "+1.00 points of accuracy, 94.00 % → 95.00 %"),
        (199, "+5.50 points of accuracy, 94.00 % → 99.50 %"),
    ):
        last = replace(report.accuracy[-1], correct=correct, lost=None)
        finished = replace(report.accuracy[2], lost_at_end=None)
        stages = (*report.accuracy[:2], finished, report.accuracy[3], last)
        cost = questions(replace(report, accuracy=stages))[1]
        assert cost.answer == f"none seen: {answer}"
        most = {188: "4.19", 190: "2.96"}.get(correct)
        begin = f"200 recordings cannot exclude a loss of up to {most} points; " if most else ""
        assert cost.remark.startswith(f"{begin}finished to quantised, 200 recordings of test; ")


def test_the_page_begins_with_the_answers() -> None:
    for report in (equal(), different()):
        text = Page(to_html(report)).text
        places = [text.index(fact.subject) for fact in questions(report)]
        assert places == sorted(places)
        assert places[-1] < text.index("Before you deploy")


def test_what_fine_tuning_changed_is_no_cost_of_quantisation() -> None:
    """188 of 200 before it, 183 rounded, 184 after it: −2.00 and −2.50 points."""
    tuning = "for c on all.npz (588 recordings trained, 84 validated; 2 epochs)"
    report = replace(equal(), finetuned=tuning)
    cost = questions(report)[1]
    assert cost.answer == "not told alone: fine-tuning and quantisation together −2.00 points"
    assert cost.remark == (
        f"the integers were fine-tuned {tuning}. finished, before fine-tuning, 94.00 % → integers "
        "after it 92.00 %, 200 recordings of test; rounded without fine-tuning 91.50 %, −2.50 points"
    )
    text = " ".join(Page(to_html(report)).text.split())
    assert f'The network was fine-tuned {tuning}. "quantised" is the integers after' in text
    assert "compared with the trained network" not in text
    assert from_json(to_json(report)) == report


def test_what_pruning_took_is_no_cost_of_quantisation_alone() -> None:
    """As the manifest tells the options, in one line; 0 is what stands there where none is asked for."""
    options = "weight_bits = 8, max_drop = –, prune = {}, prune_by = magnitude"
    for share, with_it in (("0.3", True), ("None", True), ("auto", True), ("0.0", False), ("0", False)):
        report = replace(equal(), provenance={**equal().provenance, "options": options.format(share)})
        cost = questions(report)[1]
        assert cost.answer.endswith(", with pruning") == with_it
        assert cost.remark.endswith(". Before whole delays and training with them, float: 93.50 %")
        behind = replace(report, accuracy=(report.accuracy[0], report.accuracy[1], report.accuracy[4]))
        parts = questions(behind)[1].remark  # nothing was gained before the integers
        assert parts.endswith(" from integers and pruning" if with_it else " from integers")
        lead = "quantising weights and leaving out synapses" if with_it else "delays and quantising weights"
        assert lead in " ".join(Page(to_html(report)).text.split())
        cost = questions(replace(report, finetuned="for c on all.npz"))[1]
        told = "fine-tuning, quantisation and pruning" if with_it else "fine-tuning and quantisation"
        assert cost.answer == f"not told alone: {told} together −2.00 points"
        alone = "fine-tuning and pruning" if with_it else "fine-tuning"
        assert f"; rounded without {alone} 91.50 %" in cost.remark


@pytest.mark.parametrize(
    ("flag", "answer"),
    [
        ({"finished_in_training": ["hidden1"]}, "not told alone: fine-tuning and quantisation together"),
        ({}, "−3.00 points of accuracy"),  # weights in real numbers were tuned, and are the first step
    ],
)
def test_tuned_integers_are_told_by_the_loss_budget_too(flag: dict[str, object], answer: str) -> None:
    """As a report has its provenance: the record of fine-tuning is a text."""
    told = {**equal().provenance, "finetuned": "for c on all.npz", **flag}
    report = replace(equal(), accuracy=(), finetuned="for c on all.npz", provenance=told)
    budget = report.costs.loss
    assert budget is not None
    if not flag:
        stages = (budget.stages[0], budget.stages[-1])
        report = replace(report, costs=replace(report.costs, loss=replace(budget, stages=stages)))
    cost = questions(report)[1]
    assert cost.answer.startswith(answer)
    assert cost.remark.startswith(
        "the integers were" if flag else "tuned weights as real numbers to quantised, "
    )


def test_real_numbers_with_tuned_weights_are_called_so() -> None:
    """361 of 400 become 363, 4 lost and 6 gained: +0.50 points."""
    stages = (
        AccuracyStage("fine-tuned", "input", 361, 400, lost=0),
        AccuracyStage("quantised", "input", 363, 400, lost=4, moved=31),
    )
    report = replace(
        equal(), accuracy=stages, finetuned="for c on given samples", rounding="on the example, no"
    )
    cost = questions(report)[1]
    assert cost.answer == "none seen: +0.50 points of accuracy, 90.25 % → 90.75 %"
    assert cost.remark.startswith(
        "400 recordings cannot exclude a loss of up to 1.27 points; tuned weights as real numbers to "
        "quantised, 400 recordings of input; "
    )
    assert cost.remark.endswith(
        "; 31 recordings get another class; 4 right decisions became wrong, 6 wrong ones right. "
        "The network was fine-tuned for c on given samples; that of before is not measured here. "
        "On the example, no"
    )
    text = " ".join(Page(to_html(report)).text.split())
    assert "compared with the tuned weights as real numbers" in text
    assert "before they are rounded; nothing that is exported" in text


@pytest.mark.parametrize(
    ("stage", "told"),
    [
        ("fine-tuned", {"finetuned": "for c on given samples"}),
        ("clipped weights", {"clipped": "for c on given samples"}),
    ],
)
def test_the_cost_is_told_from_the_network_before_fine_tuning(stage: str, told: dict[str, str]) -> None:
    """160 of 160, then 145, then 154: 6 lost, none gained, whatever the step between has.

    By hand, Wilson of 154 of 160 is 92.06 .. 98.27 %, of 160 of 160 it is 97.65 .. 100 %. Newcombe's interval
    with phi = 0: −3.75 − (96.25 − 92.06) = −7.94, and −3.75 + √(2.02² + 2.35²) = −0.66.
    """
    stages = (
        AccuracyStage("float", "input", 160, 160, lost=0, moved=0, lost_at_end=6),
        AccuracyStage(stage, "input", 145, 160, lost=15, moved=15, lost_at_end=2),
        AccuracyStage("quantised", "input", 154, 160, lost=6, moved=6, lost_at_end=0),
    )
    report = replace(equal(), accuracy=stages, costs=ExportLosses(), **told)
    cost = questions(report)[1]
    also = ", with fine-tuning" if stage == "fine-tuned" else ""
    assert cost.answer == f"−3.75 points of accuracy, 100.00 % → 96.25 %{also}"
    assert cost.remark.startswith(
        "float to quantised, 160 recordings of input; 95 % interval −7.94 to −0.66 points; "
    )
    assert "6 right decisions became wrong, 0 wrong ones right" in cost.remark
    assert ("tuned weights as real numbers: 90.62 %" in cost.remark) == bool(also)
    assert "whole delays" not in cost.remark
    assert lost(replace(report, accuracy=(stages[0], stages[1], replace(stages[2], correct=120, lost=40))))
    trained = " after fine-tuning" if also else ""
    said = str(Verified(report, Path("report.html")))
    assert f"accuracy float 100.0 % -> integers{trained} 96.2 % (154 of 160), 6 of 160 recordings" in said


@pytest.mark.parametrize(
    ("correct", "said"),
    [
        (200, "; 1 right decision became wrong, 1 wrong one right"),
        (199, "; 1 right decision became wrong, 0 wrong ones right"),
    ],
)
def test_one_decision_is_one(correct: int, said: str) -> None:
    stages = (
        AccuracyStage("float", "test", 200, 400, lost=0),
        AccuracyStage("quantised", "test", correct, 400, lost=1),
    )
    assert said in questions(replace(equal(), accuracy=stages))[1].remark


def test_cost_that_is_not_known() -> None:
    unknown, alone = AccuracyStage("quantised", "test", 0, 0), AccuracyStage("float", "test", 187, 200)
    apart = (alone, AccuracyStage("quantised", "test", 184, 200))
    report = equal()
    report = replace(report, costs=ExportLosses())
    assert _answers(replace(report, accuracy=(unknown,)))[1] == ("not measured", "unsure")
    assert _answers(replace(report, accuracy=(alone, unknown)))[1] == ("not known", "unsure")
    remark = questions(replace(report, accuracy=apart))[1].remark
    assert remark.endswith("no interval, since they were not compared recording by recording")
    assert "which recordings were lost is not known" in Page(to_html(replace(report, accuracy=apart))).text


def test_bits_that_the_recordings_chose_have_no_cost_unseen() -> None:
    """Of 200 recordings 136 are right in real numbers, 136 in integers, by the bits that they chose."""
    stages = tuple(BudgetStage(name, 136, ()) for name in ("float", "finished", "quantised"))
    costs = replace(equal().costs, loss=LossBudget(Recordings("validation", 200, 200), stages))
    assert costs.bits is not None
    answer = "+0.00 points of accuracy, 68.00 % → 68.00 %"
    cost = questions(replace(equal(), accuracy=(), costs=costs))[1]
    assert cost.answer == answer
    assert cost.remark.endswith("; by these recordings --max-drop also chose: judge on others")
    cost = questions(replace(equal(), accuracy=(), costs=replace(costs, bits=None)))[1]
    # Wilson of 136 of 200 begins at 61.2 %
    assert cost.answer == f"none seen: {answer}"
    assert cost.remark.startswith("200 recordings cannot exclude a loss of up to 6.75 points; finished")
    assert "judge" not in cost.remark


def test_cost_by_the_loss_budget_if_verify_measured_one_stage() -> None:
    """The page shows the budget of the export: 136 of 200 in real numbers, 143 in integers, +3.50 points.

    Wilson of 143 of 200: (0.715 + 0.0096) / 1.0192 = 0.7109, and 1.96 * 0.0323 / 1.0192 = 0.0621 around it:
    3.115 points.
    """
    counts = {"float": 136, "clipped": 140, "quantised": 143}
    stages = tuple(BudgetStage(name, correct, ()) for name, correct in counts.items())
    alone = AccuracyStage("quantised", "input", 23, 32)
    report = replace(
        equal(), accuracy=(alone,), costs=ExportLosses(LossBudget(Recordings("given", 200, 320), stages))
    )
    cost = questions(report)[1]
    assert (cost.answer, cost.tone) == (
        "none seen: +3.50 points of accuracy, 68.00 % → 71.50 %",
        "",
    )
    assert cost.remark == (
        "200 recordings cannot exclude a loss of up to 3.12 points; "
        "float to quantised, loss budget, 200 of 320 given recordings; 95 % interval of the integers "
        "64.9 to 77.3 %; here quantised alone was measured, "
        "71.88 % of 32 samples of input"
    )
    assert "+3.50 points of accuracy, 68.00 % → 71.50 %" in " ".join(Page(to_html(report)).text.split())
    unlabelled = LossBudget(Recordings("given, unlabelled", 200, 200), (stages[0], stages[2]))
    cost = questions(replace(report, accuracy=(), costs=ExportLosses(unlabelled)))[1]
    assert "200 given, unlabelled recordings (right is the class in real numbers); 95 % " in cost.remark


def test_what_is_not_known_says_how_to_measure_it() -> None:
    alone = AccuracyStage("quantised", "input", 23, 32)
    cost = questions(replace(equal(), accuracy=(alone,), costs=ExportLosses()))[1]
    assert (cost.answer, cost.tone) == ("not known", "unsure")
    assert cost.remark.startswith("only quantised was measured, 71.88 %; export with recordings (--dataset; ")
