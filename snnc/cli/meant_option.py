"""An option that a command has not: one of another, or a field, as `--hiden 24` for `--set hidden=[24]`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from snnc.cli.target_settings import NAMES as SETTINGS
from snnc.cli.target_settings import where_given
from snnc.near_names import nearest
from snnc.text import shell

OF_SOUND = ("--layout", "--mix", "--skip")
"""Options of `snnc encode` that say how the recordings of a folder are read."""
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
        before = _encode_first(option, context, given) if option in OF_SOUND else ""
        which = f"it is one of {' and '.join(others[:NAMED])}{more}"
        if _plain(option) in SETTINGS and "target" in own and (where := where_given(option, given)):
            before, which = f"; {where}", which if where.startswith("here ") else ""
        error.message = f"No such option: {option}{which and f'; {which}'}{before}"
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


def _encode_first(option: str, context: Any, given: Sequence[str]) -> str:
    """For an `option` of `snnc encode`: the commands that encode the folder that is given, and read the file.

    Empty where none is given.
    """
    from snnc.trainer.data.encode_options import events_of, free

    name, words = context.command.name, [each for word in given for each in _halves(word)]
    encode = context.parent.command.get_command(context.parent, "encode")
    length = next(1 if each.is_flag else 2 for each in encode.params if option in each.opts)
    at = words.index(option)
    told = words[at : at + length]
    rest = [*words[:at], *words[at + len(told) :]]
    places = [k + 1 for k, word in enumerate(rest[:-1]) if word in ("-i", "--input")]
    places = [0] if name == "train" and rest else places
    if len(told) < length or not places or not os.path.isdir(folder := rest[places[0]]):
        return ""
    events = str(free(Path(events_of(Path(folder)))))
    rest[places[0]] = events
    return f": {shell('snnc', 'encode', folder, '-o', events, *told)} && {shell('snnc', name, *rest)}"


def _halves(word: str) -> list[str]:
    """An option and its value, which may be one word."""
    return word.split("=", 1) if word.startswith("--") else [word]


def _setting(field: str, option: str, given: Sequence[str]) -> str:
    """How a `field` of the configuration is set to what follows the `option`."""
    words = [each for word in given for each in word.split("=", 1)]
    value = words[words.index(option) + 1] if option in words[:-1] else "VALUE"
    if field == "hidden" and not value.startswith("["):
        value = f"[{value}]"
    return shell("--set", f"{field}={value}")
