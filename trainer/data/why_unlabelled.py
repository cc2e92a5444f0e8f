"""Why recordings for a trained network have no labels, where names of folders or files seem to tell them."""

import posixpath
from collections.abc import Mapping, Sequence
from pathlib import Path

from snnc.text import spelt_otherwise, with_near
from snnc.trainer.data.alike import form_of
from snnc.trainer.data.class_spellings import words_of
from snnc.trainer.data.known_classes import is_word, layout_of_most
from snnc.trainer.data.other_sound import listed
from snnc.trainer.data.usual_layout import are_parts, in_order


def why_unlabelled(
    folder: Path,
    names: Sequence[str],
    tops: Sequence[str],
    classes: Sequence[str],
    spellings: Mapping[str, str] | None = None,
) -> list[str]:
    """Notes on the files `names` below `folder`, with the first folders `tops`; empty if they seem new ones.

    None of `tops` is one of the network's `classes`, and not most names tell one in one place. `spellings`:
    other names of these classes, as of `class_spellings`.
    """
    known = {*classes, *(spellings or ())}
    own, told = folder.resolve().name, _Told(names, classes)
    if not tops:
        if own not in known:
            return told.by_some(told.spelling()) or told.by_spelling()
        return [f"no labels, as the recordings lie in {folder} itself: give the folder that holds {own!r}"]
    deeper = in_order(folder for name in names for folder in name.split("/")[1:-1])
    for name in names:
        if name.count("/") > 1 and name.split("/")[1] in known:
            inner = folder / name.partition("/")[0]
            return [f"no labels, as folders of classes lie deeper: give {inner} by itself"]
    if are_parts(names):
        for top in tops:
            below = [name.partition("/")[2] for name in names if name.startswith(f"{top}/")]
            if layout_of_most(below, known) is not None:
                parts = f"no labels, as folders ({listed(tops)}) are called as parts of data"
                return [f"{parts}: give one by itself, as {folder / top}"]
    return [
        f"no labels, as no folder ({with_near(tops, classes)}) is called as a class of the network "
        f"({listed(classes)}){told.by_none()}{spelt_otherwise([*tops, *deeper], classes)}{told.spelling()}",
        *told.by_some(),
    ]


class _Told:
    """What `names` of files, without their folders, tell of `classes`."""

    def __init__(self, names: Sequence[str], classes: Sequence[str]) -> None:
        self.classes, self.names = classes, names
        self.files = list(dict.fromkeys(map(posixpath.basename, names)))
        words = {each for each in classes if is_word(each)}
        others, forms = {*classes} - words, set(map(form_of, words))
        self.some, self.counted, self.alike = list[str](), list[str](), dict[str, None]()
        seen = dict[str, bool]()
        for name in names:
            texts = list(words_of(posixpath.basename(name).rpartition(".")[0]))
            if not words.isdisjoint(texts):
                self.some.append(name)
            elif not others.isdisjoint(texts):
                self.counted.append(posixpath.basename(name))
            for text in texts:
                if text not in seen:
                    seen[text] = text not in words and form_of(text) in forms
                if seen[text]:
                    self.alike[text] = None
        self.words = sorted(words)

    def by_none(self) -> str:
        """That no name tells a class, as the rest of a sentence on folders; empty if one does."""
        if self.some:
            return ""
        if self.counted:
            return f", and numbers and single letters in names of files ({listed(self.counted)}) are not read"
        return f", and no name of a file ({listed(self.files)}) tells one"

    def spelling(self) -> str:
        """How to write what is a class but for its spelling; empty if nothing is."""
        how = spelt_otherwise(self.alike, self.words, form_of, "letter case, spaces, marks and zeros")
        return how and f"; in names of files{how.replace(';', ',', 1)}"

    def by_spelling(self) -> list[str]:
        """That no name tells a class, but some would if they were spelt as it is; a note, or empty."""
        if self.some or not self.alike:
            return []
        return [
            f"no labels, as no name of a file ({listed(self.names)}) tells a class of the network "
            f"({listed(self.classes)}){self.spelling()}"
        ]

    def by_some(self, more: str = "") -> list[str]:
        """That names tell classes, but not most in one place, and `more`; a note, or empty."""
        if not self.some:
            return []
        return [
            f"no labels, as {len(self.some)} of {len(self.names)} names of files tell a class of the network "
            f"({listed(self.some)}), and not most in one place; `snnc encode` has --layout{more}"
        ]
