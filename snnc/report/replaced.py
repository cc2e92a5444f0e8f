"""A report that says more than the one that takes its place."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from snnc.errors import InputError
from snnc.io.regular import read_regular
from snnc.report.glossary import STAGES, stage_words
from snnc.report.json_report import from_json
from snnc.stages import Report

LIMIT = 1 << 26
"""Most bytes of a report that is read: as objects, it can take fifty times as many."""


def former_report(place: Path) -> Report | None:
    """The report at `place`; None if there is none that this release can read."""
    with suppress(InputError, OSError, UnicodeDecodeError):
        if place.is_file():
            return from_json(read_regular(place, LIMIT).decode())
    return None


def lost(former: Report, report: Report, remedy: str) -> str:
    """What `former` has of the same network and `report` has not, as a sentence; "" if there is nothing.

    `remedy`: what keeps the former one, at its end.
    """
    if former.provenance.get("graph_hash") != report.provenance.get("graph_hash"):
        return ""
    here = {result.name for result in report.compared}
    gone = [result.name for result in former.compared if result.name not in here]
    before, now = sum(former.inputs.values()), sum(report.inputs.values())
    more = ([f"compared {', '.join(gone)}"] if gone else []) + (
        [f"had {before} samples, not {now}"] if before > now else []
    )
    measured = {each.stage for each in report.accuracy}
    gone = [each.stage for each in former.accuracy if each.stage in STAGES and each.stage not in measured]
    accuracy = dict.fromkeys(map(stage_words, gone))
    if accuracy:
        more.append(f"had the accuracy of {', '.join(accuracy)}")
    if not more:
        return ""
    return f"the former report, which this one replaces, {' and '.join(more)}; {remedy}"
