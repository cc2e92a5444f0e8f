"""What `snnc verify` prints: the verdict in the first line, then a line for each thing to know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from snnc.cli.lines import print_head, print_lines
from snnc.percent import percent
from snnc.report import chip
from snnc.report import verdict as words
from snnc.report.accuracy import NONE_SEEN, none_seen
from snnc.report.console import STYLES, first_differences
from snnc.report.cost import with_another_class
from snnc.report.coverage import (
    carried_synapses,
    mostly_silent,
    part_percent,
    unreachable_words,
    unreached_synapses,
)
from snnc.report.deploy import warnings
from snnc.report.glossary import TUNED, stage_words
from snnc.report.losses import FINISHED, best_before, between
from snnc.report.lost import lost, lost_in_export
from snnc.report.off_chip import clock_of, clock_words
from snnc.report.speakers import of_report as words_on_speakers
from snnc.report.summary import saturated
from snnc.stages import AccuracyStage, Report

if TYPE_CHECKING:
    from rich.console import Console

    from snnc.report.verdict import Verdict

MARKS = {
    words.Outcome.EQUAL: "+",
    words.Outcome.EQUAL_HERE: "+",
    words.Outcome.NOT_EQUAL: "x",
    words.Outcome.NOT_VERIFIED: "!",
}


def print_verdict(report: Report, console: Console) -> None:
    """The verdict, alone on a line; then what the page says to check first of the network and its states."""
    outcome = words.verdict(report)
    name, grounds = outcome.outcome, _grounds(report, outcome)
    print_head(console, MARKS[name], name.value, STYLES[name], grounds)
    told = saturated(report), *warnings(report), mostly_silent(report)
    print_lines(console, [("", f"! {text}") for text in told if text])


def print_short(
    report: Report, console: Console, path: Path, notes: Sequence[str] = (), more: bool = False
) -> None:
    """What to know, below the verdict; `path` is of the report, `more` if recordings were left out."""
    print_lines(console, _lines(report, path, notes, more))


def _grounds(report: Report, outcome: Verdict) -> str:
    """What the verdict is of, in half a line; where nothing was verified, why."""
    if outcome.outcome is words.Outcome.NOT_VERIFIED:
        return outcome.grounds
    if outcome.outcome is words.Outcome.NOT_EQUAL:
        differ = [result.name for result in report.compared if not result.equal]
        if not differ:
            return outcome.grounds
        many = "differs" if len(differ) == 1 else "differ"
        return f"{', '.join(differ)} {many} from {report.reference}, of {_count(report)}"
    held = "" if outcome.outcome is words.Outcome.EQUAL_HERE else f", every {words.variables(report)}"
    only = f" of {' and '.join(report.layers_compared)}" if report.layers_compared else ""
    but = f"; the program for {report.target} did not run" if report.program_missed else ""
    return f"{_count(report)}{held}{only}{words.but_saturated(report)}{but}"


def _count(report: Report) -> str:
    """As "8 executors, 28 samples (8 golden, 20 recordings)"."""
    return f"{len(report.compared) + 1} executors, {words.over_groups(report)}"


def _lines(report: Report, path: Path, notes: Sequence[str], more: bool) -> Iterator[tuple[str, str]]:
    """Label and text; no label, a line below the verdict."""
    equal = [report.reference, *(result.name for result in report.compared if result.equal)]
    if len(equal) > 1:
        yield "", " ".join(equal)
    yield from (("", text) for text in first_differences(report, short=True))
    for result in report.executors:
        if result.failed is not None:
            yield "", f"! {result.name} {words.note(result).splitlines()[0]}"
    yield from (("", f"- {text}") for text in _skipped(report))
    yield from (
        ("", f"- {result.name} holds the rung {words.own_rung(report, result)}: {result.own_arithmetic}")
        for result in report.compared
        if result.own_arithmetic
    )
    if report.program_missed:
        yield (
            "",
            f"- {words.missed(report)}" + ("; --allow-missing accepts that" if report.program_needed else ""),
        )
    yield from (("", f"note: {text}") for text in (*report.notes, *notes))
    if accuracy := list(_accuracy(report)):
        yield from (("accuracy", each) for each in accuracy)
        if unseen := _unseen(report):
            yield "", f"note: {unseen}"
        yield from (("", f"note: {text}") for text in words_on_speakers(report))
    if report.coverage:
        yield "coverage", _coverage(report, more)
    yield from zip(("chip", ""), chip.estimated(report), strict=False)
    if (clock := clock_of(report)) is not None:
        yield "clock", clock_words(clock)
    yield "report", str(path)


def _skipped(report: Report) -> Iterator[str]:
    """Executors that did not run: why, and what makes them run. Those of other targets take one line."""
    others: dict[str, list[str]] = {}
    reasons: dict[str, list[str]] = {}
    for result in report.executors:
        if result.skipped is None:
            continue
        reason = result.skipped.splitlines()[0]
        if found := words.OTHER_TARGET.search(reason):
            others.setdefault(found[1], []).append(result.name)
        else:
            reasons.setdefault(reason, []).append(result.name)
    for reason, names in reasons.items():
        yield f"{', '.join(names)} skipped: {reason}"
    if others:
        targets = "; ".join(f"{', '.join(names)} (--target {name})" for name, names in others.items())
        yield f"of other targets: {targets}"


def _accuracy(report: Report) -> Iterator[str]:
    """As "float 96.9 %, finished 97.9 % -> integers 94.8 % (91 of 96, test)", of each split.

    Of executors with an arithmetic of their own, of the last split alone.
    """
    known = [stage for stage in report.accuracy if stage.total]
    for split in dict.fromkeys(stage.split for stage in known):
        own = [stage for stage in known if stage.split == split]
        if own[-1].stage == "quantised" or split == known[-1].split:
            yield _accuracy_of(report, own)


def _accuracy_of(report: Report, own: Sequence[AccuracyStage]) -> str:
    """The line of the stages of one split."""
    (first, *others), last = own, own[-1]
    name = "integers" if last.stage == "quantised" else stage_words(last.stage)
    if report.finetuned and first.stage not in (TUNED, last.stage):
        name = f"{name} after fine-tuning"
    earlier = [each for each in (first, *others) if each is first or each.stage == FINISHED]
    told = ", ".join(
        f"{stage_words(each.stage)} {percent(each.correct, each.total, 1)}"
        for each in earlier
        if each is not last
    )
    before = f"{told} -> " if told else ""
    moved = _moved(own) if told else ""
    right = f"{percent(last.correct, last.total, 1)} ({last.correct} of {last.total}, {last.split}{moved})"
    return f"{before}{name} {right}"


def _moved(stages: Sequence[AccuracyStage]) -> str:
    """What the last of `stages` decides otherwise than the one that its cost is told against."""
    begin, last = best_before(stages), stages[-1]
    name = stage_words(begin.stage)
    if begin is stages[0]:
        return f"; {with_another_class(last.moved)} than by {name}" if last.moved else ""
    if (lost := begin.lost_at_end) is None:
        return ""
    gained = last.correct - begin.correct + lost
    return f"; against {name}, {lost} right became wrong and {gained} wrong right" if lost or gained else ""


def _unseen(report: Report) -> str:
    """Of integers that lost nothing in sum: the loss that the export saw on others, or that these recordings
    do not exclude; empty if slight."""
    known = [stage for stage in report.accuracy if stage.total]
    splits = [stage.split for stage in known]
    several = [split for split in splits if splits.count(split) > 1]  # of others nothing was lost or kept
    own = [stage for stage in known if stage.split == (several or splits)[-1]]
    first, last = own[0], own[-1]
    tuned = bool(report.finetuned) and first.stage != TUNED and between(own) is None
    begin = best_before(own)
    if first is last or tuned or last.stage != "quantised" or last.correct < begin.correct:
        return ""
    if there := lost_in_export(report)[1]:  # of which a large one is said below the verdict
        large = bool(lost(report))
        return "" if large else f"cost in accuracy: none seen on {last.split}, but of the export: {there}"
    told = none_seen(begin, last if begin is first else replace(last, lost=begin.lost_at_end))
    return "" if told == NONE_SEEN else f"cost in accuracy: {told}"


def _coverage(report: Report, more: bool) -> str:
    """Advice is of what other inputs may reach; of the rest, that none does."""
    found = report.coverage[-1]
    (carried, synapses), (may, _) = carried_synapses(found), unreached_synapses(found)
    hint = "try --samples all" if more else "more samples with -i, or a larger --generated"
    left = f": {part_percent(may, synapses)} unexercised ({hint})" if may else ""
    never = f"; {words}" if (words := unreachable_words(found)) else ""
    return f"{part_percent(carried, synapses)} of synapses{left}{never}"
