"""What names of files that lie in no folder of a class tell of classes and sources, as M3_knock_1.wav."""

from collections.abc import Sequence

from snnc.trainer.data.divisions import Divided, divisions, lettered
from snnc.trainer.data.layout import MOST, Layout
from snnc.trainer.data.usual_layout import ALIKE, are_counted, in_order


def layout_of_loose(names: Sequence[str]) -> tuple[str, list[str], list[str]] | None:
    """The layout by which `names` of files without a folder may tell classes, these, and the sources that it
    reads, if any; None if no part of them may be a name, or more than two may. A few names may be others."""
    stems = [name.rpartition(".")[0] for name in names]
    for found in divisions(stems):
        which = found.candidates()
        if len(which) > 2:
            return None  # which two of them no rule tells
        if not which:
            continue
        called = [_called(found, at) for at in which]
        if len(which) == 2 and are_counted(called[0]) and not are_counted(called[1]):
            which.reverse()  # M1, M2 and so on are machines
            called.reverse()
        layout = _layout(found, which)
        if layout.count("{") <= MOST and _reads(layout, stems, found.parts[which[0]]):
            return layout, in_order(found.parts[which[0]]), called[1] if called[1:] else []
    return None


def _called(found: Divided, at: int) -> list[str]:
    """The values of a part; a number is called with the word before it, if all have that: lift_01."""
    values = in_order(found.parts[at])
    if _word_before(found, at):
        return [f"{found.parts[at - 1][0]}{found.marks[at - 1]}{value}" for value in values]
    return values


def _word_before(found: Divided, at: int) -> bool:
    """Whether numbers follow a word that all names have."""
    before = found.parts[at - 1] if at else []
    return len(set(before)) == 1 and lettered(before[0]) and not lettered("".join(found.parts[at]))


def _layout(found: Divided, which: Sequence[int]) -> str:
    """With the class in the first of these parts, and the source in the second, if there is one."""
    places = ["{}"] * (max(which) + 1)
    for at, place in zip(which, ("{class}", "{speaker}"), strict=False):
        places[at] = place
    if which[1:] and _word_before(found, which[1]):
        places[which[1] - 1] = "{speaker}"  # lift_01 is no source 01
    places += ["{}"] * (len(places) < len(found.parts))
    return places[0] + "".join(mark + place for mark, place in zip(found.marks, places[1:], strict=False))


def _reads(layout: str, stems: Sequence[str], classes: Sequence[str]) -> bool:
    """Whether the layout tells these classes of most names: its places are as short as may be."""
    reading, known = Layout(layout), set(classes)
    read = (reading.parts(stem) for stem in stems)
    return sum(each is not None and each[0] in known for each in read) >= ALIKE * len(stems)
