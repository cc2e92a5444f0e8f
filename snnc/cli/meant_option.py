"""An option that a command has not: one of another, or a field, as `--hiden 24` for `--set hidden=[24]`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from snnc.near_names import nearest
from snnc.text import shell

NAMED = 2
"""Most commands that are named."""


def name_meant(error: Any, context: Any, given: Sequence[str]) -> None:
    """Name what is meant in click's `error` on an option of the command of `context`, as far as it is known.

    That is an option of the same name of other commands, or one of this command that is near; of `train` also
    a field of the configuration. `given`: the words of the command line.
    """
    option, command = str(error.option_name), context.command
    others = _commands(option, context.parent)
    own = {_plain(word): word for each in command.params for word in each.opts if word.startswith("--")}
    error.possibilities = None  # click's have but some letters in common
    meant: Sequence[str] = ()
    if command.name == "train":
        from snnc.trainer.config import TrainConfig
        from snnc.trainer.other_names import OTHER_NAMES

        fields = [each for each in TrainConfig.model_fields if each not in own]
        if _plain(option) in fields:
            others = []
        own |= {each: _setting(each, option, given) for each in fields}
        meant = [each for each in OTHER_NAMES.get(_plain(option), ()) if each in own]
    if others:
        more = " and others" if len(others) > NAMED else ""
        error.message = f"No such option: {option}; it is one of {' and '.join(others[:NAMED])}{more}"
    elif near := meant or nearest(_plain(option), own):
        error.message = f"No such option: {option}; did you mean {' or '.join(own[each] for each in near)}?"


def _plain(option: str) -> str:
    return option.lstrip("-").replace("-", "_").lower()


def _commands(option: str, parent: Any) -> list[str]:
    """Those that have it; none of a command that is parsed by itself."""
    if parent is None:
        return []
    group = parent.command
    commands = {name: group.get_command(parent, name) for name in group.list_commands(parent)}
    return [
        f"snnc {name}" for name, one in commands.items() if any(option in each.opts for each in one.params)
    ]


def _setting(field: str, option: str, given: Sequence[str]) -> str:
    """How a `field` of the configuration is set to what follows the `option`."""
    words = [each for word in given for each in word.split("=", 1)]
    value = words[words.index(option) + 1] if option in words[:-1] else "VALUE"
    if field == "hidden" and not value.startswith("["):
        value = f"[{value}]"
    return shell("--set", f"{field}={value}")
