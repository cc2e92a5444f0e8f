"""An option that a command has not: one of another, or a field, as `--hiden 24` for `--set hidden=[24]`."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher, get_close_matches
from typing import Any

from snnc.text import shell

NEAR = 0.7
"""How alike a field is at least: 'layout' is no 'readout'."""
NAMED = 2
"""Most commands that are named."""


def name_meant(error: Any, context: Any, given: Sequence[str]) -> None:
    """Name what is meant in click's `error` on an option of the command of `context`, as far as it is known.

    Of `train` that is a field of the configuration, of any command the same option of others. `given`: the
    words of the command line.
    """
    option, command = str(error.option_name), context.command
    meant = None
    if command.name == "train":
        meant = _field(option, [word for each in command.params for word in each.opts], given)
    if meant is None:
        others = _commands(option, context.parent)
        more = " and others" if len(others) > NAMED else ""
        meant = f"it is one of {' and '.join(others[:NAMED])}{more}" if others else None
    if meant is not None:
        error.possibilities = None
        error.message = f"No such option: {option}; {meant}"


def _commands(option: str, parent: Any) -> list[str]:
    """Those that have it; none of a command that is parsed by itself."""
    if parent is None:
        return []
    group = parent.command
    commands = {name: group.get_command(parent, name) for name in group.list_commands(parent)}
    return [
        f"snnc {name}" for name, one in commands.items() if any(option in each.opts for each in one.params)
    ]


def _field(option: str, options: Sequence[str], given: Sequence[str]) -> str | None:
    """The field that is nearer to it than any of the `options`, as it is set; None if none is near."""
    from snnc.trainer.config import TrainConfig

    name = option.lstrip("-").replace("-", "_").lower()
    fields = get_close_matches(name, TrainConfig.model_fields, 1, cutoff=NEAR)
    if not fields or any(_alike(name, each.lstrip("-")) >= _alike(name, fields[0]) for each in options):
        return None
    words = [each for word in given for each in word.split("=", 1)]
    value = words[words.index(option) + 1] if option in words[:-1] else "VALUE"
    if fields[0] == "hidden" and not value.startswith("["):
        value = f"[{value}]"
    return f"did you mean {shell('--set', f'{fields[0]}={value}')}?"


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()
