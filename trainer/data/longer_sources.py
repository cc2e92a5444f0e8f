"""Sources whose names may have more parts than a layout reads, as lift 1 of each building in alm_1_03.wav."""

from collections.abc import Sequence

from snnc.trainer.data.days import has_day
from snnc.trainer.data.layout import ANY, MOST, SPEAKER, Layout
from snnc.trainer.data.other_sound import listed
from snnc.trainer.data.usual_layout import ALIKE, SEPARATORS, in_order

_SEVERAL = 2
"""Fewest recordings of a source and class on average, and fewest classes of a source: other parts count
takes, or are of a class."""


def of_longer_names(layout: str, paths: Sequence[str], above: str = "") -> str:
    """How many sources the `layout` of `paths` reads, and how many if the next parts of names belong to them.

    The rest of a sentence on that layout, with those that read more; empty where no part tells others.
    `above`: what stands before the layouts that are told.
    """
    stems = [path.rpartition(".")[0] for path in paths]
    first = in_order({source for _, source in _read(layout, stems)})
    told, taken, names = "", layout, first
    while (found := _longer(taken, stems, len(names))) is not None:
        taken, names = found
        told += (
            f"; if {'one more' if told else 'the next'} part of names belongs to the source, they "
            f'are {len(names)} ({listed(names)}): --layout "{above}{taken}"'
        )
    return told and f"; by the first, sources are {len(first)} ({listed(first)}){told}"


def _longer(layout: str, stems: Sequence[str], fewer: int) -> tuple[str, list[str]] | None:
    """`layout` with one more part of names in its sources, which are more than so many then, and these."""
    if not layout.endswith(ANY) or layout[: -len(ANY) - 1].rpartition(SPEAKER)[2]:
        return None  # the source is not followed by one mark and the rest
    for mark in SEPARATORS:
        tried = f"{layout.removesuffix(ANY)}{SPEAKER}{mark}{ANY}"
        if tried.count("{") > MOST:
            return None
        read = _read(tried, stems)
        each = set(read)
        sources = {source for _, source in each}
        if any(has_day(source.rpartition("/")[2]) for source in sources):
            return None
        several = len(read) >= _SEVERAL * len(each) and len(each) >= _SEVERAL * len(sources)
        if len(read) >= ALIKE * len(stems) and len(sources) > fewer and several:
            return tried, in_order(sources)
    return None


def _read(layout: str, stems: Sequence[str]) -> list[tuple[str, str]]:
    """Class and source of each recording that fits."""
    read = map(Layout(layout).parts, stems)
    return [(each[0], each[1]) for each in read if each is not None and each[1] is not None]
