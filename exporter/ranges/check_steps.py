"""Steps of a population that are checked together, and clauses 3 to 6 on intervals, for `check.py`.

An interval is int64 [2, cells], its ends; a cell is a neuron in one step. Limits are literals of
`docs/semantics.md`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.exporter.ranges.certificate import PopulationRanges
from snnc.stages import Population

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Cells:
    """Neurons of one population in some of its steps; arrays are [cells].

    Attributes
    ----------
    claim
        What is claimed of the population.
    neurons
        Their numbers, int64 [neurons]. The cells are these in the first of the steps, then in the next.
    row, before
        Rows of the claim of this step and of the one before, int64; `before` is -1 in step 0.
    step
        For messages, int64.
    sums
        Row of the sums of clause 2, int64.
    ended
        Whether no neuron spiked in the step before.
    """

    claim: PopulationRanges
    neurons: Ints
    row: Ints
    before: Ints
    step: Ints
    sums: Ints
    ended: Flags

    def now(self, variable: str) -> Ints:
        """What is claimed of this step, int64 [2, cells]; of "mixed" [2, forms, cells]."""
        return self._claimed(variable, self.row)

    def then(self, variable: str) -> Ints:
        """What is claimed of the step before: before step 0 all states are 0 (clause 8)."""
        return np.where(self.before < 0, 0, self._claimed(variable, self.before))

    @property
    def neuron(self) -> Ints:
        """The number of the neuron of each cell, int64."""
        return self.neurons[self.column]

    @property
    def column(self) -> Ints:
        """Its place in `neurons`, int64."""
        return np.arange(len(self.row)) % len(self.neurons)

    def constant(self, values: npt.NDArray[np.integer] | None) -> Ints:
        """int64 [..., neurons], of values [..., all neurons of the population]."""
        assert values is not None
        return values[..., self.neurons].astype(np.int64)

    def of(self, values: npt.NDArray[np.integer] | None) -> Ints:
        """The same for each cell, int64 [..., cells]."""
        return self.constant(values)[..., self.column]

    def _claimed(self, variable: str, row: Ints) -> Ints:
        ends = (getattr(self.claim, f"{variable}_{end}") for end in ("lo", "hi"))
        if variable == "mixed":
            return np.stack([each[row, :, self.neuron].T for each in ends]).astype(np.int64)
        return np.stack([each[row, self.neuron] for each in ends]).astype(np.int64)


def cells(of: Population, claim: PopulationRanges, steps: int, end: int, most: int) -> Iterator[Cells]:
    """Each step of each neuron, about `most` together, in the order of the steps.

    Where the claim has fewer rows than there are `steps`, its last one has to lead to itself: as it does
    before the `end`, if steps before it are left, and as after it, if such steps are left.
    """
    rows = len(claim.u_lo)
    step = np.arange(rows)
    moves = np.stack([step, step - 1, step, step, step - 1 >= end])
    if rows < steps:
        last = [rows - 1, rows - 1, steps - 1, rows]
        again = [[*last, ended] for ended, left in ((0, end >= rows), (1, end < steps - 1)) if left]
        moves = np.concatenate([moves, np.array(again).T], axis=1)
    width = min(of.neurons, most)
    height = max(1, most // width)
    for first in range(0, moves.shape[1], height):
        part = moves[:, first : first + height]
        for begin in range(0, of.neurons, width):
            neurons = np.arange(begin, min(begin + width, of.neurons))
            row, before, at, sums, ended = np.repeat(part, len(neurons), axis=1)
            yield Cells(claim, neurons, row, before, at, sums, ended > 0)


def decay(x: Ints, k: Ints) -> Ints:
    """Clause 4. Division by 4096 rounded toward zero: up for negative products, down for others."""
    return _toward_zero(x * (4096 - k))


def scale(x: Ints, k: Ints) -> Ints:
    """`scale` of clause 5a."""
    return _toward_zero(x * k)


def _toward_zero(product: Ints) -> Ints:
    """The product of two numbers, divided by 4096."""
    quotient: Ints = np.where(product < 0, -(-product // 4096), product // 4096)
    return quotient


def clip(x: Ints) -> Ints:
    """Clauses 5 and 5a."""
    return np.clip(x, 1 - 2**23, 2**23 - 1)


def wrapped(u: Ints) -> Ints:
    """Clause 3: a u that may wrap can be anything afterwards."""
    low, high = u
    anything = (low <= -(2**23)) | (high > 2**23)
    return np.stack((np.where(anything, 1 - 2**23, low), np.where(anything, 2**23, high)))


def hull(one: Ints, other: Ints) -> Ints:
    """The interval that holds both."""
    return np.stack((np.minimum(one[0], other[0]), np.maximum(one[1], other[1])))
