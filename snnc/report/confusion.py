"""What the exported network takes each class for, in words and cells."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from snnc.report.coverage import part_percent
from snnc.stages import Confusion

WORST = 5
"""Most confusions named in words."""

SHOWN = 100
"""Most classes whose matrix is shown: nobody reads more cells, and a page could not hold many more."""

STRONGEST = 45
"""Percent of colour in the fullest cell: text on it must stay readable in both themes."""


@dataclass(frozen=True, slots=True)
class Count:
    """One cell: how many recordings, whether their class was found, percent of colour."""

    count: int
    right: bool
    tint: int


@dataclass(frozen=True, slots=True)
class Row:
    """The recordings of one class."""

    name: str
    cells: tuple[Count, ...]
    total: int
    right: str
    """Share that was decoded as their class."""


def confusion_rows(found: Confusion) -> list[Row]:
    """One row a class, in the order of the columns."""
    rows = []
    for index, name in enumerate(found.classes):
        counts = found.counts[name]
        total = sum(counts)
        # By the root: one recording of a hundred must be seen.
        tints = [round(STRONGEST * sqrt(count / total)) if total else 0 for count in counts]
        cells = [Count(n, k == index, tint) for k, (n, tint) in enumerate(zip(counts, tints, strict=True))]
        rows.append(Row(name, tuple(cells), total, part_percent(counts[index], total)))
    return rows


def worst(found: Confusion) -> list[str]:
    """The most frequent confusions, as "3 is taken for 5: 4 of 20 recordings"; empty if there are none."""
    pairs = [
        (-count, true, taken)
        for true, name in enumerate(found.classes)
        for taken, count in enumerate(found.counts[name])
        if true != taken and count
    ]
    names = found.classes
    return [
        f"{names[true]} is taken for {names[taken]}: {-count} of {sum(found.counts[names[true]])} recordings"
        for count, true, taken in sorted(pairs)[:WORST]
    ]


def totals(found: Confusion) -> str:
    """As "184 of 200 right"."""
    right = sum(found.counts[name][index] for index, name in enumerate(found.classes))
    return f"{right} of {sum(map(sum, found.counts.values()))} right"
