"""What the exported network takes each class for, in words and cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

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
    share: str
    """Percent of the class, without its sign."""


@dataclass(frozen=True, slots=True)
class Row:
    """The recordings of one class."""

    name: str
    cells: tuple[Count, ...]
    total: int
    right: str
    """Share that was decoded as their class, as its cell has it."""


def confusion_rows(found: Confusion) -> list[Row]:
    """One row a class, in the order of the columns."""
    rows = []
    places = digits(found)
    for index, name in enumerate(found.classes):
        counts = found.counts[name]
        total = sum(counts)
        parts = shares(counts, index, places)
        # By the root: one recording of a hundred must be seen.
        tints = [round(STRONGEST * sqrt(count / total)) if total else 0 for count in counts]
        cells = [
            Count(n, k == index, tint, part)
            for k, (n, tint, part) in enumerate(zip(counts, tints, parts, strict=True))
        ]
        right = f"{parts[index]} %".replace(".0 %", " %") if total else "–"
        rows.append(Row(name, tuple(cells), total, right))
    return rows


def digits(found: Confusion) -> int:
    """Decimals with which one recording of the largest class is at least one unit of the last."""
    largest = max((sum(row) for row in found.counts.values()), default=0)
    return next(places for places in range(1, 16) if largest <= 10 ** (2 + places))


def shares(counts: Sequence[int], right: int, places: int) -> list[str]:
    """Percent of each count, so rounded that they add to 100 exactly; "0" for none.

    That of the class itself, `right`, is rounded to the nearest unit of the last place, half to even. Of the
    others each is rounded down, and the units that are left go to the largest remainders, of equal ones to
    the first. With `digits` of the matrix no count reads 0, and none but all reads 100.
    """
    total, units = sum(counts), 10 ** (2 + places)
    if not total:
        return ["0"] * len(counts)
    whole = [count * units // total for count in counts]
    whole[right] = round(Fraction(counts[right] * units, total))
    others = [k for k in range(len(counts)) if k != right]
    by_rest = sorted(others, key=lambda k: -(counts[k] * units % total))
    for k in by_rest[: units - sum(whole)]:
        whole[k] += 1
    return [
        f"{part // 10**places}.{part % 10**places:0{places}d}" if count else "0"
        for part, count in zip(whole, counts, strict=True)
    ]


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
