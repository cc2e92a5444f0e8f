"""That the integers lose so much accuracy that it is a doubt about deploying them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from snnc.percent import percent
from snnc.report.accuracy import change_interval, change_or_accuracy, points, wilson
from snnc.report.glossary import STAGES, stage_words
from snnc.report.losses import best_before, recordings_phrase
from snnc.stages import AccuracyStage, Report

POINTS = 5
"""A loss of more points of accuracy is a doubt, if it is more than chance explains."""


def lost(report: Report) -> str:
    """What the integers lose against the network in real numbers; empty where that is slight or unknown."""
    for begin, last, where in [*_measured(report), *_by_export(report)]:
        if _most(begin, last) < 0 and 100 * (begin.correct - last.correct) > POINTS * last.total:
            return f"the integers lose accuracy: {_words(begin, last, where)}"
    return ""


def lost_in_export(report: Report) -> tuple[str, str]:
    """A loss that the export saw, and that is no chance, on recordings of a split that was not measured here.

    In short, as "−4.00 points on validation", and in full; empty if there is none.
    """
    for begin, last, where in _by_export(report):
        if _most(begin, last) < 0:
            return f"{points(begin, last)} points on {last.split}", _words(begin, last, where)
    return "", ""


def _words(begin: AccuracyStage, last: AccuracyStage, where: str) -> str:
    before, after = percent(begin.correct, begin.total), percent(last.correct, last.total)
    return (
        f"{stage_words(begin.stage)} {before} → {after}, "
        f"{points(begin, last)} points on {where} ({change_or_accuracy(begin, last)})"
    )


def _most(begin: AccuracyStage, last: AccuracyStage) -> float:
    """The upper end of the interval of the change, in shares."""
    ends = change_interval(begin, last)
    return ends[1] if ends else wilson(last.correct, last.total)[1] - begin.accuracy


def _measured(report: Report) -> list[tuple[AccuracyStage, AccuracyStage, str]]:
    """Of each split on which both were measured: what the integers are compared with, they, and where."""
    known = [each for each in report.accuracy if each.total and each.stage in STAGES]
    return [*_pairs(known)]


def _pairs(known: list[AccuracyStage]) -> Iterator[tuple[AccuracyStage, AccuracyStage, str]]:
    for split in dict.fromkeys(each.split for each in known):
        first, *rest = own = [each for each in known if each.split == split]
        if not rest or rest[-1].stage != "quantised":
            continue
        begin, last = best_before(own), own[-1]
        if begin is not first:
            last = replace(last, lost=begin.lost_at_end)
        yield begin, last, f"{last.total} recordings of {split}"


def _by_export(report: Report) -> list[tuple[AccuracyStage, AccuracyStage, str]]:
    """The same of what the export measured, where that is another split."""
    budget = report.costs.loss
    if budget is None or len(budget.stages) < 2:
        return []
    split, used = budget.recordings.split, budget.recordings.used
    if any(last.split == split for _, last, _ in _measured(report)):
        return []
    begin, end = best_before(budget.stages), budget.stages[-1]
    pair = (
        AccuracyStage(begin.stage, split, begin.correct, used),
        AccuracyStage(end.stage, split, end.correct, used, lost=begin.lost),
    )
    right = " (right is the class in real numbers)" if "unlabelled" in split else ""
    return [(*pair, f"{recordings_phrase(budget.recordings)}{right}")]
