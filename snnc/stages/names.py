"""Names of layers and classes: what can be printed, written to every file, and read as it stands."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from snnc.errors import StageError
from snnc.text import TURNING, quoted

NAME_LIMIT = 256
"""Most characters of the name of a layer or a class."""


def check_class_names(names: Sequence[str]) -> None:
    """Raise `StageError` unless the names are distinct, and each is one that can be written."""
    _check_names(names, "class", "classes")


def check_speaker_names(names: Sequence[str]) -> None:
    """As `check_class_names`."""
    _check_names(names, "speaker", "speakers")


def _check_names(names: Sequence[str], one: str, several: str) -> None:
    seen = set[str]()
    for number, name in enumerate(names):
        check_name(f"{one} {number}", name)
        if name in seen:
            raise StageError(f"two {several} have the name {quoted(name)}; rename one")
        seen.add(name)


def check_layer_name(name: str) -> None:
    """Raise `StageError` unless it can be that of a node of a NIR file, where "/" makes a group."""
    if name in ("", ".", "..") or "/" in name or not _is_printable(name):
        raise StageError(
            f"layer name {quoted(name)}: choose a name other than '', '.' and '..', without '/' and "
            "control characters"
        )
    check_name("layer", name)


def check_name(what: str, name: str) -> None:
    """Raise `StageError`, which calls the named thing `what`, unless `name` can be written and printed."""
    if not name or not _is_printable(name):
        raise StageError(
            f"{what} has the name {quoted(name)}; choose one that is not empty and has no control characters"
        )
    if len(name) > NAME_LIMIT:
        raise StageError(
            f"{what}: its name {quoted(name)} has {len(name)} characters, the limit is {NAME_LIMIT}; "
            "shorten it"
        )


def _is_printable(text: str) -> bool:
    """Whether there are no control characters or line breaks, nothing that turns the direction of what
    follows, and no lone surrogates, which UTF-8 cannot hold.
    """
    unfit = "Cc", "Cs", "Zl", "Zp"
    return not any(unicodedata.category(one) in unfit or one in TURNING for one in text)
