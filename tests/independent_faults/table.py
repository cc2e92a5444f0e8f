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


def claim(row: dict[str, Any]) -> dict[str, str] | None:
    """What the report calls the probable cause, or the causes of which it says that one is; None if it calls
    them possible only, or knows none."""
    causes = row.get("causes", ())
    if not causes or causes[0]["explained"] < causes[0]["neurons"] or causes[0].get("tests", 0) < 2:
        return None
    where = [re.sub(r" \(or .*?\)", "", cause["where"]) for cause in causes]
    return {"cause": " or ".join(cause["name"] for cause in causes), "at": " or ".join(filter(None, where))}


def judge(row: dict[str, Any]) -> dict[str, Any]:
    """`row` with the verdict on what it claims: right, partly, false; none: nothing is claimed; unjudged:
    nobody has read this claim yet. Of several causes it is right if one of them is."""
    said = claim(row)
    if not row["caught"]:
        return row | {"verdict": "missed"}
    if said is None:
        return row | {"verdict": "none"}
    for known in verdicts().get(row["name"], ()):
        if said == {"cause": known["cause"], "at": known["at"]}:
            return row | {"verdict": known["verdict"], "why": known.get("why", "")}
    return row | {"verdict": "unjudged"}


def markdown(rows: list[dict[str, Any]]) -> str:
    """How many of each verdict, and a table of the faults."""
    counts = Counter(row["verdict"] for row in rows)
    caught = len(rows) - counts.pop("missed", 0)
    lines = [
        f"{len(rows)} faults; caught {caught}; of these, by what is called the probable cause: "
        + ", ".join(f"{verdict} {count}" for verdict, count in sorted(counts.items())),
        "",
        "| fault | in | what it does | first difference | what is called probable | verdict |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        said = ": ".join(filter(None, (claim(row) or {}).values()))
        where = row["where"] if row["where"] != "executor" else row["net"]
        cells = row["name"], where, row["truth"], _first(row), said, row["verdict"]
        lines.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _first(row: dict[str, Any]) -> str:
    at, answer = row.get("divergence") or {}, row.get("answer")
    if at.get("layer"):
        return "{split} {sample}, step {step}, {layer} {neuron}, {variable}".format(**at)
    return f"what {answer['by']} answers: {answer['what']}" if answer else row.get("failed") or ""
