"""The layout by which recordings are of classes that are known, as those of a trained network are."""

from collections.abc import Collection, Iterator, Sequence

from snnc.stages.names import NAME_LIMIT
from snnc.trainer.data.days import has_day
from snnc.trainer.data.known_sources import is_read, some_of, with_known_source
from snnc.trainer.data.layout import Layout
from snnc.trainer.data.usual_depth import depth_of_most
from snnc.trainer.data.usual_layout import SEPARATORS, are_counted, are_days, called_as_sources, tops_of

_PARTS = 6
"""Parts of a file's name, from the first on, in which a class is looked for."""


def layout_of_most(
    paths: Sequence[str], classes: Collection[str], sources: Collection[str] = ()
) -> tuple[str, list[str]] | None:
    """As `layout_of_known`, where a few lie deeper or less deep: the layout, and the paths that it is for.

    It tells nothing of the others, even where it fits them: what stands there is another thing.
    """
    alike = _of_most(paths)
    layout = layout_of_known(alike, classes, sources, len(paths))
    return None if layout is None else (layout, alike)


def as_in_training(layout: str, paths: Sequence[str], classes: Collection[str]) -> list[str] | None:
    """The paths that the `layout` of the recordings of training reads, if it is theirs; else None.

    It is if it fits all that lie as deep as most, and most of `paths` tell one of `classes` by it, which may
    be a number. Of the others it reads those that tell one, as it did in training.
    """
    alike, reading = set(_of_most(paths)), Layout(layout)
    read = {path: reading.parts(path.rpartition(".")[0]) for path in paths}
    fit = {path for path, each in read.items() if each and len(each[1] or "") <= NAME_LIMIT}
    known = {path for path in fit if (each := read[path]) and each[0] in classes}
    if not alike <= fit or 2 * len(known) <= len(paths):
        return None
    return [path for path in paths if path in alike or path in known]


def all_as_in_training(layout: str, paths: Sequence[str], classes: Collection[str]) -> bool:
    """Whether the `layout` of the recordings of training is that of all of these."""
    alike = as_in_training(layout, paths, classes)
    return alike is not None and len(alike) == len(paths)


def _of_most(paths: Sequence[str]) -> list[str]:
    """Those that lie as deep as most."""
    usual = depth_of_most(paths)
    return [path for path in paths if path.count("/") == usual]


def layout_of_known(
    paths: Sequence[str],
    classes: Collection[str],
    sources: Collection[str] = (),
    of: int | None = None,
) -> str | None:
    """The layout by which most of `paths` tell one of `classes`, the first that fits most of them; None if
    none fits half of them.

    Paths are relative, with "/" between names. The source is a part of them that has the names of `sources`,
    as of those that a network knows. Else it is the one folder beside that of the class, if there are several
    of them that are no days, or it is called as a source; else a part of the names of files that several
    recordings share. Numbers and single letters are no classes here. `of`: of how many paths most tell a
    class, if there are more than these.
    """
    stems = [path.rpartition(".")[0] for path in paths]
    depths = {stem.count("/") for stem in stems}
    if len(depths) != 1:
        return None
    of_folders = called_as_sources(paths) or (len(tops_of(paths)) > 1 and not are_days(paths))
    source = "{speaker}" if of_folders else "{}"
    some = some_of(stems)
    found = {each: _fitting(some, each, classes) for each in filter(is_read, _layouts(depths.pop(), source))}
    layout = max(found, key=lambda each: found[each])
    count = found[layout] if some is stems else _fitting(stems, layout, classes)
    if 2 * count <= (of or len(stems)):
        return None
    return with_known_source(layout, paths, sources) or _with_source(layout, stems)


def _fitting(stems: Sequence[str], layout: str, classes: Collection[str]) -> int:
    """How many of `stems` tell one of `classes` by `layout`."""
    before, behind = layout.split("{class}")
    left, right = before.rpartition("}")[2], behind.partition("{")[0]
    texts = [
        f"{left}{each}{right}" for each in classes if is_word(each)
    ]  # else none fits, which takes longer
    read = map(Layout(layout).parts, (stem for stem in stems if any(text in stem for text in texts)))
    return sum(each is not None and each[0] in classes and is_word(each[0]) for each in read)


def is_word(name: str) -> bool:
    """Whether the name of a class is no number or letter, which counts recordings: 3.wav, a.wav."""
    return sum(map(str.isalpha, name)) > 1


def _with_source(layout: str, stems: Sequence[str]) -> str:
    """`layout` with the first part of the names of files that tells sources, if it names none.

    That has letters and no day, and differs by recordings, but not of each; or all have the same, which
    is counted.
    """
    if "{speaker}" in layout:
        return layout
    for tried in filter(is_read, _sources(layout)):
        read = map(Layout(tried).parts, stems)
        names = [str(each[1]) for each in read if each is not None]
        told = set(names)
        whole = tried.endswith("/{speaker}") and are_counted(told)  # T01, T02 are takes
        numbers = not any(map(str.isalpha, "".join(told))) or any(map(has_day, told)) or whole
        if len(told) < len(names) and not numbers and (len(told) > 1 or are_counted(told)):
            return tried
    return layout


def _sources(layout: str) -> Iterator[str]:
    """`layout` with a source in the place of each part of the names of files, and in front of the last."""
    for at in range(layout.rfind("/") + 1, len(layout)):
        if layout.startswith("{}", at):
            before, after = layout[:at], layout[at + 2 :]
            if not after and before and before[-1] in SEPARATORS:
                yield f"{before}{{speaker}}{before[-1]}{{}}"
            yield f"{before}{{speaker}}{after}"


def _layouts(folders: int, source: str) -> Iterator[str]:
    """Layouts of paths with so many folders, those whose classes are folders first; `source`: the place of
    the one folder that is not the class's."""
    for at in range(folders):
        names = [source if folders == 2 else "{}"] * folders
        names[at] = "{class}"
        yield "/".join([*names, "{}"])
    above = [source] if folders == 1 else ["{}"] * (folders > 0)  # which is any number of folders
    yield from _of_names(above)
    if folders > 1:  # each by itself, as one may hold what stands between words of files
        yield from _of_names(["{}"] * folders)


def _of_names(above: Sequence[str]) -> Iterator[str]:
    """Layouts of paths whose classes are names of files, or in these, below the folders `above`."""
    yield "/".join([*above, "{class}"])
    for mark in SEPARATORS:
        for before in range(_PARTS):
            parts = [*["{}"] * before, "{class}"]
            yield "/".join([*above, mark.join([*parts, "{}"])])
            yield "/".join([*above, mark.join(parts)])
