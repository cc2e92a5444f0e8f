"""The table of results, with the verdicts of `judged.json` on the causes."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

JUDGED = Path(__file__).with_name("judged.json")


@cache
def verdicts() -> dict[str, list[dict[str, str]]]:
    """By fault: causes that were called probable, each with `verdict` (right, partly or false) and `why`."""
    return json.loads(JUDGED.read_text()) if JUDGED.is_file() else {}


def probable(row: dict[str, Any]) -> dict[str, Any] | None:
    """The first cause that is called probable."""
    return next((cause for cause in row.get("causes", ()) if cause["probable"]), None)


def judge(row: dict[str, Any]) -> dict[str, Any]:
    """`row` with the verdict on its probable cause: right, partly, false; none: nothing is called probable;
    unjudged: nobody has read this cause yet."""
    cause = probable(row)
    if not row["caught"]:
        return row | {"verdict": "missed"}
    if cause is None:
        return row | {"verdict": "none"}
    for known in verdicts().get(row["name"], ()):
        if (known["cause"], known["at"]) == (cause["name"], re.sub(r" \(or .*?\)", "", cause["where"])):
            return row | {"verdict": known["verdict"], "why": known.get("why", "")}
    return row | {"verdict": "unjudged"}


def markdown(rows: list[dict[str, Any]]) -> str:
    counts = Counter(row["verdict"] for row in rows)
    caught = len(rows) - counts.pop("missed", 0)
    lines = [
        f"{len(rows)} faults; caught {caught}; of these, by the first cause called probable: "
        + ", ".join(f"{verdict} {count}" for verdict, count in sorted(counts.items())),
        "",
        "| fault | where | what it does | caught | first divergence | probable cause | verdict |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        cause, at = probable(row), row.get("divergence") or {}
        said = "" if cause is None else f"{cause['name']}: {cause['summary']} {cause['where']}".strip()
        first = (
            "{split} {sample}, step {step}, {layer} {neuron}, {variable}: {found} for {expected}".format(**at)
            if at.get("layer")
            else ""
        )
        where = row["where"] if row["where"] != "executor" else row["net"]
        cells = (
            row["name"],
            where,
            row["truth"],
            "yes" if row["caught"] else "no",
            first,
            said,
            row["verdict"],
        )
        lines.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"
