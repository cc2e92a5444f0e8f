"""TOML of strangers: what would keep the parser busy for hours, or exhaust its stack, is an error."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from snnc.io.regular import read_text

BYTES, DOTS = 1 << 18, 100
"""Most characters of a text, and most dots of a key: the parser's time grows with their square."""


def read(path: Path) -> dict[str, Any]:
    """The file at `path`. Raises as `loads`, and OSError as `snnc.io.regular.open_regular`."""
    return loads(read_text(path, 4 * BYTES))


def loads(text: str, *, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """As `tomllib.loads`.

    Raises
    ------
    ValueError
        If `text` is no TOML, is longer than `BYTES`, nests without end, or has a key or a number without end.
    """
    if len(text) > BYTES:
        raise ValueError(f"{len(text)} characters, at most {BYTES} are read")
    words = re.split(r"[\n,=\[\]{}]", text.replace(" ", "").replace("\t", ""))
    if any(word.count(".") > DOTS for word in words if not word.startswith("#")):
        raise ValueError(f"a key of more than {DOTS} parts")
    try:
        return tomllib.loads(text, parse_float=parse_float)
    except RecursionError:
        raise ValueError("nested too deep") from None
