"""What a command tells a script (`--json`); docs/results.md has the shapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from snnc.cli.inspect.description import Description
from snnc.cli.results import SCHEMA

COMMANDS = (
    *("check", "chip", "compare", "doctor", "encode", "export", "folds", "inspect", "place", "run"),
    *("targets", "test", "train"),
)
"""Those with `--json`, but `verify`, whose report is another kind."""
_PASTED = ("schema", "command", "next")
"""Of these the first two are in the title; what a file says is not for pasting into a shell."""


def describe(content: Mapping[str, Any]) -> Description | None:
    """None if it is no result of a command; of its fields the texts and numbers are shown."""
    command = content.get("command")
    if content.get("schema") != SCHEMA or not isinstance(command, str) or command not in COMMANDS:
        return None
    told = {key: each for key, each in content.items() if key not in _PASTED}
    facts = {key: each for key, each in told.items() if isinstance(each, str | int | float) and each != ""}
    return Description(f"result of `snnc {command} --json`, schema {SCHEMA}", facts)
