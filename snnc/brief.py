"""How objects of data print: in a line, with arrays and collections by their size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import fields
from typing import Any

from snnc.text import one_line, quoted, shortened

SHORT = 250
"""Most characters of what an object prints as."""


def brief(thing: Any) -> str:
    """`thing`, a dataclass, as "Name(field=value, ...)" on one line; for its `__repr__`.

    Fields that are None, empty bytes or an empty collection are left out.
    """
    said = []
    for each in fields(thing):
        value = getattr(thing, each.name)
        if each.repr and (text := _said(value)):
            said.append(f"{each.name}={text}")
    return shortened(one_line(f"{type(thing).__name__}({', '.join(said)})"), SHORT)


def _said(value: Any) -> str:
    shape = getattr(value, "shape", None)
    if shape:
        return f"{value.dtype} {list(shape)}"
    if value is None:
        return ""
    if isinstance(value, bytes | bytearray):
        return f"{len(value)} bytes" if value else ""
    if isinstance(value, str | bool | int | float) or shape == ():
        return quoted(value)
    if isinstance(value, Mapping | Sequence | Set):
        if not value:
            return ""
        return quoted(value) if _plain(value) else f"<{len(value)}>"
    return quoted(value)


def _plain(value: Mapping[Any, Any] | Sequence[Any] | Set[Any]) -> bool:
    """Whether it is a short row of numbers or names."""
    if isinstance(value, Mapping) or len(value) > 6:
        return False
    return all(isinstance(each, str | int | float) for each in value)
