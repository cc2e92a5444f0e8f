"""What the dimensions of a traced tensor are: time, batch, and features.

A dimension is a tuple of atoms, TIME, BATCH or the size of a feature, in row-major order: () has size 1, and
(TIME, BATCH) is what `flatten(0, 1)` makes of [T, N, ...]. The features of a tensor, in the order of its
dimensions, are the lines of a signal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
import numpy.typing as npt

Atom = str | int
Dim = tuple[Atom, ...]
TIME, BATCH = "time", "batch"
EACH_STEP = (
    "Each layer takes every step: choose or add steps of the input, outside of the module; an output of "
    "spikes may add some steps up one by one (sum(y[k] for k in steps))"
)
"""What to do where some steps of all are taken, or several are one."""


class AxesError(Exception):
    """Axes do not allow an operation; the text says why, and ends what a message says of the operation.

    `instead`: what to do. `where`: the place and function that is to blame, if it is an earlier one.
    """

    def __init__(self, why: str, instead: str | None = None, where: str = "") -> None:
        super().__init__(why)
        self.instead, self.where = instead, where


@dataclass(frozen=True, slots=True)
class Axes:
    """The dimensions `dims` of a tensor, for a batch of `batch` and, where TIME is among them, `steps`."""

    dims: tuple[Dim, ...]
    batch: int
    steps: int = 0

    @property
    def atoms(self) -> tuple[Atom, ...]:
        return tuple(atom for dim in self.dims for atom in dim)

    @property
    def features(self) -> tuple[int, ...]:
        """Sizes of the features, in order."""
        return tuple(atom for atom in self.atoms if isinstance(atom, int))

    @property
    def lines(self) -> int:
        return prod(self.features)

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self._size(dim) for dim in self.dims)

    @property
    def has_time(self) -> bool:
        return TIME in self.atoms

    def grid(self, sides: int) -> tuple[int, ...]:
        """Channels and the places of `sides` dimensions, which are the last ones; before are time and batch.

        Raises `AxesError` if there are other features.
        """
        last = self.dims[-sides - 1 :]
        sizes = tuple(prod(atom for atom in dim if isinstance(atom, int)) for dim in last)
        if len(last) <= sides or sizes != self.shape[-sides - 1 :] or prod(sizes) != self.lines:
            raise AxesError(f"[{self}] is no grid of channels and places behind time and batch")
        return sizes

    def holds(self, dim: int, what: Dim) -> bool:
        """Whether dimension `dim` is `what`; one recording may be left out."""
        gone = {BATCH} if self.batch == 1 else set()
        wanted, there = ([atom for atom in each if atom not in gone] for each in (what, self.dims[dim]))
        return wanted == there

    def with_steps(self, steps: int) -> Axes:
        return Axes(self.dims, self.batch, steps)

    def of(self, atom: Atom) -> int:
        """The dimension that is `atom` alone. Raises `AxesError` if none is."""
        found = [number for number, dim in enumerate(self.dims) if dim == (atom,)]
        if len(found) != 1:
            raise AxesError(f"{atom} is no dimension of its own in [{self}]")
        return found[0]

    def permuted(self, order: Sequence[int]) -> tuple[Axes, npt.NDArray[np.int64] | None]:
        """The dimensions in another order; and, where features move, the former line of each line."""
        after = Axes(tuple(self.dims[k] for k in order), self.batch, self.steps)
        kept = [k for k in range(len(self.dims)) if self._features_of(k)]
        moved = [k for k in order if self._features_of(k)]
        if kept == moved:
            return after, None
        sizes = [prod(self._features_of(k)) for k in kept]
        numbers = np.arange(self.lines).reshape(sizes).transpose([kept.index(k) for k in moved])
        return after, numbers.reshape(-1)

    def reshaped(self, shape: Sequence[int]) -> Axes:
        """The same atoms in the dimensions `shape`; a feature may be split.

        Raises `AxesError` if time or batch would be torn apart.
        """
        left: list[tuple[Atom, int]] = []
        for atom in self.atoms:
            if left and isinstance(atom, int) and isinstance(left[-1][0], int):
                atom *= left.pop()[1]  # features behind each other are one, and may be split anywhere
            left.append((atom, self._size((atom,))))
        dims = []
        for size in shape:
            dim: list[Atom] = []
            held = 1
            while held < size:
                if not left:
                    raise AxesError(f"[{self}] has no elements for the shape {list(shape)}")
                atom, extent = left.pop(0)
                wanted = size // held
                if size % held == 0 and extent > wanted and isinstance(atom, int) and extent % wanted == 0:
                    left.insert(0, (extent // wanted, extent // wanted))
                    atom, extent = wanted, wanted
                dim.append(atom)
                held *= extent
            if held != size:
                said = f"the shape {list(shape)} divides time, batch or a feature of [{self}]"
                raise AxesError(said, EACH_STEP if TIME in dim else None)
            dims.append(tuple(dim))
        ones = [atom for atom, extent in left if extent == 1]
        if len(ones) < len(left):
            raise AxesError(f"[{self}] has more elements than the shape {list(shape)}")
        if dims and ones:  # a batch or a time of 1 stays known, beside the first dimension
            dims[0] = (*(atom for atom in ones if isinstance(atom, str)), *dims[0])
        return Axes(tuple(dims), self.batch, self.steps)

    def without(self, dim: int) -> Axes:
        return Axes(self.dims[:dim] + self.dims[dim + 1 :], self.batch, self.steps)

    def inserted(self, dim: int, what: Dim = (), steps: int | None = None) -> Axes:
        """`what` before the dimension `dim`."""
        steps = self.steps if steps is None else steps
        return Axes((*self.dims[:dim], what, *self.dims[dim:]), self.batch, steps)

    def _features_of(self, dim: int) -> list[int]:
        return [atom for atom in self.dims[dim] if isinstance(atom, int)]

    def size(self, atom: Atom) -> int:
        """How many places an atom has."""
        return {TIME: self.steps, BATCH: self.batch}[atom] if isinstance(atom, str) else atom

    def _size(self, dim: Dim) -> int:
        return prod(map(self.size, dim))

    def __str__(self) -> str:
        return ", ".join(" x ".join(map(str, dim)) or "1" for dim in self.dims)
