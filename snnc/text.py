"""Text that others wrote, made fit for a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    """`text` with what could steer a terminal escaped; lines stay lines."""
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)
