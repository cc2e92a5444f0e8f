"""Messages on docs/troubleshooting.md stand in the source as they are printed."""

from __future__ import annotations

import re

import pytest
from places import ROOT

PAGE = (ROOT / "docs/troubleshooting.md").read_text()
SOURCE = "\n".join(
    re.sub(r'"\s*\n\s*f?"', "", path.read_text())  # strings over several lines, joined
    for room in ("snnc", "trainer", "exporter", "targets", "hwsim")
    for path in (ROOT / room).rglob("*.py")
)
FROM_THE_SHELL = ("snnc: command not found",)


def quoted() -> list[str]:
    """The messages in the first column: what stands in backticks there, and is no option or setting."""
    rows = re.findall(r"^\| (.+?) \|", PAGE, re.MULTILINE)
    found = [part for row in rows for part in re.findall(r"`([^`]+)`", row)]
    return [part for part in found if " " in part and part not in FROM_THE_SHELL]


@pytest.mark.parametrize("message", quoted())
def test_a_message_is_one_of_ours(message: str) -> None:
    """Between the names and numbers, which are `…`, every part of it stands in one place of the source."""
    parts = [re.escape(part.strip()) for part in message.split("…")]
    assert re.search(r"[^\n]{0,60}".join(parts), SOURCE), message


def test_there_are_messages() -> None:
    assert len(quoted()) >= 8
