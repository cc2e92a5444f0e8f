"""Recordings that are others again: event by event, or with times that were rounded.

Rounded times are compared in the network's steps, where it gets the same input; and where one side has its
times on a coarser grid than the other, as whole milliseconds, on that, since rounding may move events into
the next step.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.trainer.data import EventDataset
from snnc.trainer.data.copies import digests
from snnc.trainer.fingerprints import SILENT, in_steps
from snnc.trainer.held_out import Steps

Mask = npt.NDArray[np.bool_]
Round = Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]

UNIT_S = 1e-5
"""Grids of times are whole multiples of it; a finer one is none."""
_OFF = 0.05
"""Of `UNIT_S`, how far from a multiple a time may be that was kept in 32 bits."""
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Copies:
    """Which recordings are `exact` copies of others, and which are by rounded times, too (`alike`).

    `steps_s`: seconds of the steps in which times were compared.
    """

    exact: Mask
    alike: Mask
    steps_s: tuple[float, ...]


def copies_of(known: Sequence[EventDataset], part: EventDataset, steps: Steps) -> Copies:
    """Those of `part` that are recordings of `known`, in any order, whatever their names and labels.

    `steps`: how the network reads them. Recordings without an event are compared event by event alone.
    """
    theirs = {each for one in known for each in digests(one)}
    exact = np.array([each in theirs for each in digests(part)], bool)
    size = steps.bin_s, steps.time_steps, steps.unit_pool
    framed = {each for one in known for each in in_steps(one, *size)} - {SILENT}
    alike = exact | np.array([each in framed for each in in_steps(part, *size)], bool)
    ours, others = _grid((part,)), _grid(known)
    coarse = max(ours, others)
    if not coarse or ours == others:
        return Copies(exact, alike, (steps.bin_s,))
    filled = np.diff(part.offsets) > 0
    for rounded in (_to_even, _up, _down):
        here, there = (np.rint, rounded) if ours == coarse else (rounded, np.rint)
        seen = {each for one in known for each in _on_grid(one, coarse, there)}
        alike |= filled & np.array([each in seen for each in _on_grid(part, coarse, here)], bool)
    also = () if math.isclose(coarse * UNIT_S, steps.bin_s) else (coarse * UNIT_S,)
    return Copies(exact, alike, (steps.bin_s, *also))


def _grid(parts: Sequence[EventDataset]) -> int:
    """The longest time that those of all events are multiples of, in `UNIT_S`; 0 if there is none."""
    found = 0
    for each in parts:
        for first in range(0, len(each.times), _PIECE):
            units = each.times[first : first + _PIECE].astype(np.float64) * (each.tick_s / UNIT_S)
            whole = np.rint(units)
            if np.abs(units - whole).max() > _OFF:
                return 0
            found = int(np.gcd(found, np.gcd.reduce(whole.astype(np.int64))))
    return found


_NEAR = 6
"""Digits of a time: one on the grid, or in the middle between two, is not always exactly so."""


def _to_even(times: npt.NDArray[np.float64]) -> npt.NDArray[Any]:
    """The nearest, as NumPy rounds: of two the even one."""
    return np.rint(np.round(times, _NEAR))


def _up(times: npt.NDArray[np.float64]) -> npt.NDArray[Any]:
    """The nearest, as is taught: of two the later one."""
    return np.floor(np.round(times, _NEAR) + 0.5)


def _down(times: npt.NDArray[np.float64]) -> npt.NDArray[Any]:
    return np.floor(np.round(times, _NEAR))


def _on_grid(events: EventDataset, grid: int, rounded: Round) -> Iterator[bytes]:
    """A hash of each recording with `rounded` times; what falls together counts once."""
    for first, last in zip(events.offsets[:-1].tolist(), events.offsets[1:].tolist(), strict=True):
        seconds = events.times[first:last].astype(np.float64) * events.tick_s
        ticks = rounded(seconds / (grid * UNIT_S)).astype(np.int64)
        places = np.unique(ticks * events.unit_count + events.units[first:last])
        yield hashlib.sha256(places.tobytes()).digest()
