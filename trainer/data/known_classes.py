"""The layout by which recordings are of classes that are known, as those of a trained network are."""

from collections.abc import Collection, Iterator, Sequence

from snnc.trainer.data.layout import Layout
from snnc.trainer.data.usual_layout import SEPARATORS, called_as_sources, tops_of

_PARTS = 3
"""Parts of a file's name, from the first on, in which a class is looked for."""


def layout_of_known(paths: Sequence[str], classes: Collection[str]) -> str | None:
    """The layout by which the class of each of `paths` is one of `classes`; None if there is none.

    Paths are relative, with "/" between names. The one folder beside that of the class is the source, if
    there are several of them, or it is called as one. Numbers and single letters are no classes here.
    """
    stems = [path.rpartition(".")[0] for path in paths]
    depths = {stem.count("/") for stem in stems}
    if len(depths) != 1:
        return None
    source = "{speaker}" if len(tops_of(paths)) > 1 or called_as_sources(paths) else "{}"
    for layout in _layouts(depths.pop(), source):
        read = [Layout(layout).parts(stem) for stem in stems]
        if all(each is not None and each[0] in classes and _is_word(each[0]) for each in read):
            return layout
    return None


def _is_word(name: str) -> bool:
    """Whether the name of a class is no number or letter, which counts recordings: 3.wav, a.wav."""
    return sum(map(str.isalpha, name)) > 1


def _layouts(folders: int, source: str) -> Iterator[str]:
    """Layouts of paths with so many folders, those whose classes are folders first; `source`: the place of
    the one folder that is not the class's."""
    for at in range(folders):
        names = [source if folders == 2 else "{}"] * folders
        names[at] = "{class}"
        yield "/".join([*names, "{}"])
    above = [source] if folders == 1 else ["{}"] * (folders > 0)  # which is any number of folders
    yield "/".join([*above, "{class}"])
    for mark in SEPARATORS:
        for before in range(_PARTS):
            parts = [*["{}"] * before, "{class}"]
            yield "/".join([*above, mark.join([*parts, "{}"])])
            yield "/".join([*above, mark.join(parts)])
