"""Words in names of files that several folders have: they may be the classes, whatever folders are called."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from snnc.trainer.data.days import dated, is_day
from snnc.trainer.data.layout import BY_CLASS, BY_SPEAKER, MOST
from snnc.trainer.data.other_sound import listed
from snnc.trainer.data.usual_depth import depth_of_most
from snnc.trainer.data.usual_layout import (
    ALIKE,
    SEPARATORS,
    are_counted,
    exchanged,
    in_order,
    tops_of,
)

SEVERAL = 2
"""Fewest words, and fewest folders that have each."""


@dataclass(frozen=True, slots=True)
class Words:
    """`words` stand in the places that `layout` calls classes; `other` takes the first folders for these."""

    words: tuple[str, ...]
    layout: str
    other: str

    def within(self, folder: str) -> "Words":
        """Of recordings that lie in a `folder` each, as layouts name it."""
        return replace(self, layout=f"{folder}/{self.layout}", other=f"{folder}/{self.other}")

    def question(self, sounds: Sequence[str]) -> str:
        """What is said of recordings of which either may be the classes."""
        folders = listed(tops_of(sounds))
        return (
            f"names below tell {listed(self.words)} in several of its folders ({folders}); "
            f'which are the classes is not known. --layout "{self.layout}" takes those names for classes, '
            f'--layout "{self.other}" the first folders'
        )


class _Place(NamedTuple):
    """`told`: paths and what they have in one place, which the `name` of files has, or folders of a level."""

    told: list[tuple[str, str]]
    name: str = "{}"
    level: int | None = None


def words_in_names(sounds: Sequence[str]) -> Words | None:
    """The words, or else the numbers, by which files of FOLDER/FOLDER/NAME.wav, of deeper ones or of
    FOLDER/DAY_NAME.wav may be called; None if they hardly tell any. What lies at another depth than most of
    them tells nothing here.

    In one folder each, names that begin with a word are others' to read: `usual_layout`.
    """
    if not sounds:
        return None
    depth = depth_of_most(sounds)
    alike = [name for name in sounds if name.count("/") == depth]
    if 2 * len(alike) <= len(sounds):
        return None
    sounds = alike
    if depth < 1 or len(tops_of(sounds)) < SEVERAL:
        return None
    places = list(_places(sounds, depth))
    for place in places:
        if found := _shared(place.told):
            first = depth == 1 and place.name.startswith("{class}")
            return None if first else _words(sounds, found, place)
    for place in places:
        if not place.name.endswith("{class}") and (found := _numbers(place.told)):  # the last counts takes
            return _words(sounds, found, place)
    return None


def _places(sounds: Sequence[str], depth: int) -> Iterator[_Place]:
    """Where paths of this depth may tell classes, folders first."""
    for level in range(2, depth):  # the second names speakers
        yield _Place([(name, name.split("/")[level]) for name in sounds], level=level)
    stems = [os.path.basename(name).rpartition(".")[0] for name in sounds]
    for mark in SEPARATORS:
        parts = [stem.split(mark) for stem in stems]
        count = Counter(map(len, parts)).most_common(1)[0][0]
        which = [at for at, each in enumerate(parts) if len(each) == count and all(each)]
        if count < 2 or len(which) < ALIKE * len(sounds):
            continue
        days = dated(stems, mark)
        for place in range(min(count, MOST - depth - 1)):
            again = all(parts[at][place] in sounds[at].split("/") for at in which)  # the name of a folder
            if again or place in days:
                continue
            name = mark.join([*["{}"] * place, "{class}", *["{}"] * (place < count - 1)])
            yield _Place([(sounds[at], parts[at][place]) for at in which], name)


def _shared(told: Sequence[tuple[str, str]]) -> list[str]:
    """The words of pairs of a path and a part of it, if most are of several first folders."""
    words = in_order(word for _, word in told)
    if len(words) < SEVERAL or are_counted(words) or any(map(is_day, words)):
        return []
    spread = {word for word in _spread(told) if sum(map(str.isalpha, word)) > 1}
    most = 2 * sum(word in spread for _, word in told) > len(told)
    few = SEVERAL * len(words) <= len(told)
    return words if len(spread) >= SEVERAL and most and few else []


def _numbers(told: Sequence[tuple[str, str]]) -> list[str]:
    """As `_shared`, of numbers and single letters that most first folders have, and several files each.

    Takes and serial numbers hardly repeat so.
    """
    numbers = in_order(word for _, word in told)
    spread = _spread(told)
    if len(spread) < SEVERAL or not all(word.isdecimal() or len(word) == 1 for word in numbers):
        return []
    filled = 2 * sum(spread.values()) >= len(numbers) * len(tops_of(path for path, _ in told))
    within = {(*[each for each in path.split("/")[:-1] if not is_day(each)], word) for path, word in told}
    few = SEVERAL * len(within) <= len(told)
    return numbers if filled and few and not any(map(is_day, numbers)) else []


def _spread(told: Sequence[tuple[str, str]]) -> dict[str, int]:
    """In how many first folders those words are that several have."""
    folders = Counter(word for _, word in {(path.partition("/")[0], word) for path, word in told})
    return {word: count for word, count in folders.items() if count >= SEVERAL}


def _words(sounds: Sequence[str], words: Sequence[str], place: _Place) -> Words:
    """The layouts of files that have classes in this place."""
    depth = sounds[0].count("/")
    if depth == 1:
        return Words(tuple(words), f"{{speaker}}/{place.name}", BY_CLASS)
    folders, days = ["{}"] * depth, all(is_day(each.split("/")[1]) for each in sounds)
    folders[0 if days else 1] = "{speaker}"
    if place.level is not None:
        folders[place.level] = "{class}"
    layout = "/".join([*folders, place.name])
    return Words(tuple(words), layout, exchanged(layout) if days else BY_SPEAKER)
