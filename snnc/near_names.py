"""Names that are meant by others: few letters away, or the same words, more of them or fewer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

LONGEST = 100
"""Most letters of a name that is compared letter by letter."""
SHORTEST = 3
"""Letters of a name that stands for one that goes on behind it, at least."""
MOST = 3
"""Names that are told, at most."""
SHARE = 3
"""One letter in so many may differ: 'layout' is no 'readout', 'device' no 'decoder'."""


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """Those of `known` that `name` may be meant for, `MOST` at most; empty where none is near.

    Slips of the pen come first; then names of which one holds all words of the other, or begins with it.
    """
    others = list(known)
    slips = {other: _slips(name.lower(), other.lower()) for other in others}
    if least := [each for each in slips.values() if each is not None]:
        return [other for other in others if slips[other] == min(least)][:MOST]
    return [each for each in others if _is_part(name.lower(), each.lower())][:MOST]


def _slips(name: str, other: str) -> int | None:
    """How many letters are missing, too many, or others, 1 if they are in another order; None if too many.

    It is counted, as difflib's ratio takes 'samples' for 'example' before it takes 'rlt' for 'rtl'.
    """
    longest = max(len(name), len(other))
    if longest > LONGEST:
        return None
    if sorted(name) == sorted(other):
        return int(name != other)
    steps = SequenceMatcher(None, name, other, autojunk=False).get_opcodes()
    count = sum(max(end - at, there - here) for step, at, end, here, there in steps if step != "equal")
    return count if count <= longest // SHARE else None


def _is_part(name: str, other: str) -> bool:
    """Whether one begins with the other, or has its words side by side among its own."""
    short, long = sorted((name, other), key=len)
    if len(short) < SHORTEST:
        return False
    words = [f" {' '.join(re.split(r'[^a-z0-9]+', each))} " for each in (short, long)]
    return long.startswith(short) or words[0] in words[1]
