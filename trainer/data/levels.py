"""Folders in folders of which either may be the classes, as up/ann/3.wav and ann/up/3.wav."""

import re
from collections import Counter
from collections.abc import Sequence

from snnc.trainer.data.alike import form_of
from snnc.trainer.data.days import is_day
from snnc.trainer.data.layout import BY_CLASS, BY_SPEAKER
from snnc.trainer.data.other_sound import listed
from snnc.trainer.data.same_sources import of_unread_folders
from snnc.trainer.data.usual_depth import at_several_levels, depth_of_most
from snnc.trainer.data.usual_layout import (
    ALIKE,
    are_counted,
    called_as_classes,
    exchanged,
    in_order,
    numbered_tops,
    tops_of,
    usual_layout,
)
from snnc.trainer.data.words_in_names import words_in_names

SEVERAL = 2
"""Fewest second folders that lie in several of the first, where either may be the classes."""


def which_level(sounds: Sequence[str], above: str = "") -> str | None:
    """The question which folders of FOLDER/FOLDER/*.wav or deeper are the classes; None where little speaks
    against the first.

    Against these speak that they are numbered and the second are not, that files are named, or the second
    spelt, in each in a way of its own, as by whoever recorded, or that names of files tell words; and of any
    depth, that a word stands at several levels. `above`: the place of a layout for the folder that all these
    lie in, if there is one.
    """
    if pairs := at_several_levels(sounds):
        return _mixed(sounds, pairs, above)
    tops, names = tops_of(sounds), crossed(sounds)
    if not names:
        return None
    words = words_in_names(sounds)
    numbered = (numbered_tops(sounds) and not are_counted(names)) or _numbered_alone(tops, names)
    spelt = len(set(map(form_of, names))) < len(names)
    if words is None and not (numbered or spelt or _named_in_own_ways(sounds)):
        return None
    first = f"{above}/" if above else ""
    more = "" if words is None else f', --layout "{first}{words.layout}" names below: {listed(words.words)}'
    return (
        f"folders {listed(tops)} hold folders of the same names ({listed(names)}); which are the classes is "
        f'not known. --layout "{first}{BY_SPEAKER}" takes {listed(tops)} for classes and the others for '
        f'sources (field `speaker`), --layout "{first}{exchanged(BY_SPEAKER)}" the reverse{more}'
    )


def _mixed(sounds: Sequence[str], pairs: Sequence[tuple[str, str]], above: str) -> str:
    """The question of recordings at several depths, of which `pairs` have one word at several levels."""
    first, deep = f"{above}/" if above else "", all(name.count("/") > 1 for name in sounds)
    layout = BY_SPEAKER if deep else BY_CLASS
    reverse = f', --layout "{first}{exchanged(layout)}" the second' if deep else _of_most(sounds, first)
    return (
        "recordings lie at several depths, and have the same words at other levels "
        f"({' and '.join(pairs[0])}), so which folders are the classes is not known: "
        "move them so that all lie alike; or --layout "
        f'"{first}{layout}" takes the first folders for classes ({listed(tops_of(sounds))}){reverse}'
    )


def _of_most(sounds: Sequence[str], first: str) -> str:
    """What reads those that lie as deep as most, with sources, and leaves out the others; empty where most do
    not lie so, or none would be named. `first`: what a layout has for the folder above."""
    usual = depth_of_most(sounds)
    alike = [name for name in sounds if name.count("/") == usual]
    others = [name for name in sounds if name.count("/") < 2]
    sourced = usual_layout(alike) == BY_SPEAKER and which_level(alike) is None
    if not sourced or 2 * len(alike) <= len(sounds):
        return ""
    notes = [] if first else of_unread_folders(BY_SPEAKER, alike)
    apart = "".join(f"; by the latter, {note}" for note in notes)
    return (
        f', --layout "{first}{BY_SPEAKER}" --skip also the second for sources (field `speaker`), and leaves '
        f"out what lies less deep ({listed(others)}){apart}"
    )


def crossed(sounds: Sequence[str]) -> list[str]:
    """The second folders, if most recordings lie in such that several of the first have, so that either may
    be the classes by that; empty too where the first are called as classes, or the second as sources."""
    if any(name.count("/") < 2 for name in sounds):
        return []
    tops, names = tops_of(sounds), in_order(name.split("/")[1] for name in sounds)
    within = [(name.split("/")[0], form_of(name.split("/")[1])) for name in sounds]
    count = Counter(second for _, second in set(within))
    days = {form_of(name) for name in names if is_day(name)}
    shared = {second for second, many in count.items() if many > 1 and second not in days}
    most = 2 * sum(second in shared for _, second in within) > len(sounds)
    sources = are_counted(names) and not called_as_classes(names) and not are_counted(tops)
    return names if most and len(shared) >= SEVERAL and not called_as_classes(tops) and not sources else []


def _numbered_alone(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether all the first end with a number behind letters, as north_pump-1, and the second have none."""
    return all(re.search(r"[^\W\d_].*\d$", name) for name in first) and not any(
        map(str.isdecimal, "".join(second))
    )


def _named_in_own_ways(sounds: Sequence[str]) -> bool:
    """Whether names of files are built alike within a first folder, in several ways in all, and not so within
    the second ones."""
    ways = [(name.split("/")[0], form_of(name.split("/")[1]), _built(name)) for name in sounds]
    first, second = (Counter((each[level], each[2]) for each in ways) for level in (0, 1))
    return _uniform(first) and not _uniform(second) and len({way for _, way in _main(first)}) > 1


def _uniform(ways: Counter[tuple[str, str]]) -> bool:
    """Whether in each folder most names are built in one way."""
    return sum(ways[each] for each in _main(ways)) >= ALIKE * ways.total()


def _main(ways: Counter[tuple[str, str]]) -> list[tuple[str, str]]:
    """Each folder, and the way in which most of its names are built."""
    return list({folder: (folder, way) for (folder, way), _ in reversed(ways.most_common())}.values())


def _built(path: str) -> str:
    """The name of a file without its words and numbers: as "a_a0_0" of hall_mic2_17.wav."""
    stem = path.rpartition("/")[2].rpartition(".")[0]
    return re.sub(r"\d+", "0", re.sub(r"[^\W\d_]+", "a", stem))
