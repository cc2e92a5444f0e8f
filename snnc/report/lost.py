"""That the integers lose so much accuracy that it is a doubt about deploying them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from snnc.percent import percent
from snnc.report.accuracy import change_interval, change_or_accuracy, points, wilson
from snnc.report.glossary import CLIPPED, STAGES, TUNED, stage_words
from snnc.report.losses import best_before, recordings_phrase
from snnc.stages import AccuracyStage, Report

POINTS = 5
"""A loss of more points of accuracy is a doubt, if it is more than chance explains."""


def lost(report: Report) -> str:
    """What the integers lose against the network in real numbers; empty where that is slight or unknown."""
    for begin, last, where in _measured(report) or _budget(report):
        if _matters(begin, last):
            before, after = percent(begin.correct, begin.total), percent(last.correct, last.total)
            return (
                f"the integers lose accuracy: {stage_words(begin.stage)} {before} → {after}, "
                f"{points(begin, last)} points on {where} ({change_or_accuracy(begin, last)})"
            )
    return ""


def _matters(begin: AccuracyStage, last: AccuracyStage) -> bool:
    ends = change_interval(begin, last)
    most = ends[1] if ends else wilson(last.correct, last.total)[1] - begin.accuracy
    return most < 0 and 100 * (begin.correct - last.correct) > POINTS * last.total


def _measured(report: Report) -> list[tuple[AccuracyStage, AccuracyStage, str]]:
    """Of each split on which both were measured: what the integers are compared with, they, and where."""
    known = [each for each in report.accuracy if each.total and each.stage in STAGES]
    return [*_pairs(known)]


def _pairs(known: list[AccuracyStage]) -> Iterator[tuple[AccuracyStage, AccuracyStage, str]]:
    for split in dict.fromkeys(each.split for each in known):
        first, *rest = own = [each for each in known if each.split == split]
        if not rest or rest[-1].stage != "quantised":
            continue
        stages = rest if len(rest) > 1 and rest[0].stage in (TUNED, CLIPPED) else own
        begin, last = best_before(stages), own[-1]
        if begin is not first:
            last = replace(last, lost=begin.lost_at_end)
        yield begin, last, f"{last.total} recordings of {split}"


def _budget(report: Report) -> list[tuple[AccuracyStage, AccuracyStage, str]]:
    """The same of what the export measured."""
    budget = report.costs.loss
    if budget is None or len(budget.stages) < 2:
        return []
    split, used = budget.recordings.split, budget.recordings.used
    begin, end = best_before(budget.stages), budget.stages[-1]
    pair = (
        AccuracyStage(begin.stage, split, begin.correct, used),
        AccuracyStage(end.stage, split, end.correct, used, lost=begin.lost),
    )
    right = " (right is the class in real numbers)" if "unlabelled" in split else ""
    return [(*pair, f"{recordings_phrase(budget.recordings)}{right}")]
