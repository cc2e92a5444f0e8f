"""An option that is none, as `--hiden 24`, where a field is meant: `--set hidden=[24]`."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher, get_close_matches
from typing import Any

from snnc.text import shell


def name_field(error: Any, options: Sequence[str], given: Sequence[str]) -> None:
    """Name, in click's `error` on an option, the field that is nearer to it than any of the `options`.

    `given`: the words of the command line.
    """
    from snnc.trainer.config import TrainConfig

    option = str(error.option_name)
    name = option.lstrip("-").replace("-", "_").lower()
    fields = get_close_matches(name, TrainConfig.model_fields, 1)
    if not fields or any(_alike(name, each.lstrip("-")) >= _alike(name, fields[0]) for each in options):
        return
    words = [each for word in given for each in word.split("=", 1)]
    value = words[words.index(option) + 1] if option in words[:-1] else "VALUE"
    if fields[0] == "hidden" and not value.startswith("["):
        value = f"[{value}]"
    error.possibilities = None
    error.message = f"No such option: {option}; did you mean {shell('--set', f'{fields[0]}={value}')}?"


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()
