"""The report in a terminal, or in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from snnc.percent import percent
from snnc.report import chip, diagnosis
from snnc.report import verdict as words
from snnc.report.coverage import coverage_phrase
from snnc.report.glossary import stage_words
from snnc.report.speakers import of_report
from snnc.stages import Divergence, ExecutorResult, Report, Reproducer, StepCycles
from snnc.text import one_line

if TYPE_CHECKING:
    from rich.console import Console

SYNAPSES_SHOWN = 3
STYLES = {
    words.Outcome.EQUAL: "bold green",
    words.Outcome.EQUAL_HERE: "bold green",
    words.Outcome.NOT_EQUAL: "bold red",
    words.Outcome.NOT_VERIFIED: "bold red",
}


def print_report(report: Report, console: Console, path: Path | str | None = None) -> None:
    """Print the verdict, the executors, the accuracy, and the first divergence if there is one.

    `path` is where the full report lies; its line comes last. Sentences are not broken into lines,
    so that they can be searched for in a pipe.
    """
    from rich.text import Text

    outcome = words.verdict(report)

    def line(*parts: str | tuple[str, str]) -> None:
        safe = (one_line(part) if isinstance(part, str) else (one_line(part[0]), part[1]) for part in parts)
        console.print(Text.assemble(*safe), soft_wrap=True)

    line((f"{outcome.outcome.value}:", STYLES[outcome.outcome]), f" {outcome.grounds}")
    inputs = ", ".join(f"{name} {count}" for name, count in report.inputs.items()) or "none"
    done = "compared" if report.compared else "run"
    line(f"rung: {words.rung(report)}; inputs {done}: {inputs}; ", _equalities(report))
    _print_executors(report, console)
    for result in report.executors:
        if result.skipped is not None or result.failed is not None:
            for text in f"{result.name} {words.note(result)}".splitlines():  # of an error, each made fit
                line(text)
    if report.compared:
        line(f"classes and scores: {words.decoders(report)}")
    for result in report.executors:
        if result.cycles is not None:
            line(f"cycles: {result.name} {cycles_phrase(result.cycles, result.samples)}")
    if report.accuracy:
        line(f"accuracy: {_accuracy(report)}")
        for text in of_report(report):
            line(f"note: {text}")
    if report.coverage:
        line(f"coverage: {coverage_phrase(report)}")
    for note in report.notes:
        line(f"note: {note}")
    for label, text in zip(("on the chip: ", ""), chip.estimated(report), strict=False):
        line(f"{label}{text}")
    for text in first_differences(report):
        label, colon, rest = text.partition(": ")
        line(text) if text.startswith(" ") else line((label + colon, "bold"), rest)
    if path is not None:
        line(f"report: {path}")
    if outcome.outcome is words.Outcome.NOT_VERIFIED and report.program_missed and report.program_needed:
        line(("not verified: ", "bold red"), f"{words.missed(report)}; --allow-missing accepts that")


def first_differences(report: Report, short: bool = False) -> Iterator[str]:
    """Where states differ first, and where an answer does, with the causes; those are indented.

    `short`: without the synapses if there is a cause, and without the answer if states differ.
    """
    first = report.first_divergence
    if first is not None:
        executor, divergence = first
        yield f"first divergence: {words.place(divergence)}"
        yield f"  {words.values(report, executor, divergence)}"
        if not short or divergence.diagnosis is None:
            yield f"  {synapses(divergence)}"
        if divergence.diagnosis is not None:
            yield f"  {diagnosis.in_short(divergence.diagnosis)}"
        if executor.located is not None:
            yield f"  first seen in {executor.located}"
        if divergence.reproducer is not None:
            yield f"  smallest case: {_smallest(divergence.reproducer, executor.name)}"
    wrong = words.first_answer(report)
    if wrong is not None and not (short and first is not None):
        executor, difference = wrong
        yield f"first difference in an answer: {executor.name}: {words.answer(difference)}"
        yield f"  look at: {difference.look_at}"


def cycles_phrase(found: StepCycles, samples: int) -> str:
    """That those of every step are as predicted, their mean a sample, and the most of one step."""
    return (
        f"took as many as the machine model says in each of {found.steps:,} steps: "
        f"{found.total / max(samples, 1):,.0f} a sample (mean), {found.longest:,} in the longest step "
        f"(at most {found.bound:,}, whatever the input)"
    )


def _smallest(found: Reproducer, executor: str) -> str:
    repeat = diagnosis.command(found, executor)
    return f"not saved: {found.absent}" if repeat is None else f"{repeat} ({diagnosis.size(found)})"


def _print_executors(report: Report, console: Console) -> None:
    """A table; where it does not fit, a line an executor, broken between words."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("executor", "rung"):
        table.add_column(name, no_wrap=True)
    for name in ("samples", "seconds", "saturations"):
        table.add_column(name, justify="right", no_wrap=True)
    for result in report.executors:
        if result.skipped is not None or result.failed is not None:
            broken = result.failed is not None
            word = Text("broke down", "red") if broken else Text("not run", "yellow")
            table.add_row(Text(result.name), word, "-", "-", "-")
            continue
        style = "" if result.name == report.reference else "green" if result.equal else "red"
        saturations = "not counted" if result.saturations is None else str(result.saturations)
        rung = Text(words.own_rung(report, result), style)
        table.add_row(Text(result.name), rung, str(result.samples), f"{result.seconds:.2f}", saturations)
    unlimited = console.options.update(width=sys.maxsize)
    if console.measure(table, options=unlimited).maximum <= console.width:
        console.print(table, soft_wrap=False)
        return
    for result in report.executors:
        console.print(Text(_executor_line(report, result)), soft_wrap=False)


def _executor_line(report: Report, result: ExecutorResult) -> str:
    if result.failed is not None:
        return f"{result.name}: broke down"
    if result.skipped is not None:
        return f"{result.name}: not run"
    many = words.saturations(result.saturations)
    samples = words.samples(result.samples)
    return f"{result.name}: {words.own_rung(report, result)}, {samples}, {result.seconds:.2f} s, {many}"


def _accuracy(report: Report) -> str:
    return ", ".join(
        f"{stage_words(stage.stage)} {percent(stage.correct, stage.total)} "
        f"({stage.correct} of {stage.total} {stage.split})"
        if stage.total
        else f"{stage_words(stage.stage)} unknown (no {stage.split} samples)"
        for stage in report.accuracy
    )


def _equalities(report: Report) -> str:
    count = report.threshold_equalities
    return f"v met the threshold exactly {count} {'time' if count == 1 else 'times'}"


def synapses(divergence: Divergence) -> str:
    """The synapses that delivered a spike where two executors differ first, the first few of them named."""
    total = max(divergence.synapse_count, len(divergence.synapses))
    if not total:
        return "no synapse delivered a spike in this step"
    shown = divergence.synapses[:SYNAPSES_SHOWN]
    listed = "; ".join(
        f"source {'' if s.population is None else f'{s.population} '}{s.source} weight {s.weight} "
        f"delay {s.delay} spike in step {s.spike_step}"
        for s in shown
    )
    more = f"; {total - len(shown)} more" if shown and total > len(shown) else ""
    noun = "synapse" if total == 1 else "synapses"
    return f"{total} {noun} delivered a spike: {listed or 'not listed'}{more}"
