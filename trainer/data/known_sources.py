"""The parts of paths of recordings that tell sources which are known, as those of a trained network."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import product

from snnc.trainer.data.alike import form_of
from snnc.trainer.data.layout import ANY, MOST, SPEAKER, Layout
from snnc.trainer.data.usual_layout import SEPARATORS

_MARKS = (*SEPARATORS, "/")
_LOOKED_AT, _FEW = 200, 40
"""Most paths in which classes and sources are looked for, and sources of several parts."""
_GOLDEN = (5**0.5 - 1) / 2
_TRIED = 4
"""Most layouts that are held against all paths, or get a place more for a source."""


def with_known_source(layout: str, paths: Sequence[str], sources: Collection[str]) -> str | None:
    """`layout` with the source where most of `paths` have one of `sources`, if it fits as many of them as
    without; None where none has. Sources without letters are not looked for: numbers count takes, too.

    What is one name in `sources`, as "hall/lift 2", may stand in several places of these paths, in its order.
    """
    named = [each for each in sources if any(map(str.isalpha, each))]
    if not named:
        return None
    stems, bare = [path.rpartition(".")[0] for path in paths], layout.replace(SPEAKER, ANY)
    known = set(map(form_of, named))
    best = _best(some_of(stems), _anywhere(bare), known.__contains__) or _of_parts(stems, bare, named)
    fitted = _fitted(stems, bare) if best else 0
    return next((each for each in best if _fitted(stems, each) >= fitted), None)


def some_of(stems: Sequence[str], most: int = _LOOKED_AT) -> Sequence[str]:
    """At most so many of them, from all over, and not at equal distances: takes return at such."""
    if len(stems) <= most:
        return stems
    return [stems[int(len(stems) * (at * _GOLDEN % 1))] for at in range(most)]


def is_read(layout: str) -> bool:
    """Whether it has no more places than a layout may have, as those of many folders have."""
    return layout.count("{") <= MOST


def _of_parts(stems: Sequence[str], bare: str, named: Sequence[str]) -> list[str]:
    """`bare` with a place for each part of sources `named`, the best; empty where none tells one."""
    parts = [_parts(each) for each in named]
    some = some_of([each for each in stems if any(_stand_in(each, of) for of in parts)], _FEW)
    known = set(map(form_of, named))
    begun = {form_of("/".join(of[:count])) for of in parts for count in range(1, len(of))}
    layouts = [bare]
    for _ in range(1, max(map(len, parts))):
        layouts = _best(some, (more for each in layouts for more in _anywhere(each)), begun.__contains__)
        ended = (more for each in layouts for more in _anywhere(each))
        if found := _best(some, ended, known.__contains__):
            return found
    return []


def _parts(source: str) -> list[str]:
    return [each for each in re.split("[" + re.escape("".join(_MARKS)) + "]", source) if each]


def _stand_in(stem: str, parts: Sequence[str]) -> bool:
    """Whether the `parts` of a source are in a path, in their order."""
    text, at = unicodedata.normalize("NFKC", stem).casefold(), 0
    for part in parts:
        word = unicodedata.normalize("NFKC", part).casefold().lstrip("0")
        if (found := text.find(word, at)) < 0:
            return False
        at = found + len(word)
    return True


def _best(stems: Sequence[str], layouts: Iterator[str], is_one: Callable[[str], bool]) -> list[str]:
    """The few by which most of `stems` tell a source whose form `is_one`; none where none does."""
    found = dict[str, int]()
    for layout in filter(is_read, layouts):
        if layout not in found:
            read = [str(each[1]) for each in map(Layout(layout).parts, stems) if each is not None]
            apart = _are_apart(layout)
            found[layout] = sum(is_one(form_of(each)) for each in read if not (apart and _has_number(each)))
    return sorted((each for each in found if found[each]), key=lambda each: -found[each])[:_TRIED]


def _are_apart(layout: str) -> bool:
    """Whether more than a mark stands between the places of a source."""
    return any(each not in _MARKS for each in layout.split(SPEAKER)[1:-1])


def _has_number(source: str) -> bool:
    """Whether a part of it has no letter: away from the part that it belongs to, it counts takes."""
    return not all(any(map(str.isalpha, part)) for part in source.split("/"))


def _fitted(stems: Sequence[str], layout: str) -> int:
    """How many of `stems` fit `layout`."""
    reading = Layout(layout)
    return sum(reading.parts(stem) is not None for stem in stems)


def _anywhere(layout: str) -> Iterator[str]:
    """`layout` with a source, or one more behind the last, in any text of it: as all of it, or with something
    before or behind."""
    for at in range(layout.rfind(SPEAKER) + 1, len(layout)):
        if layout.startswith(ANY, at):
            ends = ["", *[f"{{}}{mark}" for mark in _MARKS]], ["", *[f"{mark}{{}}" for mark in _MARKS]]
            for before, behind in product(*ends):
                yield f"{layout[:at]}{before}{SPEAKER}{behind}{layout[at + 2 :]}"
