"""A report that says more than the one that takes its place."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from snnc.cli.inspect.description import TEXT_LIMIT, read_bytes
from snnc.errors import InputError

if TYPE_CHECKING:
    from snnc.stages import Report


def former_report(place: Path) -> Report | None:
    """The report at `place`; None if there is none that this release can read."""
    from snnc.report.json_report import from_json

    with suppress(InputError, UnicodeDecodeError):
        if place.is_file():
            return from_json(read_bytes(place, TEXT_LIMIT).decode())
    return None


def lost(former: Report, report: Report) -> str:
    """What `former` has of the same network and `report` has not, as a sentence; "" if there is nothing."""
    if former.provenance.get("graph_hash") != report.provenance.get("graph_hash"):
        return ""
    here = {result.name for result in report.compared}
    gone = [result.name for result in former.compared if result.name not in here]
    before, now = sum(former.inputs.values()), sum(report.inputs.values())
    more = ([f"compared {', '.join(gone)}"] if gone else []) + (
        [f"had {before} samples, not {now}"] if before > now else []
    )
    if not more:
        return ""
    return f"the former report, which this one replaces, {' and '.join(more)}; --output FOLDER keeps it"
