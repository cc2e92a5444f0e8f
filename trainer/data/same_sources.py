"""Sources of one name below or behind texts of which a layout says nothing, as lift1 in each building."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from snnc.text import one_line
from snnc.trainer.data.days import has_day, is_day
from snnc.trainer.data.layout import ANY, MOST, SPEAKER, Layout
from snnc.trainer.data.other_sound import listed
from snnc.trainer.data.usual_layout import are_parts, in_order

_FOLDERS = 3
"""Most folders, one in the other, that a place for any text is divided into."""


def of_several_places(layout: str, paths: Sequence[str]) -> list[str]:
    """A note on sources of the recordings `paths` that are taken for one, and may be several.

    They lie in several folders, or stand behind several texts of a name, that the `layout` does not read. The
    note names the layout that tells them apart.
    """
    stems = [path.rpartition(".")[0] for path in paths]
    told, names, texts, folders = layout, set[str](), list[str](), set[bool]()
    before = layout.partition(SPEAKER)[0] if SPEAKER in layout else ""
    for place in reversed(
        list(re.finditer(re.escape(ANY), before))
    ):  # so that the others stay where they are
        start, end = place.span()
        if layout.startswith("{", end):  # nothing would end the source
            continue
        whole = layout[start - 1 : start] in ("", "/") and layout[end] == "/"
        for count in range(1, 1 + (_FOLDERS if whole else 1)):
            tried = told[:start] + "/".join([SPEAKER] * count) + told[end:]
            if (read := _before_sources(told, tried, count, stems)) is None:
                continue
            several = {source: found for source, found in read.items() if len(found) > 1}
            found = in_order(text for each in several.values() for text in each)
            if found and len(found) < len(stems) and not _are_others(found, whole):
                told, texts = tried, [*found, *texts]
                names |= {source.rpartition("/")[2] for source in several}
                folders.add(whole)
            break
    return [_note(in_order(names), texts, told, all(folders))] if names else []


def of_unread_folders(layout: str, paths: Sequence[str]) -> list[str]:
    """A note on folders below those of the sources, which the `layout` does not read.

    Empty if there are none, if no source has several, or if most stand in one class alone.
    """
    below = f"{layout.removesuffix(ANY)}{SPEAKER}/{ANY}"
    if SPEAKER not in layout or not layout.endswith(f"/{ANY}") or below.count("{") > MOST:
        return []
    read = [Layout(below).parts(path.rpartition(".")[0]) for path in paths]
    found = {(label, *str(source).rsplit("/", 1)) for label, source in filter(None, read)}
    classes = Counter((source, folder) for _, source, folder in found)
    folders = in_order(folder for _, _, folder in found)
    within = Counter(source for source, _ in classes)
    if None in read or max(within.values(), default=0) < 2 or 2 * sum(classes.values()) < 3 * len(classes):
        return []  # a folder of one class alone is no part of a source that has several
    if are_parts([f"{folder}/" for folder in folders]) or any(map(is_day, folders)):
        return []
    return [
        f"folders below the sources (field `speaker`) are not read ({listed(folders)}); if each is "
        f'a source of its own: --layout "{one_line(below)}"'
    ]


def _note(names: Sequence[str], texts: Sequence[str], layout: str, folders: bool) -> str:
    one = len(names) == 1
    who = f"{'source' if one else 'sources'} {listed(names)} (field `speaker`)"
    where = "in several folders" if folders else "behind several texts"
    stand = ("lies" if folders else "stands") if one else ("each lie" if folders else "each stand")
    taken, other = ("is", "it is another one") if one else ("each is", "they are other ones")
    return (
        f"{who} {stand} {where} ({listed(texts)}), and {taken} taken for one; if {other} in each: --layout "
        f'"{one_line(layout)}"'
    )


def _before_sources(
    layout: str, tried: str, count: int, stems: Sequence[str]
) -> Mapping[str, set[str]] | None:
    """What the first `count` sources of `tried` are before each source of `layout`; None if that is another
    one then, or a recording does not fit."""
    if tried.count("{") > MOST:
        return None
    found: dict[str, set[str]] = {}
    now, then = Layout(layout), Layout(tried)
    for stem in stems:
        read, other = now.parts(stem), then.parts(stem)
        if read is None or other is None:
            return None
        parts = str(other[1]).split("/")
        source = "/".join(parts[count:])
        if (other[0], source) != read:
            return None
        found.setdefault(source, set()).add("/".join(parts[:count]))
    return found


def _are_others(texts: Sequence[str], folders: bool) -> bool:
    """Whether `texts`, names of folders or in names, are no part of a source: parts of data, days, or numbers
    in names, which count takes."""
    if folders:
        return are_parts([f"{text}/" for text in texts]) or any(map(is_day, texts))
    counted = not any(map(str.isalpha, "".join(texts)))
    return counted or are_parts([f"{text}/" for text in texts]) or any(map(has_day, texts))
