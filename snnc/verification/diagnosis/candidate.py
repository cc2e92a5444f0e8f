"""A fault that a diagnosis can name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """`summary` says in one sentence what the other side did, `remedy` where to look.

    One that is `within` another is a special case of it, and then the other is not named beside it.
    """

    name: str
    summary: str
    remedy: str
    within: str | None = None
