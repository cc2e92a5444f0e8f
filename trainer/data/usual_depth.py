"""Recordings that lie in more or fewer folders than most: whether these tell the layout, and what it makes of
the others."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from snnc.trainer.data.days import is_day
from snnc.trainer.data.other_sound import listed
from snnc.trainer.data.usual_layout import ALIKE, SEPARATORS, in_order

_MARK = re.compile("[" + re.escape("".join(SEPARATORS)) + "]")
_WORDS = 2
"""Fewest words in names of files that folders have, too: one alone may be chance."""


def of_usual_depth(sounds: Sequence[str]) -> Iterator[list[str]]:
    """`sounds` without the few that lie at another depth, in each way in which there are some.

    What lies in the folder itself may be up to half: as it tells no class, it is never read with the others.
    """
    within = [name for name in sounds if "/" in name]
    base = within if 2 * len(within) > len(sounds) else sounds
    usual = depth_of_most(base)
    alike = [name for name in base if name.count("/") == usual]
    deep = [name for name in base if name.count("/") > 1]
    for most in (alike, deep, within):
        enough = len(most) >= ALIKE * len(base) and 2 * len(most) > len(sounds)
        if enough and len(most) < len(sounds):
            yield most


def at_several_levels(sounds: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of paths of other depths that have one word at other levels: up/3.wav and hall/up/3.wav, or in
    the name of a file, hall/up_3.wav; so no layout reads both. Empty where there are none.

    Of a path, the first folder of a name counts; numbers, single letters and days tell nothing.
    """
    if len({name.count("/") for name in sounds}) < 2:
        return []
    first = dict[tuple[str, int], str]()
    for sound in sounds:
        folders = sound.split("/")[:-1]
        for level, name in enumerate(folders):
            if folders.index(name) == level and sum(map(str.isalpha, name)) > 1 and not is_day(name):
                first.setdefault((name.casefold(), level), sound)
    found = dict[str, tuple[str, str]]()
    for (name, level), sound in first.items():
        upper = next((first[name, above] for above in range(level) if (name, above) in first), None)
        if upper is not None:
            found.setdefault(name, (upper, sound))
    called = dict[str, tuple[str, str]]()
    for sound in sounds:
        *folders, file = sound.split("/")
        for word in _MARK.split(file.casefold()):
            deeper = first.get((word, len(folders)))
            if deeper is not None and folders and word not in map(str.casefold, folders):
                called.setdefault(word, (sound, deeper))
    if len(called) >= _WORDS:
        found |= called
    return [pair for pair in found.values() if pair[0].count("/") != pair[1].count("/")]


def read_at_other_depths(read: Sequence[tuple[str, str, str | None]], few: bool) -> str | None:
    """As what those of another depth than most are taken; None where there are none. `read`: paths, classes
    and sources; `few`: None, too, where they are not few."""
    usual = depth_of_most([name for name, *_ in read])
    others = [each for each in read if each[0].count("/") != usual]
    if not others or (few and len(read) - len(others) < ALIKE * len(read)):
        return None
    deeper = {name.count("/") > usual for name, *_ in others}
    where = "at other depths than" if len(deeper) > 1 else "deeper than" if deeper.pop() else "less deep than"
    lie, are = ("lies", "is") if len(others) == 1 else ("lie", "are")
    classes, sources = in_order(each[1] for each in others), in_order(each[2] for each in others if each[2])
    whom = f", {_several('source', sources)} (field `speaker`)" if sources else ""
    lying = f"{len(others)} of {len(read)} recordings {lie} {where} the others"
    names = listed([name for name, *_ in others])
    return f"{lying} ({names}), and {are} read as {_several('class', classes)}{whom}"


def _several(what: str, names: Sequence[str]) -> str:
    plural = what + ("es" if what.endswith("s") else "s")
    return f"{what if len(names) == 1 else plural} {listed(names)}"


def depth_of_most(sounds: Sequence[str]) -> int:
    """How many folders most have, the fewest of as frequent ones."""
    counts = Counter(name.count("/") for name in sounds)
    return min(counts, key=lambda depth: (-counts[depth], depth), default=0)
