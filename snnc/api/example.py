"""How `from_torch` read the dimensions of its example: a slip there shows only when other samples come."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeGuard

import numpy as np

from snnc.exporter.manifest import LAYOUT_OF_EXAMPLE

FEW_STEPS, TIMES = 10, 2
"""With fewer steps than this, and more than so many times as many samples, the two may be exchanged."""
EXCHANGED = str.maketrans("TN", "NT")
"""Time for samples, and samples for time."""
WORDS = {"T": "steps", "N": "samples"}
CONVERTED_SO = "if from_torch took samples of its example for steps, convert again with its other layout"


@dataclass(frozen=True, slots=True)
class Example:
    """The `shape` of an example, and its `layout`: a letter for each dimension, T time, N samples."""

    shape: tuple[int, ...]
    layout: str

    @classmethod
    def of(cls, example: Any, layout: str) -> Example:
        """Of an array, a tensor or nested lists that `from_torch` took with this layout."""
        return cls(tuple(map(int, np.shape(example))), layout.upper())

    @property
    def exchanged(self) -> str | None:
        """The layout with time and samples exchanged, or None where it has no samples."""
        return self.layout.translate(EXCHANGED) if "N" in self.layout else None

    @property
    def others(self) -> list[str]:
        """The usual layouts, and those with time and samples exchanged, or time and channels."""
        samples, lines = "N" * ("N" in self.layout), re.sub("[TN]", "", self.layout)
        usual = [f"T{samples}{lines}", f"{samples}T{lines}", f"{samples}{lines}T"]
        two = [self.layout.translate(str.maketrans(f"T{x}", f"{x}T")) for x in "NC" if x in self.layout]
        return [each for each in dict.fromkeys((*usual, *two)) if each != self.layout]

    @property
    def orders(self) -> list[str]:
        """What the dimensions may be: each of them time, and of the others the first or the last samples."""
        lines = re.sub("[TN]", "", self.layout)
        rests = [f"N{lines}", f"{lines}N"] if "N" in self.layout else [lines]
        places = range(len(self.layout))
        return [f"{rest[:time]}T{rest[time:]}" for rest in rests for time in places]

    @property
    def slip(self) -> str | None:
        """What to do if time and samples of the example were mistaken for each other."""
        if self.exchanged is None:
            return None
        return (
            f"from_torch: {self}; if the example is [{_order(self.exchanged)}], {convert_again(self.layout)}"
        )

    @property
    def unlikely(self) -> str | None:
        """What to do if so few steps are samples; of places, as of images, few steps are usual."""
        if self.exchanged is None or len(self.layout) != 3:
            return None
        steps, samples = (self.shape[self.layout.index(letter)] for letter in "TN")
        if steps >= FEW_STEPS or samples <= TIMES * steps:
            return None
        return (
            f"{self}: {steps} steps are few; if dimension {self.layout.index('N')} is time, the network has "
            f"another number of steps: pass layout={self.exchanged!r}, or exchange the two dimensions if the "
            f"module takes {self.layout}"
        )

    @property
    def ambiguous(self) -> str | None:
        """What to do if a layout that nobody told is another, as there are as many steps as samples."""
        if self.exchanged is None:
            return None
        steps, samples = (self.shape[self.layout.index(letter)] for letter in "TN")
        if steps != samples or steps == 1:
            return None
        return (
            f"{self}, as no layout is given; it has as many steps as samples: pass layout={self.layout!r} if "
            f"it is so; if dimension {self.exchanged.index('T')} is time, pass layout={self.exchanged!r}, or "
            f"exchange the two dimensions if the module takes {self.layout}"
        )

    def __str__(self) -> str:
        """As "example [8, 50, 16] read as T = 8 steps, N = 50 samples, C = 16 (layout TNC)"."""
        parts = (
            " ".join(filter(None, (f"{letter} = {size}", WORDS.get(letter))))
            for letter, size in zip(self.layout, self.shape, strict=True)
        )
        return f"example {list(self.shape)} read as {', '.join(parts)} (layout {self.layout})"


def convert_again(layout: str) -> str:
    """What to do if samples of an example that was read in this layout were taken for steps."""
    other = layout.translate(EXCHANGED)
    return f"pass from_torch layout={other!r}, or the example as [{_order(layout)}] if the module takes that"


def _order(layout: str) -> str:
    return ", ".join(WORDS.get(letter, letter) for letter in layout)


@dataclass(frozen=True, slots=True)
class Origin:
    """What is known of the example that `from_torch` took: its `layout`, and what to say of another T.

    `slip` is that of the `Example`, where that is known, with its `steps`. All are None for what `from_torch`
    did not make.
    """

    layout: str | None = None
    slip: str | None = None
    steps: int | None = None


UNKNOWN = Origin()


def origin(example: Example | None, manifest: Mapping[str, Any] = MappingProxyType({})) -> Origin:
    """Of a network of `from_torch`, or of an artifact that was read, by the `manifest` that it has."""
    if example is not None:
        return Origin(example.layout, example.slip, example.shape[example.layout.index("T")])
    provenance = manifest.get("provenance", {})
    layout, expected = provenance.get(LAYOUT_OF_EXAMPLE), provenance.get("expected")
    made = isinstance(expected, Mapping) and "module" in expected
    return Origin(layout if _is_layout(layout) else None, CONVERTED_SO if made else None)


def _is_layout(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and re.fullmatch("[A-Z]{2,8}", value) is not None and value.count("T") == 1
