"""The outcome of a verification."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from snnc.api.words import short, table
from snnc.percent import percent
from snnc.report.verdict import note, own_rung, verdict
from snnc.stages import ExecutorResult, Report


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Verified:
    """True if all executors that ran are bit-exact and the program of the target ran if it had to.

    `report` is all that was found, `path` the page that shows it (report.html).
    """

    report: Report
    path: Path

    def __bool__(self) -> bool:
        return self.report.trusted

    @property
    def accuracy(self) -> dict[str, float]:
        """Share of samples that are decoded as labelled, 0 .. 1, by stage; empty without labels."""
        return {each.stage: each.accuracy for each in self.report.accuracy}

    def __repr__(self) -> str:
        return short(str(verdict(self.report)))

    def _repr_html_(self) -> str:
        rows: list[tuple[object, ...]] = [
            (each.name, _fared(each) or own_rung(self.report, each), each.samples)
            for each in self.report.executors
        ]
        rows += [
            (f"accuracy, {each.stage}", percent(each.correct, each.total), each.total)
            for each in self.report.accuracy
        ]
        return table(str(verdict(self.report)), ("executor", "result", "samples"), rows)


def _fared(result: ExecutorResult) -> str:
    """The first line of what there is to say of it besides its rung."""
    return note(result).partition("\n")[0]
