"""Names of files with several marks between their parts, as mill_hive-1.queenless.3."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from snnc.trainer.data.days import days_apart
from snnc.trainer.data.usual_layout import ALIKE, SEPARATORS

_MARKS = re.compile("([" + re.escape("".join(SEPARATORS)) + "]+)")
_OF_DAY = "\0"
"""What parts of days begin with here, as no name of a file does."""


class Divided(NamedTuple):
    """What stands between the parts of names, the values of each part, and which parts are of days."""

    marks: list[str]
    parts: list[list[str]]
    days: set[int]


def of_mixed_marks(names: Sequence[str]) -> Divided | None:
    """The parts into which several marks divide most `names`; None where one mark does, or they differ.

    A day is one part, and so are a word that all have and its number, as hive-1, where the mark behind them
    is another: else a layout, whose places are as short as may be, reads them apart.
    """
    split = list(map(_split, names))
    marks = Counter(tuple(each[1::2]) for each in split).most_common(1)[0][0]
    fit = [each[::2] for each in split if tuple(each[1::2]) == marks and all(each)]
    if len(set(marks)) < 2 or len(fit) < ALIKE * len(names):
        return None
    between, parts = [*marks], [list(part) for part in zip(*fit, strict=True)]
    for at in reversed(range(len(between))):
        word, numbers, behind = parts[at][0], parts[at + 1], between[at + 1 : at + 2]
        counted = set(parts[at]) == {word} and word.isalpha() and all(map(str.isdecimal, numbers))
        if counted and not any(mark in between[at] for mark in behind):
            parts[at : at + 2] = [[f"{word}{between[at]}{number}" for number in numbers]]
            del between[at]
    days = {at for at, part in enumerate(parts) if all(_OF_DAY in value for value in part)}
    return Divided(between, [[value.replace(_OF_DAY, "") for value in part] for part in parts], days)


def _split(name: str) -> list[str]:
    """The parts of a name, and between them the marks; a day is in pieces if its own mark follows."""
    pieces = days_apart(name)
    found = [""]
    for at, piece in enumerate(pieces):
        behind = _MARKS.match(pieces[at + 1]) if at % 2 else None
        whole = at % 2 and not (behind and behind[0] in piece)
        first, *others = [piece] if whole else _MARKS.split(piece)
        if at % 2:
            first, others[1::2] = _OF_DAY + first, [_OF_DAY + other for other in others[1::2]]
        found[-1] += first
        found += others
    return found
