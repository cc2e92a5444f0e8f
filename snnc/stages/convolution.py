"""Convolution: the synapses of one kernel for all places of a grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from snnc.arrays import frozen, same
from snnc.brief import brief
from snnc.errors import StageError
from snnc.stages.bounds import IntArray, whole
from snnc.stages.population import NEURON_LIMIT
from snnc.stages.synapses import (
    Sums,
    SynapseList,
    check_delays,
    magnitudes,
    present_delays,
    sum_type,
    too_large,
)

Counts = npt.NDArray[np.int64]

SYNAPSE_LIMIT = 1 << 28
"""Most synapses: a few numbers of a file must not fill the memory."""


@dataclass(frozen=True, slots=True)
class Convolution:
    """A cross-correlation, as `docs/semantics.md` describes it under "Storage".

    Attributes
    ----------
    kernel, delay
        int32 [O, I, kh, kw]; one delay that is given stands for equal ones. The delay of a weight 0 is set to
        0.
    grid
        Channels, rows and columns of the source: C, H, W. Neuron (c, y, x) has number (c * H + y) * W + x.
    stride, padding
        For rows and columns; the padding is the same at opposite edges.
    groups
        I is C / `groups`, and O a multiple of it.
    """

    __repr__ = brief

    LIST: ClassVar[type[SynapseList]] = SynapseList
    """Its synapses one by one; their weights are of the type of the kernel."""

    kernel: IntArray
    delay: IntArray
    grid: tuple[int, int, int]
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)
    groups: int = 1

    def __post_init__(self) -> None:
        shape = np.shape(self.kernel)
        if len(shape) != 4 or 0 in shape:
            raise StageError(f"convolution: kernel has shape {shape}, expected [O, I, kh, kw], none zero")
        kernel = frozen(self.kernel, self.LIST.NUMBER, name="convolution: kernel")
        delay = np.full(shape, self.delay) if np.ndim(self.delay) == 0 else self.delay
        delay = frozen(delay, np.int32, name="convolution: delay", shape=shape)
        check_delays(delay)
        object.__setattr__(self, "kernel", kernel)
        object.__setattr__(self, "delay", present_delays(kernel, delay))
        for field, size, low in (("grid", 3, 1), ("stride", 2, 1), ("padding", 2, 0)):
            given = tuple(getattr(self, field))
            if len(given) != size:
                raise StageError(f"convolution: {field} is {given}, expected {size} numbers")
            numbers = tuple(whole("convolution", field, each, low, NEURON_LIMIT) for each in given)
            object.__setattr__(self, field, numbers)
        object.__setattr__(self, "groups", whole("convolution", "groups", self.groups, 1, NEURON_LIMIT))
        self._check_sizes()

    def _check_sizes(self) -> None:
        out, each, *_ = self.kernel.shape
        if self.grid[0] != each * self.groups:
            raise StageError(
                f"convolution: the source has {self.grid[0]} channels, the kernel reads {each} in each of "
                f"{self.groups} groups, expected {each * self.groups}; correct grid, kernel or groups"
            )
        if out % self.groups:
            raise StageError(
                f"convolution: {out} channels of the kernel are no multiple of {self.groups} groups; correct "
                "kernel or groups"
            )
        _, rows, columns = self.grid_out
        if rows < 1 or columns < 1:
            raise StageError(
                f"convolution: a kernel of {self.kernel.shape[2:]} does not fit the grid {self.grid[1:]} "
                f"with the padding {self.padding}; use a smaller one, or more padding"
            )
        for side, neurons in (("source", self.pre_neurons), ("destination", self.post_neurons)):
            if neurons > NEURON_LIMIT:
                raise StageError(
                    f"convolution: its {side} has {neurons} neurons, the limit is {NEURON_LIMIT}; use a "
                    "smaller grid"
                )
        if self.count > SYNAPSE_LIMIT:
            raise StageError(
                f"convolution: stands for {self.count} synapses, the limit is {SYNAPSE_LIMIT}; use a smaller "
                "grid or kernel"
            )

    @property
    def grid_out(self) -> tuple[int, int, int]:
        """Channels, rows and columns of the destination."""
        out, _, *size = self.kernel.shape
        rows, columns = (
            (side + 2 * padding - extent) // stride + 1
            for side, padding, extent, stride in zip(
                self.grid[1:], self.padding, size, self.stride, strict=True
            )
        )
        return out, rows, columns

    @property
    def pre_neurons(self) -> int:
        channels, rows, columns = self.grid
        return channels * rows * columns

    @property
    def post_neurons(self) -> int:
        channels, rows, columns = self.grid_out
        return channels * rows * columns

    @property
    def count(self) -> int:
        return int((np.count_nonzero(self.kernel, axis=(0, 1)) * self._places()).sum())

    @property
    def max_delay(self) -> int:
        return int(self.delay.max(initial=0, where=self._places() > 0))

    @property
    def has_delay_0(self) -> bool:
        return bool(((self.delay == 0) & (self.kernel != 0) & (self._places() > 0)).any())

    def sums(self) -> Sums:
        """Each element of the kernel counts for all neurons for which it lies in the grid."""
        each = magnitudes(self.kernel)
        sizes = each.sum(axis=1, dtype=sum_type(each))
        total: Sums = np.zeros(self.grid_out, sizes.dtype)
        down, across = self._spans(0), self._spans(1)
        for p, q in np.argwhere(sizes.any(axis=0)):
            total[:, slice(*down[p]), slice(*across[q])] += sizes[:, p, q, None, None]
        return total.ravel()

    def as_list(self) -> SynapseList:
        out, each, *_ = self.kernel.shape
        _, rows, columns = self.grid
        _, rows_out, columns_out = self.grid_out
        down, across = self._spans(0), self._spans(1)
        types: tuple[type[Any], ...] = (np.int32, np.int32, self.LIST.NUMBER, np.int32)
        found: list[list[npt.NDArray[Any]]] = [[], [], [], []]
        for p, q in np.argwhere(self.kernel.any(axis=(0, 1))):
            o, i = (index[:, None, None] for index in np.nonzero(self.kernel[:, :, p, q]))
            y, x = np.arange(*down[p])[:, None], np.arange(*across[q])
            channel = o // (out // self.groups) * each + i
            row, column = y * self.stride[0] + p - self.padding[0], x * self.stride[1] + q - self.padding[1]
            pre = (channel * rows + row) * columns + column
            post = (o * rows_out + y) * columns_out + x
            columns_of = (pre, post, self.kernel[o, i, p, q], self.delay[o, i, p, q])
            for parts, values, kind in zip(found, columns_of, types, strict=True):
                parts.append(np.broadcast_to(values, pre.shape).astype(kind).ravel())
        lists = [
            np.concatenate([*parts, np.zeros(0, kind)]) for parts, kind in zip(found, types, strict=True)
        ]
        return self.LIST(lists[0], lists[1], lists[2], lists[3], self.pre_neurons, self.post_neurons)

    def no_matrix(self) -> str:
        """Each element of the kernel leads to a neuron from another one, so only the size counts."""
        return too_large(self.pre_neurons, self.post_neurons)

    def _spans(self, axis: int) -> Counts:
        """int64 [kh or kw, 2]: first and end of the rows (`axis` 0) or columns (1) of the destination for
        which an element of the kernel lies in the grid.
        """
        shift = self.padding[axis] - np.arange(self.kernel.shape[2 + axis], dtype=np.int64)
        first = np.maximum(-(-shift // self.stride[axis]), 0)
        end = np.minimum((self.grid[1 + axis] - 1 + shift) // self.stride[axis] + 1, self.grid_out[1 + axis])
        return np.stack([first, np.maximum(first, end)], axis=1)

    def _places(self) -> Counts:
        """int64 [kh, kw]: for how many places of the destination an element of the kernel is in the grid."""
        down, across = (np.diff(self._spans(axis))[:, 0] for axis in (0, 1))
        return np.outer(down, across)

    def __eq__(self, other: object) -> bool:
        return same(self, other)
