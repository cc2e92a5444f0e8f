"""A linear map between lines whose entries have delays: what NIR's weights and delays fold into."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.errors import InputError
from snnc.stages import FloatList, FloatMatrix, SynapseList

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

ENTRY_LIMIT = 1 << 24
"""Most entries of a map."""
WORK_LIMIT = 1 << 28
"""Most numbers that reading a file makes of weights that follow each other: its size does not bound them."""
DELAY_LIMIT = int(np.iinfo(np.int32).max)
"""Longest sum of delays, in steps."""
BLOCK = 1 << 21
"""Products that are held at a time."""
SPARSE = 4
"""A map with fewer entries than this share of its matrix, 1 / SPARSE, is kept as a list."""


@dataclass(slots=True)
class At:
    """The node `name`, for messages, in a file of which `work` numbers have been made so far."""

    name: str
    work: int = 0

    def spend(self, numbers: int) -> None:
        """Raise `InputError` if there are too many with these."""
        self.work += numbers
        if self.work > WORK_LIMIT:
            raise InputError(
                f"node {self.name!r}: following weights by weights makes more than {WORK_LIMIT} numbers in "
                "this file; put neurons between them, or multiply them in the file"
            )


@dataclass(frozen=True, slots=True)
class Lines:
    """Entry k takes `weight[k]` times source `source[k]`, `delay[k]` steps later, to line `line[k]`.

    Arrays [entries], of `lines` lines and `sources` sources. No two have the same line, source and delay.
    """

    lines: int
    sources: int
    line: IntArray
    source: IntArray
    weight: FloatArray
    delay: IntArray

    @classmethod
    def straight(cls, lines: int) -> Lines:
        """Each line is one source."""
        each = np.arange(lines)
        return cls(lines, lines, each, each, np.ones(lines), np.zeros(lines, np.int64))

    @classmethod
    def of_matrix(cls, weight: FloatArray) -> Lines:
        """[lines, sources], without delays."""
        line, source = np.nonzero(weight)
        nothing = np.zeros(len(line), np.int64)
        return cls(len(weight), weight.shape[1], line, source, weight[line, source], nothing)

    @classmethod
    def of_list(cls, synapses: SynapseList) -> Lines:
        """Synapses, one by one."""
        line, source, delay = (
            each.astype(np.int64) for each in (synapses.post, synapses.pre, synapses.delay)
        )
        weight = synapses.weight.astype(np.float64)
        return cls(synapses.post_neurons, synapses.pre_neurons, line, source, weight, delay)

    @property
    def is_straight(self) -> bool:
        """Whether each line is one source of the same number, with a weight."""
        each = np.arange(self.lines)
        return (
            self.lines == self.sources
            and np.array_equal(self.line, each)
            and np.array_equal(self.source, each)
        )

    def scaled(self, factor: FloatArray) -> Lines:
        """`factor` [lines]."""
        return replace(self, weight=self.weight * factor[self.line])

    def delayed(self, at: At, steps: IntArray) -> Lines:
        """`steps` [lines] later. Raises `InputError` where that is too long."""
        return replace(self, delay=delays_in_bounds(at, self.delay + steps[self.line]))

    @property
    def present(self) -> Lines:
        """It without the entries whose weight is 0: they are no synapses, whatever their delay."""
        some = self.weight != 0
        columns = (each[some] for each in (self.line, self.source, self.weight, self.delay))
        return replace(self, **_columns(*columns))

    def applied(self, value: FloatArray) -> FloatArray:
        """What it makes of a constant `value` [sources]."""
        total = np.zeros(self.lines)
        np.add.at(total, self.line, self.weight * value[self.source])
        return total

    def after(self, at: At, first: Lines) -> Lines:
        """This map of what `first` gives. Raises `InputError` where it is too large."""
        if first.is_straight and (first.weight == 1).all() and not first.delay.any():
            return self
        order = np.argsort(self.source, kind="stable")
        begin, end = (np.searchsorted(self.source[order], first.line, side) for side in ("left", "right"))
        counts = end - begin
        at.spend(int(counts.sum()))
        nothing = np.zeros(0, np.int64)
        total = replace(self, sources=first.sources, **_columns(nothing, nothing, np.zeros(0), nothing))
        blocks = np.flatnonzero(np.diff(np.cumsum(counts) // BLOCK)) + 1
        for some in np.split(np.arange(len(counts)), blocks):
            times = counts[some]
            entry = np.repeat(some, times)
            within = np.arange(len(entry)) - np.repeat(np.cumsum(times) - times, times)
            own = order[begin[entry] + within]
            made = _columns(
                self.line[own],
                first.source[entry],
                self.weight[own] * first.weight[entry],
                delays_in_bounds(at, self.delay[own] + first.delay[entry]),
            )
            total = _merged(at, total, replace(total, **made))
        return total

    def together(self, at: At, other: Lines) -> Lines:
        """The sum of both."""
        return _merged(at, self, other)

    def synapses(self) -> FloatMatrix | FloatList:
        """A matrix, or a list where few pairs are connected, or some by several delays."""
        pair = np.sort(self.line * self.sources + self.source)
        several = len(pair) and (pair[1:] == pair[:-1]).any()
        if several or len(pair) * SPARSE < self.lines * self.sources:
            columns: list[Any] = [self.source, self.line, self.weight, self.delay]
            pre, post, weight, delay = columns  # the stage gives them its types
            return FloatList(pre, post, weight, delay, self.sources, self.lines)
        weights = np.zeros((self.lines, self.sources))
        delays = np.zeros(weights.shape, np.int32)
        weights[self.line, self.source] = self.weight
        delays[self.line, self.source] = self.delay
        return FloatMatrix(weights, delays)  # type: ignore[arg-type]


def delays_in_bounds(at: At, delay: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """`delay` in steps. Raises `InputError` if one is longer than a synapse can hold."""
    if delay.size and delay.max() > DELAY_LIMIT:
        raise InputError(
            f"node {at.name!r}: with the delays before it, a delay is {delay.max()} steps, the limit is "
            f"{DELAY_LIMIT}; pass a larger --dt"
        )
    return delay


def _columns(line: IntArray, source: IntArray, weight: FloatArray, delay: IntArray) -> dict[str, Any]:
    return {"line": line, "source": source, "weight": weight, "delay": delay}


def _merged(at: At, left: Lines, right: Lines) -> Lines:
    """Entries of both; those of one line, source and delay are added up, and are left out if that gives 0."""
    line, source, weight, delay = (
        np.concatenate([getattr(left, each), getattr(right, each)])
        for each in ("line", "source", "weight", "delay")
    )
    order = np.lexsort((delay, source, line))
    line, source, weight, delay = line[order], source[order], weight[order], delay[order]
    new = np.ones(len(line), np.bool_)
    new[1:] = (line[1:] != line[:-1]) | (source[1:] != source[:-1]) | (delay[1:] != delay[:-1])
    first = np.flatnonzero(new)
    total = np.add.reduceat(weight.astype(np.float64), first) if len(first) else np.zeros(0)
    first, total = first[total != 0], total[total != 0]
    if len(first) > ENTRY_LIMIT:
        raise InputError(
            f"node {at.name!r}: with the weights before it, it makes {len(first)} synapses, the limit is "
            f"{ENTRY_LIMIT}; put neurons between them"
        )
    return replace(left, **_columns(line[first], source[first], total, delay[first]))
