"""Licences of what snnc needs to run: docs/licences.md, or an SBOM of the environment at hand.

    python scripts/licences.py                     # writes docs/licences.md
    python scripts/licences.py --sbom sbom.json    # CycloneDX 1.5, of this very environment
    python scripts/licences.py --release dist      # both, as files of a release, into a folder

Run it where snnc is installed. What is listed follows from the metadata of the installed distributions: the
requirements of snnc with the extra `demo`, their requirements, and so on, as far as they apply to this Python
and system.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.message import Message
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PAGE = Path(__file__).resolve().parent.parent / "docs" / "licences.md"
HEAD, FOOT = "<!-- table: scripts/licences.py -->\n", "<!-- end of the table -->\n"
UNKNOWN = "not stated"
LONGEST = 80
"""Some distributions have the whole text of a licence where its name belongs."""


@dataclass(frozen=True, slots=True)
class Part:
    """An installed distribution; `needed_by` names those that require it, in alphabetical order."""

    name: str
    version: str
    licence: str
    needed_by: tuple[str, ...]


EXTRAS = frozenset({"demo"})
"""Those of snnc that are listed with it: what the first page asks for."""


def parts(root: str, metadata: Callable[[str], Message], extras: frozenset[str] = frozenset()) -> list[Part]:
    """All that `root` needs with its `extras`, by name, without itself.

    Raises
    ------
    PackageNotFoundError
        If one of them is not installed.
    """
    needed_by: dict[str, set[str]] = {root: set()}
    waiting = [(root, extras)]
    seen = set(waiting)
    while waiting:
        name, extras = waiting.pop()
        for text in metadata(name).get_all("Requires-Dist") or ():
            need = Requirement(text)
            if need.marker and not any(need.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
                continue
            found = canonicalize_name(need.name)
            needed_by.setdefault(found, set()).add(name)
            step = (found, frozenset(need.extras))
            if step not in seen:
                seen.add(step)
                waiting.append(step)
    del needed_by[root]
    return [
        Part(name, metadata(name)["Version"], licence(metadata(name)), tuple(sorted(users)))
        for name, users in sorted(needed_by.items())
    ]


def licence(metadata: Message) -> str:
    """What the metadata say: an SPDX expression, else classifiers, else the free text if it is short."""
    if expression := metadata.get("License-Expression"):
        return str(expression)
    named = [
        text.rpartition(" :: ")[2]
        for text in metadata.get_all("Classifier") or ()
        if text.startswith("License :: ") and not text.endswith(":: OSI Approved")
    ]
    free = (metadata.get("License") or "").strip()
    if named:
        return ", ".join(named)
    return free if free and len(free) <= LONGEST and "\n" not in free else UNKNOWN


def table(found: Sequence[Part]) -> str:
    rows = [f"| {p.name} | {p.version} | {p.licence} | {', '.join(p.needed_by)} |" for p in found]
    head = ("| distribution | version | licence, by its metadata | needed by |", "|---|---|---|---|")
    return "\n".join((*head, *rows, ""))


def sbom(root: Part, found: Sequence[Part]) -> str:
    """CycloneDX 1.5; no serial number and no time, so that equal environments give equal files."""
    uses: dict[str, list[str]] = {part.name: [] for part in (root, *found)}
    for part in found:
        for user in part.needed_by:
            uses[user].append(_url(part))
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": _component(root)},
        "components": [_component(part) for part in found],
        "dependencies": [{"ref": _url(part), "dependsOn": uses[part.name]} for part in (root, *found)],
    }
    return json.dumps(document, indent=1) + "\n"


def _component(part: Part) -> dict[str, object]:
    said = {} if part.licence == UNKNOWN else {"licenses": [{"license": {"name": part.licence}}]}
    return {
        "type": "library",
        "bom-ref": _url(part),
        "name": part.name,
        "version": part.version,
        "purl": _url(part),
        **said,
    }


def _url(part: Part) -> str:
    return f"pkg:pypi/{part.name}@{part.version}"


def release_files(version: str) -> tuple[str, str]:
    """Names of the SBOM and of the table of licences in a release."""
    return f"snnc-{version}.cdx.json", f"snnc-{version}.licences.md"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sbom", type=Path, metavar="FILE")
    parser.add_argument("--release", type=Path, metavar="FOLDER")
    options = parser.parse_args(arguments)
    try:
        own = distribution("snnc").metadata
        found = parts("snnc", lambda name: distribution(name).metadata, EXTRAS)
    except PackageNotFoundError as error:
        print(f"licences: {error.name} is not installed; pip install snnc first", file=sys.stderr)
        return 2
    bill = sbom(Part("snnc", own["Version"], licence(own), ()), found)
    if options.sbom:
        options.sbom.write_text(bill)
    if options.release:
        options.release.mkdir(parents=True, exist_ok=True)
        title = f"# Licences of what snnc {own['Version']} needs\n\n"
        for name, text in zip(release_files(own["Version"]), (bill, title + table(found)), strict=True):
            (options.release / name).write_text(text)
    if options.sbom or options.release:
        return 0
    before, _, rest = PAGE.read_text().partition(HEAD)
    made = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}."
    PAGE.write_text(f"{before}{HEAD}\n{made}\n\n{table(found)}\n{FOOT}{rest.partition(FOOT)[2]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
