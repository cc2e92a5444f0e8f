"""The parts into which marks divide names, as those of mill_hive-1.queenless.3."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from snnc.trainer.data.days import dated, days_apart, is_day
from snnc.trainer.data.usual_layout import ALIKE, SEPARATORS, are_counted

_MARKS = re.compile("([" + re.escape("".join(SEPARATORS)) + "]+)")
_OF_DAY = "\0"
"""What parts of days begin with here, as no name of a file does."""


class Divided(NamedTuple):
    """What stands between the parts of names, the values of each part, and which parts are of days."""

    marks: list[str]
    parts: list[list[str]]
    days: set[int]

    def candidates(self) -> list[int]:
        """Which parts of names of files may be classes or sources: values of theirs return.

        Days do not tell either, nor does what counts takes, at the end: numbers, or `take1`, `take2` where
        two others may be names.
        """
        found = [at for at, part in enumerate(self.parts) if at not in self.days and returns(part)]
        last = len(self.parts) - 1
        if last in found and (not lettered("".join(self.parts[last])) or self._counts_takes(last, found)):
            found.remove(last)
        return found

    def _counts_takes(self, last: int, found: Sequence[int]) -> bool:
        return len(found) > 2 and are_counted(set(self.parts[last]))


def returns(values: Sequence[str]) -> bool:
    """Whether there are several values, and some of them in several names."""
    return 1 < len(set(values)) < len(values)


def lettered(name: str) -> bool:
    return any(map(str.isalpha, name))


def divisions(names: Sequence[str]) -> Iterator[Divided]:
    """The ways to divide most `names` alike: at all of their marks, if they have several, then at one."""
    if (found := by_several_marks(names)) is not None:
        yield found
    yield from by_one_mark(names)


def by_one_mark(names: Sequence[str]) -> Iterator[Divided]:
    """The parts into which each mark divides most `names`, where it gives all of these as many."""
    for mark in SEPARATORS:
        split = [name.split(mark) for name in names]
        count = Counter(map(len, split)).most_common(1)[0][0]
        fit = [each for each in split if len(each) == count and all(each)]
        if count < 2 or len(fit) < ALIKE * len(names):
            continue
        parts = [list(part) for part in zip(*fit, strict=True)]
        days = dated([mark.join(each) for each in fit], mark)
        yield Divided(
            [mark] * (count - 1), parts, days | {at for at, part in enumerate(parts) if _days(part)}
        )


def _days(values: Sequence[str]) -> bool:
    return all(map(is_day, values))


def by_several_marks(names: Sequence[str]) -> Divided | None:
    """The parts into which several marks divide most `names`; None where one mark does, or they differ.

    A day is one part, and so are two that are one name, as hive-1, where the mark behind them is another:
    else a layout, whose places are as short as may be, reads them apart.
    """
    split = list(map(_split, names))
    marks = Counter(tuple(each[1::2]) for each in split).most_common(1)[0][0]
    fit = [each[::2] for each in split if tuple(each[1::2]) == marks and all(each)]
    if len(set(marks)) < 2 or len(fit) < ALIKE * len(names):
        return None
    between, parts = [*marks], [list(part) for part in zip(*fit, strict=True)]
    for at in reversed(range(len(between))):
        behind = between[at + 1 : at + 2]
        if _are_one(parts[at], parts[at + 1]) and not any(mark in between[at] for mark in behind):
            parts[at : at + 2] = [[between[at].join(pair) for pair in zip(*parts[at : at + 2], strict=True)]]
            del between[at]
    days = {at for at, part in enumerate(parts) if _of_day(part)}
    return Divided(between, [[value.replace(_OF_DAY, "") for value in part] for part in parts], days)


def _are_one(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether two neighbours are one name: one of them tells no more than the other, as in hive-1, hive-2 or
    in red fox, red deer, grey wolf. A number belongs to the word before it, if all names have that."""
    before, behind = len(set(first)), len(set(second))
    words = all(map(lettered, first)) and (before == 1 or all(map(lettered, second)))
    if not words or behind == 1 or _of_day(first) or _of_day(second):
        return False
    return len(set(zip(first, second, strict=True))) == max(before, behind) < len(first)


def _of_day(values: Sequence[str]) -> bool:
    return all(_OF_DAY in value for value in values)


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
