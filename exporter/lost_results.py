"""Results of `snnc verify` and `snnc place` that go with the artifact that another one replaces."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from snnc.exporter.artifact import FORMER, RESULTS


def results_at(folder: Path) -> tuple[str, ...]:
    """Names of the results that lie beside the artifact in `folder`; empty if it does not exist."""
    former = sorted(each.name for each in folder.glob("report-*") if FORMER.fullmatch(each.name))
    return (*(name for name in RESULTS if (folder / name).exists()), *former)


def lost_results(folder: Path, before: Iterable[str]) -> str:
    """That results which lay in `folder` `before` an export are gone, as a sentence; "" if none is."""
    now = results_at(folder)
    gone = [name for name in before if name not in now]
    if not gone:
        return ""
    names = " and ".join(filter(None, (", ".join(gone[:-1]), gone[-1])))
    verb = "is" if len(gone) == 1 else "are"
    return f"{folder}: replaced another artifact, whose {names} {verb} gone; verify this one"
