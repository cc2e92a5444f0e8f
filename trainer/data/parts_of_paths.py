"""The parts of which paths of recordings are made: what a layout may call class and speaker."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from snnc.trainer.data.days import dated
from snnc.trainer.data.divisions import Divided, by_one_mark, by_several_marks, lettered
from snnc.trainer.data.layout import ANY, MOST
from snnc.trainer.data.other_sound import listed
from snnc.trainer.data.usual_layout import ALIKE, in_order

SEVERAL, OF_MIXED = 3, 2
"""Fewest parts that may be names, of which the other questions do not name all readings: below folders they
divide names at one mark, so fewer do where several marks tell more of them."""


class _Part(NamedTuple):
    """Its values `told` in words, and whether they may be `names`, as of `Divided.candidates`."""

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
    above = [_level(names, of_files=False) for names in folders]
    flat = not any(level.names for level in above)
    one, several = _level(files, of_files=True, numbers=flat), _level_of_mixed(files, numbers=flat)
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


def _level(names: Sequence[str], of_files: bool, numbers: bool = False) -> _Level:
    """The parts into which most `names` fall by one mark; of folders only where one of these is a day."""
    for found in by_one_mark(names):
        if of_files or 0 < len(found.days) < len(found.parts):
            return _parts_of(found, numbers)
    return _parts_of(Divided([], [list(names)], {0} if dated(names, "/") else set()), numbers)


def _level_of_mixed(names: Sequence[str], numbers: bool) -> _Level | None:
    """The parts into which most `names` of files fall by several marks, if they do."""
    found = by_several_marks(names)
    return None if found is None else _parts_of(found, numbers)


def _parts_of(found: Divided, numbers: bool) -> _Level:
    """`numbers`: they may be names, too; beside folders, they mostly count something."""
    parts, names = list[_Part](), found.candidates()
    for at, values in enumerate(found.parts):
        several = in_order(values)
        other = "another in each" if len(several) == len(values) else listed(several)
        is_name = at in names and (numbers or lettered("".join(several)))
        parts.append(_Part("days" if at in found.days else other, is_name))
    return _Level(found.marks, parts)
