"""What lasts a while: told by those who do it, who know of no terminal, to whoever shows it there."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

Teller = Callable[[str], AbstractContextManager[object]]
"""Gives a block in which it shows the text that it is called with."""


def _silent(text: str) -> AbstractContextManager[object]:
    return nullcontext()


_teller: Teller = _silent


def tell_with(teller: Teller) -> None:
    """Let `teller` show what lasts from now on, in this process; before, nobody is told."""
    global _teller
    _teller = teller


def lasting(text: str) -> AbstractContextManager[object]:
    """A block that lasts a while; `text` says what it does."""
    return _teller(text)
