"""Spikes of a block of samples in two forms, its states, and the memory that a thread works in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from snnc.hwsim.bit_trains import LINE, OCTETS, SAMPLES, pack, unpack

BLOCK = OCTETS * SAMPLES
"""Samples that a thread runs at a time."""


class Spikes:
    """Spikes of a block of samples, as bytes or as trains of bits; either is made when asked for.

    `array` uint8 [samples, T, sources], of 0 and 1 or of payloads, or `trains` as `pack` makes them.
    """

    def __init__(
        self,
        array: npt.NDArray[np.uint8] | None = None,
        *,
        trains: npt.NDArray[np.uint8] | None = None,
        samples: int = 0,
        count: int = 0,
    ) -> None:
        if array is not None:
            self.array = array
            samples, count = len(array), int(np.count_nonzero(array.view(np.bool_)))
        if trains is not None:
            self.trains = trains
        self.samples, self.count = samples, count

    @cached_property
    def array(self) -> npt.NDArray[np.uint8]:
        spikes: npt.NDArray[np.uint8] = unpack(self.trains, self.samples)
        return spikes

    @cached_property
    def trains(self) -> npt.NDArray[np.uint8]:
        trains: npt.NDArray[np.uint8] = pack(self.array)
        return trains


class Joined(Spikes):
    """Spikes of several populations side by side."""

    def __init__(self, spikes: Sequence[Spikes]) -> None:
        super().__init__(samples=spikes[0].samples, count=sum(each.count for each in spikes))
        self._parts = spikes

    @cached_property
    def array(self) -> npt.NDArray[np.uint8]:
        return np.concatenate([each.array for each in self._parts], axis=2)

    @cached_property
    def trains(self) -> npt.NDArray[np.uint8]:
        return np.concatenate([each.trains for each in self._parts])


def joined(spikes: Sequence[Spikes]) -> Spikes:
    """Side by side; without any there are no spikes."""
    if len(spikes) > 1:
        return Joined(spikes)
    return spikes[0] if spikes else Spikes()


@dataclass(frozen=True, slots=True)
class States:
    """Arrays that a block of samples is written to, [samples, T, neurons].

    `current` becomes u; `fired`, uint8, the spikes; `v`; `w` has no neurons where no population adapts.
    Where nobody wants u, v and w (`kept` is False), v and w have one sample and as few steps as suffice.
    """

    current: npt.NDArray[np.int32]
    v: npt.NDArray[np.int32]
    w: npt.NDArray[np.int32]
    fired: npt.NDArray[np.uint8]
    kept: bool = True

    @classmethod
    def empty(cls, shape: tuple[int, int, int], adapts: bool) -> States:
        """Of `shape`, all kept."""
        w = np.empty(shape if adapts else (1, 1, 0), np.int32)
        return cls(np.empty(shape, np.int32), np.empty(shape, np.int32), w, np.empty(shape, np.uint8))

    @classmethod
    def scratch(cls, shape: tuple[int, int, int], rows: int, adapts: bool) -> States:
        """Of `shape`, where only the spikes are wanted; v and w have `rows` steps."""
        v = np.empty((1, rows, shape[2]), np.int32)
        w = np.empty((1, rows, shape[2] if adapts else 0), np.int32)
        return cls(np.empty(shape, np.int32), v, w, np.empty(shape, np.uint8), kept=False)

    def part(self, samples: slice, *, reuse: bool = False) -> States:
        """Those of some samples. `reuse`: where u is not wanted, it may be written over the last part's."""
        fired = self.fired[samples]
        current = self.current[: len(fired)] if reuse and not self.kept else self.current[samples]
        if not self.kept:
            return States(current, self.v, self.w, fired, kept=False)
        return States(current, self.v[samples], self.w[samples] if self.w.size else self.w, fired)


@dataclass(frozen=True, slots=True)
class Counts:
    """`fired`: int64 [samples, populations], spikes; `saturations`: int64 [populations, 3], wraps of u, clips
    of v and clips of w."""

    fired: npt.NDArray[np.int64]
    saturations: npt.NDArray[np.int64]

    @classmethod
    def none(cls, samples: int, populations: int) -> Counts:
        return cls(np.zeros((samples, populations), np.int64), np.zeros((populations, 3), np.int64))


class Workspace:
    """What a thread works in, whatever the layer: memory once asked for costs nothing the next time."""

    def __init__(self) -> None:
        self.counts = np.empty(BLOCK, np.int64)
        """Becomes the spikes of each sample of a block."""
        self._bytes = np.empty(0, np.uint8)

    def allocate(self, size: int) -> npt.NDArray[np.uint8]:
        """`size` bytes or more, from a multiple of `LINE` on."""
        if len(self._bytes) < size:
            whole = np.empty(size + LINE, np.uint8)
            self._bytes = whole[-whole.ctypes.data % LINE :]
        return self._bytes

    def counted(self, samples: int, saturations: tuple[int, int] = (0, 0)) -> Counts:
        """`counts` as those of one population, which has no w."""
        return Counts(self.counts[:samples, None].copy(), np.array([[*saturations, 0]]))
