"""Words in names of files that several folders have: they may be the classes, whatever folders are called."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from snnc.trainer.data.layout import BY_CLASS, BY_SPEAKER
from snnc.trainer.data.other_sound import listed
from snnc.trainer.data.usual_layout import (
    ALIKE,
    SEPARATORS,
    are_counted,
    in_order,
    is_day,
    tops_of,
)

PLACES = 4
"""Parts of a name that are looked at, from the first on."""
SEVERAL = 2
"""Fewest words, and fewest folders that have each."""


@dataclass(frozen=True, slots=True)
class Words:
    """`words` stand in the places that `layout` calls classes; `other` takes the first folders for these."""

    words: tuple[str, ...]
    layout: str
    other: str

    def question(self, sounds: Sequence[str]) -> str:
        """What is said of recordings of which either may be the classes."""
        folders = listed(tops_of(sounds))
        return (
            f"names below tell {listed(self.words)} in several of its folders ({folders}); "
            f'which are the classes is not known. --layout "{self.layout}" takes those names for classes, '
            f'--layout "{self.other}" the first folders'
        )


def words_in_names(sounds: Sequence[str]) -> Words | None:
    """The words by which files of FOLDER/FOLDER/NAME.wav, of deeper ones or of FOLDER/DAY_NAME.wav may be
    called; None if they hardly tell any.

    In one folder each, names that begin with a word are others' to read: `usual_layout`.
    """
    if not sounds:
        return None
    depths = Counter(name.count("/") for name in sounds)
    depth = depths.most_common(1)[0][0]
    if len(depths) > 1 or depth < 1 or len(tops_of(sounds)) < SEVERAL:
        return None
    tops = [name.partition("/")[0] for name in sounds]
    for level in range(2, depth):  # the second names speakers
        if found := _shared([(top, name.split("/")[level]) for top, name in zip(tops, sounds, strict=True)]):
            return _words(sounds, found, "{}", level)
    stems = [os.path.basename(name).rpartition(".")[0] for name in sounds]
    for mark in SEPARATORS:
        parts = [stem.split(mark) for stem in stems]
        count = Counter(map(len, parts)).most_common(1)[0][0]
        which = [at for at, each in enumerate(parts) if len(each) == count and all(each)]
        if count < 2 or len(which) < ALIKE * len(sounds):
            continue
        for place in range(min(count, PLACES)):
            found = _shared([(tops[at], parts[at][place]) for at in which])
            if found and (depth > 1 or place):
                name = mark.join([*["{}"] * place, "{class}", *["{}"] * (place < count - 1)])
                return _words(sounds, found, name)
            if found:
                return None
    return None


def _shared(told: Sequence[tuple[str, str]]) -> list[str]:
    """The words of pairs of a first folder and a part of a name, if most are of several folders."""
    words = in_order(word for _, word in told)
    if len(words) < SEVERAL or are_counted(words) or any(map(is_day, words)):
        return []
    folders = Counter(word for _, word in set(told))
    spread = {word for word in words if folders[word] >= SEVERAL and sum(map(str.isalpha, word)) > 1}
    most = 2 * sum(word in spread for _, word in told) > len(told)
    few = SEVERAL * len(words) <= len(told)
    return words if len(spread) >= SEVERAL and most and few else []


def _words(sounds: Sequence[str], words: Sequence[str], name: str, level: int | None = None) -> Words:
    """The layouts of files called as `name`, which has the class unless folders of the `level` do."""
    depth = sounds[0].count("/")
    if depth == 1:
        return Words(tuple(words), f"{{speaker}}/{name}", BY_CLASS)
    folders = ["{}"] * depth
    folders[0 if all(is_day(each.split("/")[1]) for each in sounds) else 1] = "{speaker}"
    if level is not None:
        folders[level] = "{class}"
    return Words(tuple(words), "/".join([*folders, name]), BY_SPEAKER)
