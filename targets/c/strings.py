"""Names in C: a graph read from a file brings them, so they must not become code."""

from __future__ import annotations

from collections.abc import Iterable

LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _-.,:;+=()")


def string(text: str) -> str:
    """`text` as a string of C in UTF-8, of which all but a few characters are octal: none can end it."""
    return '"' + "".join(chr(each) if each in LETTERS else f"\\{each:03o}" for each in text.encode()) + '"'


def strings(names: Iterable[str]) -> str:
    """The lines of an array of `names`."""
    return ",\n".join(f"    {string(name)}" for name in names)
