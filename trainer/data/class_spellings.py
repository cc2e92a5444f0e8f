"""Names in paths of recordings that are, but for their spelling, classes that a trained network knows."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from snnc.text import quoted
from snnc.trainer.data.alike import form_of
from snnc.trainer.data.layout import Layout
from snnc.trainer.data.usual_layout import SEPARATORS

_MARK = re.compile("([" + re.escape("".join(SEPARATORS)) + "])")
_WORDS = 6
"""Most words of a file's name that are one name together."""
_SHOWN = 12
"""Most spellings that a note shows."""


def class_spellings(
    paths: Sequence[str], classes: Collection[str], layout: str | None = None
) -> dict[str, str]:
    """For each name in `paths` that has the form of exactly one of `classes`, and is none itself, that class.

    Where several classes have the form, only the user knows which is meant. Names are those of folders, the
    words of files, and what `layout`, that of the recordings of training, reads as class.
    """
    counts = Counter(map(form_of, classes))
    of_form = {form_of(each): each for each in classes if counts[form_of(each)] == 1}
    names = {name for path in paths for name in _names(path)}
    if layout is not None:
        read = map(Layout(layout).parts, (path.rpartition(".")[0] for path in paths))
        names |= {each[0] for each in read if each is not None}
    return {name: of_form[form] for name in names - {*classes} if (form := form_of(name)) in of_form}


def read_as(spellings: Mapping[str, str], names: Iterable[str]) -> list[str]:
    """A note on those of `names` that are taken for the class of which they are spellings; empty if none."""
    pairs = [f"{quoted(each)} as {quoted(spellings[each])}" for each in sorted({*names}) if each in spellings]
    if not pairs:
        return []
    shown = ", ".join(pairs[:_SHOWN]) + (", ..." if len(pairs) > _SHOWN else "")
    return [f"names that are spelt otherwise than the network's classes are read as these: {shown}"]


def words_of(stem: str) -> Iterator[str]:
    """The words of the name of a file, and what stands between marks of it in all, up to `_WORDS` of them."""
    parts = _MARK.split(stem)
    for at in range(0, len(parts), 2):
        for end in range(at + 1, min(at + 2 * _WORDS, len(parts) + 1), 2):
            if text := "".join(parts[at:end]):
                yield text


def _names(path: str) -> Iterator[str]:
    *folders, file = path.split("/")
    yield from folders
    yield from words_of(file.rpartition(".")[0])
