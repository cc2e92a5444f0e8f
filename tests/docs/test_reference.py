"""The pages of commands and terms are those that scripts/reference.py writes, without a gap."""

from __future__ import annotations

import runpy

import pytest
from doc_pages import COMMANDS
from places import ROOT

REFERENCE = runpy.run_path(str(ROOT / "scripts/reference.py"))


@pytest.mark.parametrize("page", ["cli.md", "glossary.md", "from_torch.md"])
def test_the_page_is_up_to_date(page: str) -> None:
    assert REFERENCE["pages"]()[page] == (ROOT / "docs" / page).read_text(), "run scripts/reference.py"


def test_every_command_and_option_has_a_row() -> None:
    text = (ROOT / "docs/cli.md").read_text()
    for name, command in COMMANDS.items():
        section = text.split(f"\n## {name}\n")[1].split("\n## ")[0]
        rows = [line for line in section.splitlines() if line.startswith("| ") and line != "| | | |"]
        assert len(rows) == len(command.params)
        assert all(
            f"`{parameter.opts[0]}`" in section for parameter in command.params if "-" in parameter.opts[0]
        )


def test_one_line_items_of_docstrings_are_read_as_descriptions() -> None:
    convert = runpy.run_path(str(ROOT / "scripts/docstrings.py"))["in_numpy_style"]
    text = "Do it.\n\nParameters\n----------\na : [n] of `x`,\n    in steps.\n"
    text += "**more : others : all.\nb\n    Two.\n"
    text += "\nRaises\n------\nError\n    If a : b.\n"
    assert convert(text) == text.replace("a : [n]", "a\n    [n]").replace("**more : ", "**more\n    ")
