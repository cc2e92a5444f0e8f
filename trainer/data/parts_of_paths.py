"""The parts of which paths of recordings are made: what a layout may call class and speaker."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from snnc.trainer.data.days import dated
from snnc.trainer.data.layout import ANY, MOST
from snnc.trainer.data.mixed_marks import of_mixed_marks
from snnc.trainer.data.other_sound import listed
from snnc.trainer.data.usual_layout import ALIKE, SEPARATORS, in_order

SEVERAL, OF_MIXED = 3, 2
"""Fewest parts that may be names, of which the other questions do not name all readings: they divide names at
one mark, so fewer do where several marks tell more of them."""


class _Part(NamedTuple):
    """Its values `told` in words; whether they may be `names`: not days, numbers, or another in each path."""

    told: str
    names: bool


class _Level(NamedTuple):
    """The name of a folder or of a file: its parts in order, and what stands between them."""

    marks: list[str]
    parts: list[_Part]

    @property
    def names(self) -> int:
        return sum(part.names for part in self.parts)

    @property
    def layout(self) -> str:
        return ANY + "".join(mark + ANY for mark in self.marks)


def parts_told(sounds: Sequence[str], mixed: bool = False) -> str | None:
    """The parts of most paths, as "(ann, bob; door, window; days)", and the layout that has a place for each.

    None where most paths are not built alike, few parts may be names, or there are too many for a layout.
    `mixed`: None also where one mark divides names of files into as many that may be names.
    """
    stems = [each.rpartition(".")[0].split("/") for each in sounds]
    depth = Counter(map(len, stems)).most_common(1)[0][0]
    alike = [stem for stem in stems if len(stem) == depth]
    if len(alike) < ALIKE * len(stems):
        return None
    *folders, files = zip(*alike, strict=True)
    above, one = [_level(names, of_files=False) for names in folders], _level(files, of_files=True)
    several = _level_of_mixed(files)
    told = None
    if several is not None and several.names > sum(part.names for part in one.parts if part in several.parts):
        told = _told([*above, several], OF_MIXED)
    return told if told or mixed else _told([*above, one], SEVERAL)


def _told(levels: Sequence[_Level], fewest: int) -> str | None:
    """As `parts_told`, of names of `levels`, of which so many parts have to be names."""
    parts = [part for level in levels for part in level.parts]
    if len(parts) > MOST or sum(level.names for level in levels) < fewest:
        return None
    layout = "/".join(level.layout for level in levels)
    told = "; ".join(part.told for part in parts)
    return (
        f"parts of a path, in order ({told}): write {{class}} and, for sources, {{speaker}} in their places "
        f'in --layout "{layout}"'
    )


def _level(names: Sequence[str], of_files: bool) -> _Level:
    """The parts into which most `names` fall by one mark; of folders only where one of these is a day."""
    for mark in SEPARATORS:
        split = [name.split(mark) for name in names]
        count = Counter(map(len, split)).most_common(1)[0][0]
        fit = [each for each in split if len(each) == count and all(each)]
        if count < 2 or len(fit) < ALIKE * len(names):
            continue
        days = dated([mark.join(each) for each in fit], mark)
        if of_files or 0 < len(days) < count:
            parts = [_part(each, at in days) for at, each in enumerate(zip(*fit, strict=True))]
            return _Level([mark] * (count - 1), parts)
    return _Level([], [_part(names, bool(dated(names, "/")))])


def _level_of_mixed(names: Sequence[str]) -> _Level | None:
    """The parts into which most `names` of files fall by several marks, if they do."""
    if (found := of_mixed_marks(names)) is None:
        return None
    return _Level(found.marks, [_part(part, at in found.days) for at, part in enumerate(found.parts)])


def _part(values: Sequence[str], days: bool) -> _Part:
    several = in_order(values)
    if days or len(several) == len(values):
        return _Part("days" if days else "another in each", False)
    return _Part(listed(several), len(several) > 1 and not all(map(str.isdecimal, several)))
