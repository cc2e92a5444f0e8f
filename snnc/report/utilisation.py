"""What a network takes of a chip or a board, as placement and routing print it: used, available, percent."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from snnc.percent import percent
from snnc.report.off_chip import clock_of, on_board, rate_of
from snnc.stages import Report

_USED = re.compile(r"\s*(\d+)\s*/\s*(\d+)\s*")


@dataclass(frozen=True, slots=True)
class Line:
    """One resource: `share` is in percent of what there is, `fullest` the core that has most of its own."""

    resource: str
    used: str
    available: str
    share: str
    fill: float
    fullest: str = ""
    over: bool = False


def lines(report: Report) -> list[Line]:
    """One line a resource; none where nothing is known of any."""
    if (clock := clock_of(report)) is not None and clock.cells:
        return [_line(name, used, available) for name, (used, available) in clock.cells.items()]
    if on_board(report):
        return [
            _line(str(row["resource"]), *pair)
            for row in report.resources
            if "resource" in row and (pair := _pair(row.get("use"))) is not None
        ]
    cores = [row for row in report.resources if "core" in row]
    if not cores:
        return []
    chips = len({row.get("chip", 0) for row in cores})
    places = len({(row.get("chip", 0), row["core"]) for row in cores})
    whole = report.chip_cores * chips if report.chip_cores else None
    found = [] if whole is None else [_line("cores", places, whole)]
    names = dict.fromkeys(name for row in cores for name, value in row.items() if _pair(value) is not None)
    return found + [_of_cores(name, cores, whole) for name in names]


def basis(report: Report) -> str:
    """What `available` stands for, and where the counts come from."""
    if (clock := clock_of(report)) is not None and clock.cells:
        return "Available is what the board's device has. Used is what placement and routing counted."
    if on_board(report):
        return "Available is what the board's device has. Used is an estimate; placement and routing decide."
    chips = len({row.get("chip", 0) for row in report.resources})
    of = "all cores of the chip" if chips == 1 else f"all cores of the {chips} chips in use"
    of = of if report.chip_cores else "the cores in use"
    return (
        f"Available is what {of} have together; each core has its own limit, so the fullest core decides "
        "whether the network fits. Used is an estimate: the export counts it, no vendor's tool placed the "
        "network."
    )


def _of_cores(name: str, cores: Sequence[Mapping[str, Any]], whole: int | None) -> Line:
    pairs = [(row, pair) for row in cores if (pair := _pair(row.get(name))) is not None]
    used, limit = sum(pair[0] for _, pair in pairs), max(pair[1] for _, pair in pairs)
    row, (most, of) = max(pairs, key=lambda each: each[1][0] / each[1][1] if each[1][1] else 0)
    core = f"{row.get('chip', 0)}.{row['core']}"
    available = limit * (len(cores) if whole is None else whole)
    fullest = f"core {core}: {most:,} of {of:,}, {percent(most, of, 1)}"
    return _line(name.replace("_", " "), used, available, fullest, 100 * most / of if of else 0)


def without_limit(report: Report) -> list[Mapping[str, Any]]:
    """Rows of a core on a board that are not among `lines`: its cycles and words, and samples a second."""
    rows = [row for row in report.resources if on_board(report) and _pair(row.get("use")) is None]
    if (clock := clock_of(report)) is not None and (rate := rate_of(clock)):
        rows.append({"resource": "speed", "use": f"{rate}, the mean of {clock.recordings}"})
    return rows


def _line(name: str, used: int, available: int, fullest: str = "", fill: float | None = None) -> Line:
    part = 100 * used / available if available else 0.0
    shown = part if fill is None else fill
    text = percent(used, available, 1)
    return Line(name, f"{used:,}", f"{available:,}", text, min(shown, 100.0), fullest, max(part, shown) > 100)


def _pair(value: Any) -> tuple[int, int] | None:
    match = _USED.fullmatch(value) if isinstance(value, str) else None
    return None if match is None else (int(match[1]), int(match[2]))
