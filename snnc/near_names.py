"""Names that are meant by others: few letters away, or the same words, more of them or fewer."""

from __future__ import annotations

import re
from collections.abc import Iterable

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
    """How many letters are missing, too many, others or exchanged with the next; None if too many are."""
    longest = max(len(name), len(other))
    if longest > LONGEST or abs(len(name) - len(other)) > longest // SHARE:
        return None
    before, last = list[int](), list(range(len(other) + 1))
    for i, letter in enumerate(name, 1):
        row = [i]
        for j, wanted in enumerate(other, 1):
            cost = min(last[j] + 1, row[-1] + 1, last[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and name[i - 2] == wanted:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1] if last[-1] <= longest // SHARE else None


def _is_part(name: str, other: str) -> bool:
    """Whether one begins with the other, or has its words side by side among its own."""
    short, long = sorted((name, other), key=len)
    if len(short) < SHORTEST:
        return False
    words = [f" {' '.join(re.split(r'[^a-z0-9]+', each))} " for each in (short, long)]
    return long.startswith(short) or words[0] in words[1]
