"""Whole numbers in C: constant tables in the smallest types that hold them, or a constant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

UNSIGNED = {"uint8_t": 1 << 8, "uint16_t": 1 << 16, "uint32_t": 1 << 32}
SIGNED = {"int8_t": 1 << 7, "int16_t": 1 << 15, "int32_t": 1 << 31}
LINE = 110
"""Most characters of a line of numbers."""
NEVER_NEGATIVE = ("start", "target", "delay", "slots")
"""Tables that count; all others have a sign, so that what C computes with them has one."""

Whole = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True)
class Table:
    """A constant array of whole numbers, not empty."""

    name: str
    values: Whole

    @property
    def type(self) -> str:
        """The smallest of C's types of fixed width for all values; unsigned for what counts."""
        least, most = int(self.values.min()), int(self.values.max())
        if self.name.startswith(NEVER_NEGATIVE):
            return smallest_unsigned(most)
        return smallest_signed(least, most)

    @property
    def bytes(self) -> int:
        return len(self.values) * size_of(self.type)

    @property
    def text(self) -> str:
        """Its definition in C."""
        lines, line = [], "   "
        for number in self.values.tolist():
            word = f" {number},"
            if len(line) + len(word) > LINE:
                lines.append(line)
                line = "   "
            line += word
        body = "\n".join([*lines, line])
        return f"static const {self.type} {self.name}[{len(self.values)}] = {{\n{body}\n}};\n"


@dataclass(frozen=True, slots=True)
class Numbers:
    """How C reads numbers of an array: `text` is an expression, `tables` what it needs, one table or none."""

    text: str
    tables: tuple[Table, ...]


def numbers(name: str, values: Whole, index: str) -> Numbers:
    """The table `name`, read at `index`, or a constant where all `values` (not empty) are equal."""
    first = int(values[0])
    if (values == first).all():
        return Numbers(f"{first}u" if name.startswith(NEVER_NEGATIVE) else str(first), ())
    return Numbers(f"{name}[{index}]", (Table(name, values),))


def smallest_signed(least: int, most: int) -> str:
    """The smallest of C's signed fixed-width types that holds `least` .. `most`."""
    return next(name for name, end in SIGNED.items() if -end <= least and most < end)


def smallest_unsigned(most: int) -> str:
    """The smallest of C's unsigned fixed-width types that holds 0 .. `most`."""
    return next(name for name, end in UNSIGNED.items() if most < end)


def size_of(name: str) -> int:
    """Bytes of the fixed-width type `name`."""
    return int(name.strip("uint_")) // 8


def struct_bytes(members: Iterable[tuple[int, int]]) -> int:
    """Bytes of a struct of arrays: size of an element and number of elements of each, in order.

    Each array begins at a multiple of the size of its elements, and the end is rounded up to the largest of
    them, as compilers for 32 and 64 bits do; those for 8 or 16 bits may take a few bytes less.
    """
    end, largest = 0, 1
    for size, count in members:
        end = -(-end // size) * size + size * count
        largest = max(largest, size)
    return -(-end // largest) * largest
