"""The outcome of a verification."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from snnc.api.absent import absent
from snnc.api.tables import table
from snnc.api.verified_plots import VerifiedPlots
from snnc.api.words import short
from snnc.brief import SHORT
from snnc.percent import percent
from snnc.report.cost import with_another_class
from snnc.report.coverage import coverage_phrase, never_fired, silent
from snnc.report.glossary import TUNED, stage_words
from snnc.report.lost import lost
from snnc.report.summary import saturated
from snnc.report.verdict import note, own_rung, verdict, verified
from snnc.stages import ExecutorResult, Report
from snnc.text import one_line

NOTES = 110
"""Most characters of notes behind the verdict in what it prints as."""
VERDICT = 70
"""So many characters of the verdict stay there; notes give way."""
DISAGREEMENT = 130
"""Most characters there of how far the network is not what it was converted from."""
EXTREMES = "extremes"
"""The group of inputs that are chosen of the samples that are left."""
WORDS = {"quantised": "integers"}
"""Stages by another name than in the report."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Verified(VerifiedPlots):
    """True if all executors that ran are bit-exact and the program of the target ran if it had to.

    Those with an arithmetic of their own (real numbers, a board's) are not, but nothing differs then.

    `report` is all that was found, `path` the page that shows it (report.html). `given`: of each group of
    samples or recordings that was given, how many were to be compared, of how many, and what they are.
    """

    report: Report
    path: Path
    given: tuple[tuple[int, int, str], ...] = ()

    def __bool__(self) -> bool:
        return self.report.trusted

    @property
    def accuracy(self) -> dict[str, float]:
        """Share of samples that are decoded as labelled, 0 .. 1, by stage; empty without labels."""
        return {each.stage: each.accuracy for each in self.report.accuracy}

    @property
    def notes(self) -> tuple[str, ...]:
        """What was not looked at, in sentences: that no recordings were compared, for example."""
        return self.report.notes

    @property
    def coverage(self) -> str:
        """What all inputs together reached, in a sentence; empty if nothing ran."""
        return coverage_phrase(self.report)

    @property
    def compared(self) -> str:
        """How many of the samples that were given are equal, as "30 of 30 given samples compared".

        Of the others some may be compared as extremes: "20 of 1500 given samples compared, and of the others
        the 7 extremes". Empty if not all are equal, or none was given.
        """
        if not verified(self.report):
            return ""
        told = [f"{count} of {total} {what} compared" for count, total, what in self.given]
        if told and (extremes := self.report.inputs.get(EXTREMES, 0)):
            told.append(f"and of the others {_counted(extremes)}")
        return ", ".join(told)

    @property
    def never_fired(self) -> str:
        """How many neurons never fired, of how many, and on which inputs; empty if all did.

        Golden inputs count, which drive a network harder than most recordings; how many are left with
        generated inputs, which drive it harder still, is said behind.
        """
        return never_fired(self.report)

    def __repr__(self) -> str:
        notes = "; ".join([*filter(None, [silent(self.report) or self.never_fired]), *_briefly(self.notes)])
        parts = [
            short(self.report.disagreement, DISAGREEMENT),
            _rounding(self.report),
            saturated(self.report),
            absent(self.report),
            _accuracy(self.report),
        ]
        told = "".join(f"; {part}" for part in parts if part)
        room = min(NOTES, SHORT - VERDICT - len(told))
        told += f"; {short(notes, room)}" if notes and room > len("; ...") else ""
        compared = f"; {self.compared}" if self.compared else ""
        return short(str(verdict(self.report)), SHORT - len(told)) + compared + told

    def __str__(self) -> str:
        """All of the sentence: `repr`, which stands in tables and errors, is cut."""
        parts = [one_line(str(verdict(self.report))), self.compared, self.report.disagreement]
        parts += [_rounding(self.report), saturated(self.report)]
        parts += [absent(self.report, whole=True)]
        parts += [_accuracy(self.report), lost(self.report), silent(self.report) or self.never_fired]
        parts += map(one_line, self.notes)
        return "; ".join(filter(None, parts))

    def _table(self) -> str:
        rows: list[tuple[object, ...]] = [
            (each.name, _fared(each) or own_rung(self.report, each), each.samples)
            for each in self.report.executors
        ]
        rows += [
            (f"accuracy, {stage_words(each.stage)}", percent(each.correct, each.total), each.total)
            for each in self.report.accuracy
        ]
        rows += [("accuracy", told, "") for told in [lost(self.report)] if told]
        rows += [("samples", self.compared, "")] * bool(self.compared)
        rows += [("conversion", self.report.disagreement, "")] * bool(self.report.disagreement)
        rows += [("rounded to integers", told, "") for told in [_rounding(self.report)] if told]
        rows += [("saturations", told, "") for told in [saturated(self.report)] if told]
        reached = silent(self.report), self.never_fired, self.coverage
        rows += [("coverage", told, "") for told in reached if told]
        rows += [("note", note, "") for note in self.notes]
        return table(str(verdict(self.report)), ("executor", "result", "samples"), rows)


def _rounding(report: Report) -> str:
    """How the integers, which all executors compute, spike beside what the network was converted from."""
    return report.rounding.replace("the integers", f"the integers ({report.reference})", 1)


def _accuracy(report: Report) -> str:
    """Of the first samples that were decoded: as "accuracy float 78.9 % -> integers 68.0 % (34 of 50)".

    What fine-tuning made is left out in real numbers: it would read as a loss that the integers do not have.
    """
    known = [each for each in report.accuracy if each.total]
    own = [each for each in known if each.split == known[0].split]
    if not own:
        return ""
    first, last = own[0], own[-1]
    words = (
        "integers after fine-tuning" if report.finetuned and first.stage not in (TUNED, last.stage) else ""
    )
    told = [(first, stage_words(first.stage))] if first is not last else []
    told += [(last, words or WORDS.get(last.stage, stage_words(last.stage)))]
    said = (f"{name} {percent(each.correct, each.total, 1)}" for each, name in told)
    moved = f", {with_another_class(last.moved, last.total)}" if last.moved else ""
    return f"accuracy {' -> '.join(said)} ({last.correct} of {last.total}){moved}"


def _briefly(notes: Iterable[str]) -> list[str]:
    return [note.partition(" (")[0] for note in notes]


def _fared(result: ExecutorResult) -> str:
    """The first line of what there is to say of it besides its rung."""
    return note(result).partition("\n")[0]


def _counted(extremes: int) -> str:
    return "the extreme" if extremes == 1 else f"the {extremes} extremes"
