"""What quantisation cost: by accuracies, the loss budget of the export, or else spikes of the example."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from snnc.percent import percent
from snnc.report import losses
from snnc.report.accuracy import NONE_SEEN, change, change_or_accuracy, not_excluded, points
from snnc.report.glossary import CLIPPED, STAGES, TUNED, stage_words
from snnc.report.lost import lost_in_export
from snnc.report.summary import Fact
from snnc.report.verdict import samples
from snnc.stages import AccuracyStage, Report
from snnc.stages.losses import LossBudget

SUBJECT = "What did quantisation cost?"
INTEGER = ("quantised only", "quantised")
"""Stages that compute in integers."""
MEASURE = (
    "export with recordings (--dataset; in Python, data=), or verify with labels right after export in Python"
)
"""What measures the network in real numbers, too."""


def cost(report: Report) -> Fact:
    """First against last stage of the first split that has both, or else of the loss budget, or spikes."""
    known = [stage for stage in report.accuracy if stage.total and stage.stage in STAGES]
    for split in dict.fromkeys(stage.split for stage in known):
        first, *rest = own = [stage for stage in known if stage.split == split]
        made = losses.between(own)
        if rest and report.finetuned and first.stage != TUNED and made is None:
            return _of_tuned(report, first, rest)
        if rest:
            begin, last = losses.best_before([first, *rest]), rest[-1]
            if begin is not first:
                last = replace(last, lost=begin.lost_at_end, moved=None)
            also = ["pruning"] if losses.pruned(report.provenance) else []
            parts = _parts(first, rest, bool(also)) if begin is first else _earlier(first)
            remark = (
                f"{_possible(begin, last)}{stage_words(begin.stage)} to {last.stage}, "
                f"{last.total} recordings of {split}; {change(begin, last)}{_decisions(begin, last)}{parts}"
            )
            if report.finetuned:
                remark += _tuned(report, made)
            remark += _clipped(report)
            also = [*(["fine-tuning"] if made and made.stage == TUNED else []), *also]
            if told := report.rounding:
                remark += f". {told[0].upper()}{told[1:]}"
            answer = _answer(begin, last, also)
            there, told = lost_in_export(report) if last.correct >= begin.correct else ("", "")
            if there:  # then it is not so that none was seen
                answer = f"{answer.removeprefix(f'{NONE_SEEN}: ')} on {split}, but {there}"
                remark += f". The export measured {told}"
            return Fact(SUBJECT, answer, remark)
    budget = report.costs.loss
    if budget is not None and len(budget.stages) > 1:
        return _of_budget(budget, known, report)
    remark = f"only {known[0].stage} was measured, {_measured(known[0])}; {MEASURE}" if known else ""
    if report.rounding:
        remark = remark or f"no accuracy was measured; {MEASURE}"
        return Fact(SUBJECT, "known of spikes alone", f"{report.rounding}; {remark}", "unsure")
    return Fact(SUBJECT, "not known" if known else "not measured", remark, "unsure")


def _of_tuned(report: Report, first: AccuracyStage, rest: Sequence[AccuracyStage]) -> Fact:
    """The integers, against the network that they were fine-tuned from: no cost of rounding alone."""
    before = [first, *(stage for stage in rest[:-1] if stage.stage not in INTEGER)][-1]
    last, rounded = rest[-1], [stage for stage in rest[:-1] if stage.stage in INTEGER]
    parts = ["fine-tuning", "quantisation", *(["pruning"] if losses.pruned(report.provenance) else [])]
    answer = f"not told alone: {losses.together(parts)} {points(before, last)} points"
    remark = (
        f"the integers were fine-tuned {report.finetuned}. {stage_words(before.stage)}, before fine-tuning, "
        f"{_measured(before)} → integers after it {_measured(last)}, {last.total} recordings of "
        f"{last.split}"
    )
    if rounded:
        only = rounded[-1]
        alone = "fine-tuning and pruning" if losses.pruned(report.provenance) else "fine-tuning"
        remark += f"; rounded without {alone} {_measured(only)}, {points(before, only)} points"
    return Fact(SUBJECT, answer, remark)


def _tuned(report: Report, made: AccuracyStage | None) -> str:
    """What fine-tuning was, and what its weights have in real numbers if that is a step `between`."""
    if made is None:
        return f". The network was fine-tuned {report.finetuned}; that of before is not measured here"
    return f". In between it was fine-tuned {report.finetuned}; {stage_words(made.stage)}: {_measured(made)}"


def _clipped(report: Report) -> str:
    """That fine-tuning clipped weights and trained none; empty if it did not."""
    return report.clipped and f". Fine-tuning clipped the largest weights and trained none, {report.clipped}"


def _decisions(first: AccuracyStage, last: AccuracyStage) -> str:
    """How many became wrong and how many right, which the points do not tell; empty if it is not known."""
    if last.lost is None:
        return ""
    gained = last.correct - first.correct + last.lost
    moved = "" if last.moved is None else f"; {with_another_class(last.moved)}"
    right = "right decision" if last.lost == 1 else "right decisions"
    wrong = "wrong one" if gained == 1 else "wrong ones"
    return f"{moved}; {last.lost} {right} became wrong, {gained} {wrong} right"


def with_another_class(count: int, total: int | None = None) -> str:
    """As "12 recordings get another class", or of a `total` "12 of 280 recordings get another class"."""
    verb = "gets" if count == 1 else "get"
    of = "recording" if count == 1 else "recordings"
    of = of if total is None else f"of {total} recording{'s' * (total != 1)}"
    return f"{count} {of} {verb} another class"


def _measured(only: AccuracyStage) -> str:
    return percent(only.correct, only.total)


def _of_budget(budget: LossBudget, known: Sequence[AccuracyStage], report: Report) -> Fact:
    """By the recordings of the export; what verify measured is of other samples, and stands behind."""
    used = budget.recordings.used
    split, begin, end = budget.recordings.split, losses.best_before(budget.stages), budget.stages[-1]
    first = AccuracyStage(begin.stage, split, begin.correct, used)
    last = AccuracyStage(end.stage, split, end.correct, used, lost=begin.lost)
    pruned = losses.PRUNED in [each.stage for each in budget.stages]
    tuned, also = bool(report.finetuned), ["pruning"] if pruned else []
    if tuned and losses.finished(report.provenance) and not losses.begins_tuned(budget):
        middle = [each for each in budget.stages[1:-1] if each.stage == losses.FINISHED]
        before = [AccuracyStage(each.stage, split, each.correct, used) for each in middle]
        return _of_tuned(report, first, [*before, last])
    name = first.stage
    if begin is budget.stages[0] and losses.begins_tuned(budget) and (tuned or report.clipped):
        name = stage_words(TUNED if tuned else CLIPPED)
    searched = ("--max-drop",) if report.costs.bits is not None else ()
    chosen = losses.chosen_by(report.provenance) or searched
    possible = "" if chosen else _possible(first, last)
    phrase = losses.recordings_phrase(budget.recordings)
    remark = f"{possible}{name} to {last.stage}, loss budget, {phrase}"
    if "unlabelled" in budget.recordings.split:
        remark += " (right is the class in real numbers)"
    remark += f"; {change_or_accuracy(first, last)}"
    for only in known[:1]:
        measured = _measured(only)
        of = f"{samples(only.total)} of {only.split}"
        remark += f"; here {only.stage} alone was measured, {measured} of {of}"
    if chosen:
        remark += f"; by these recordings {' and '.join(chosen)} also chose: {losses.JUDGE}"
    remark += _clipped(report)
    return Fact(SUBJECT, _answer(first, last, also, bool(chosen)), remark)


def _answer(first: AccuracyStage, last: AccuracyStage, also: Sequence[str], chosen: bool = False) -> str:
    """In two lines of a phone; the stages are named behind it.

    `also`: what is between the stages beside the integers, as "pruning".
    `chosen`: these recordings chose the integers: that they lost none says nothing.
    """
    before, after = percent(first.correct, first.total), percent(last.correct, last.total)
    none = "" if chosen or last.correct < first.correct else f"{NONE_SEEN}: "
    with_it = f", with {' and '.join(also)}" if also else ""
    return f"{none}{points(first, last)} points of accuracy, {before} → {after}{with_it}"


def _possible(first: AccuracyStage, last: AccuracyStage) -> str:
    """Of integers that lost none of those recordings in sum: the loss that may still be; or empty."""
    if last.correct < first.correct:
        return ""
    many, most = not_excluded(first, last)
    return f"{many} cannot exclude a loss of up to {most}; " if most else ""


def _earlier(first: AccuracyStage) -> str:
    """What the network had in the first stage, where it is no more accurate than the finished one."""
    return f". Before whole delays and training with them, {stage_words(first.stage)}: {_measured(first)}"


def _parts(first: AccuracyStage, rest: Sequence[AccuracyStage], pruned: bool) -> str:
    """How much of it came before the integers, and how much with them."""
    whole = [stage for stage in rest if stage.stage not in (*INTEGER, TUNED, CLIPPED)]
    if not whole or whole[-1] is rest[-1]:
        return ""
    before, after = points(first, whole[-1]), points(whole[-1], rest[-1])
    tuned = " and training with them" if whole[-1].stage == losses.FINISHED else ""
    integers = "integers and pruning" if pruned else "integers"
    return f". Of this, {before} from whole delays{tuned}, and {after} from {integers}"
