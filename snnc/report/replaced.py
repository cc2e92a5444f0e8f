"""A report that has what the one in its place has not: it is kept aside."""

from __future__ import annotations

import shlex
from contextlib import suppress
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from snnc.errors import InputError
from snnc.exporter.artifact import REPORTS, check_unchanged
from snnc.io.files import cannot_write
from snnc.io.regular import read_regular
from snnc.report.date import FORM
from snnc.report.files import alone
from snnc.report.glossary import STAGES, stage_words
from snnc.report.json_report import from_json
from snnc.report.verdict import samples
from snnc.stages import Artifact, Report

LIMIT = 1 << 26
"""Most bytes of a report that is read: as objects, it can take fifty times as many."""
DERIVED = ("extremes", "generated")
"""Groups of inputs that are chosen or made for what the others do not reach."""
OWN = "the model's own recordings"


def former_report(place: Path) -> Report | None:
    """The report at `place`; None if there is none that this release can read."""
    with suppress(InputError, OSError, UnicodeDecodeError):
        if place.is_file():
            return from_json(read_regular(place, LIMIT).decode())
    return None


def keep_former(artifact: Artifact, folder: Path, report: Report) -> str:
    """Rename the reports in `folder` if they have what `report` has not; what that is, as a sentence, or "".

    Raises
    ------
    ArtifactError
        If another export took the artifact's place.
    InputError
        If they cannot be renamed.
    """
    with alone(artifact):
        former = former_report(folder / REPORTS[0])
        less = "" if former is None else lost(former, report)
        if former is None or not less:
            return ""
        check_unchanged(artifact)
        names = _free_names(folder, former)
        for name, kept in zip(REPORTS, names, strict=True):
            try:
                with suppress(FileNotFoundError):
                    (folder / name).rename(folder / kept)
            except OSError as error:
                raise cannot_write(folder / kept, error) from error
    return f"the former report {less}; it is kept as {folder / names[1]}"


def lost(former: Report, report: Report) -> str:
    """What `former` has of the same network and `report` has not, in half a sentence; "" if it is nothing."""
    if former.provenance.get("graph_hash") != report.provenance.get("graph_hash"):
        return ""
    here = {result.name: result.samples for result in report.compared}
    whole = sum(report.inputs.values())
    gone = [each.name for each in former.compared if here.get(each.name, 0) < min(each.samples, whole)]
    more = ([f"compared {', '.join(gone)}"] if gone else []) + _inputs(former, report)
    layers, now = set(former.layers_compared), set(report.layers_compared)
    if now and (not layers or layers - now):
        more.append(f"compared {', '.join(former.layers_compared) or 'all layers'}")
    measured = {each.stage for each in report.accuracy}
    stages = [each.stage for each in former.accuracy if each.stage in STAGES and each.stage not in measured]
    if stages:
        more.append(f"had the accuracy of {', '.join(dict.fromkeys(map(stage_words, stages)))}")
    return ", and ".join(more)


def _inputs(former: Report, report: Report) -> list[str]:
    """The inputs that `report` has not: fewer of a group, others, or fewer of all."""
    fewer = [
        f"{samples(count)} of {name}, this one {report.inputs.get(name) or 'none'}"
        for name, count in former.inputs.items()
        if name not in DERIVED and count > report.inputs.get(name, 0)
    ]
    now = _sources(report)
    others = [words for option, words in _sources(former).items() if now.get(option) != words]
    before, after = sum(former.inputs.values()), sum(report.inputs.values())
    if fewer or not others:
        fewer = fewer or ([f"{samples(before)}, this one {after}"] if before > after else [])
        return [f"had {', '.join(fewer)}"] if fewer else []
    return [f"was of {' and '.join(others)}"]


def _sources(report: Report) -> dict[str, str]:
    """Where the inputs came from by the command line of the report: option -> words."""
    words: list[str] = []
    with suppress(ValueError):  # a call of Python
        words = shlex.split(report.command)
    given = {name: f"{name} {value}" for name, value in pairwise(words)}
    found = {"--input": given["--input"]} if "--input" in given else {}
    if any(name not in ("golden", "input", *DERIVED) for name in report.inputs):
        found["--dataset"] = given.get("--dataset", OWN)
    return found


def _free_names(folder: Path, former: Report) -> list[str]:
    """As "report-2026-11-29T09-30-00Z.json", by its date or that of its file, and with a number if taken."""
    written = datetime.fromtimestamp((folder / REPORTS[0]).stat().st_mtime, UTC).strftime(FORM)
    date = (former.date or written).replace(":", "-")
    number = 1
    while True:
        more = "" if number == 1 else f"-{number}"
        names = [name.replace(".", f"-{date}{more}.") for name in REPORTS]
        if not any((folder / name).exists() for name in names):
            return names
        number += 1
