"""The page's table, from the results."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance.nir import cells, suite

RESULTS = Path(__file__).resolve().parent / "results.json"
PAGE = Path(__file__).resolve().parents[2] / "docs" / "nir-conformance.md"
HEAD, FOOT = "<!-- table: scripts/nir_conformance.py -->\n", "<!-- end of the table -->\n"
ADDED = ("nir", "nirtorch", "torch", "jax")
"""Packages whose versions stand behind the reader's own."""


def read_results() -> dict[str, Any]:
    return json.loads(RESULTS.read_text())


def text(results: Mapping[str, Any]) -> str:
    """Everything between the two marks of the page."""
    ran = {name: found for name, found in results["readers"].items() if "absent" not in found}
    notes: dict[str, int] = {}
    lines = ["| case | NIR | " + " | ".join(ran) + " |", "|---" * (len(ran) + 2) + "|"]
    for name, case in suite.load().items():
        row = [_cell(case, found["cells"][name], notes) for found in ran.values()]
        lines.append(f"| `{name}` | {case.data['decides'] or 'open'} | {' | '.join(row)} |")
    lines += ["", *(f"{number}. `{note}`" for note, number in notes.items())]
    made = results["made"]
    lines += ["", f"On {made['machine']}, Python {made['python']}, of these readers:", ""]
    told = {name: reader["told"] for name, reader in cells.readers().items()}
    for name, found in results["readers"].items():
        end = f" **Not run:** {found['absent']}." if "absent" in found else ""
        versions = f"{_versions(found['versions'])}; {found['date']}"
        lines.append(f"- {name} ({versions}); told: {told[name]}.{end}")
    return "\n".join(lines) + "\n"


def _versions(versions: Mapping[str, str]) -> str:
    order = sorted(versions, key=lambda package: (package in ADDED, package))
    return ", ".join(f"{package} {versions[package]}" for package in order) or "not installed"


def _cell(case: suite.Case, cell: cells.Cell, notes: dict[str, int]) -> str:
    """Bold where it differs, without an error, from what NIR decides."""
    if "not asked" in cell:
        return "—"
    if "reading" in cell:
        reading, decided = cell["reading"], case.data["decides"]
        return reading if decided in (None, reading.removesuffix(suite.LATE)) else f"**{reading}**"
    ((kind, why),) = cell.items()
    number = notes.setdefault(f"{kind}: {why}".replace("|", "\\|").replace("`", "'"), len(notes) + 1)
    return f"**other** [{number}]" if kind == "other" else f"{kind} [{number}]"


def write_page(results: Mapping[str, Any]) -> None:
    before, rest = PAGE.read_text().split(HEAD)
    after = rest.split(FOOT)[1]
    PAGE.write_text(before + HEAD + "\n" + text(results) + "\n" + FOOT + after)
