"""Pages name files that exist, and what stands in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from places import ROOT

OURS = (
    "snnc",
    "trainer",
    "exporter",
    "targets",
    "hwsim",
    "tests",
    "docs",
    "scripts",
    "conformance",
    "benchmarks",
    "examples",
)
OF_OTHERS = ("docs/comparison.md", "CHANGELOG.md")
"""Pages that name files of other repositories, or of earlier releases."""
FOR_CONTRIBUTORS = (
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    *(f"docs/add_a_{what}.md" for what in ("pass", "primitive", "target")),
)
"""They name files by the end of their path, too, and what stands in these."""
PAGES = [
    name
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"))
    if (name := path.relative_to(ROOT).as_posix()) not in OF_OTHERS
]
WRITTEN = ("report.html",)
"""Files that `snnc` writes."""
WITH_ROOM = re.compile(rf"`((?:{'|'.join(OURS)})/[\w./-]+)")
FILE = r"`([\w./-]+\.(?:py|toml|html|css|js|c|h|v|cpp|md|txt))`"
WITHIN = re.compile(r"((?:`\w+`(?:, | and | or ))*`\w+`) (?:of|in) " + FILE)
"""One or several names, and the file in which they stand."""


@cache
def files() -> dict[str, Path]:
    """All files of the repository by their path."""
    found = [path for folder in OURS for path in (ROOT / folder).rglob("*") if path.is_file()]
    found += [path for path in ROOT.iterdir() if path.is_file()]
    return {path.relative_to(ROOT).as_posix(): path for path in found}


def ending(name: str) -> list[Path]:
    """The files whose path ends in `name`."""
    return [path for where, path in files().items() if where == name or where.endswith(f"/{name}")]


def gone(text: str) -> Iterator[str]:
    """Paths in `text` that begin with one of our folders, and do not exist."""
    for path in WITH_ROOM.findall(text):
        if "NAME" not in path and not (ROOT / path).exists():
            yield path


def untrue(text: str) -> Iterator[str]:
    """Files in `text` that do not exist, and names that do not stand in the file said to hold them."""
    for file in re.findall(FILE, text):
        if "NAME" not in file and file not in WRITTEN and not ending(file):
            yield file
    for names, file in WITHIN.findall(" ".join(text.split())):
        held = "".join(path.read_text() for path in ending(file))
        for name in re.findall(r"\w+", names.replace(" and ", " ").replace(" or ", " ")):
            if not re.search(rf"\b{name}\b", held):
                yield f"{name} of {file}"


@pytest.mark.parametrize("page", PAGES)
def test_the_files_that_a_page_names_exist(page: str) -> None:
    assert list(gone((ROOT / page).read_text())) == []


@pytest.mark.parametrize("page", FOR_CONTRIBUTORS)
def test_contributors_find_what_their_pages_name(page: str) -> None:
    text = (ROOT / page).read_text()
    assert list(untrue(text)) == []
    if page == "ARCHITECTURE.md":
        assert len(re.findall(FILE, text)) > 150
        assert len(WITHIN.findall(" ".join(text.split()))) > 30


def test_what_is_not_there_is_noticed() -> None:
    wrong = (
        "`LESS` and `MORE` of\n`snnc/report/less.py`, `nowhere.py`, `docs/report.md`, `exporter/options.py`"
    )
    assert list(untrue(wrong)) == ["nowhere.py", "MORE of snnc/report/less.py"]
    assert list(gone("`exporter/options.py`, `exporter/NAME.py`, `hwsim/nowhere/`")) == ["hwsim/nowhere/"]
