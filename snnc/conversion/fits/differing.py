"""The neurons that a cause is told of: those that differ, or all, if most of those that spike do.

Neurons that are as their Cell says may be so with another value, too, as long as few spikes tell: what one
neuron needs is then no value for all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.conversion.fits import kept, membranes
from snnc.conversion.fits.driven import Bools, Driven
from snnc.conversion.fits.evidence import different
from snnc.conversion.functions import numbers
from snnc.conversion.neurons import Cell

NAMED = 3
"""So many neurons are told by their numbers."""


@dataclass(frozen=True, slots=True)
class Differing:
    """Neurons, their `cell`, and `of`: which they are, in words, empty if they are all."""

    driven: Driven
    cell: Cell
    of: str = ""

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        """Other spikes of each neuron, those of the same v once."""
        return different(self.driven, self.driven.wrong(kept.over_now(self.driven)))

    @property
    def spikes(self) -> int:
        return int(self.counts.sum())


def differing(driven: Driven, cell: Cell) -> Differing:
    """All neurons, or those alone of which a spike, or v, is another: where these are one, or few."""
    other = driven.wrong(kept.over_now(driven)) | membranes.off(driven, driven.told)
    wrong: Bools = np.asarray(other.any(axis=(0, 1)))
    count, spiking = int(wrong.sum()), int((wrong | driven.spikes.any(axis=(0, 1))).sum())
    if count in (0, len(wrong)) or (count > 1 and 2 * count > spiking):
        return Differing(driven, cell)
    which = np.flatnonzero(wrong)
    return Differing(driven.some(which), cell_of(cell, which), in_words(which, len(wrong)))


def in_words(which: npt.NDArray[np.int64], total: int) -> str:
    """As "of neuron 3, ", "of neurons 1, 3, " or "of 7 of 100 neurons, "."""
    if len(which) > NAMED:
        return f"of {len(which)} of {total} neurons, "
    return f"of neuron{'s' * (len(which) > 1)} {', '.join(map(str, which))}, "


def cell_of(cell: Cell, which: npt.NDArray[np.int64]) -> Cell:
    """The numbers of these neurons."""

    def some(value: Any) -> Any:
        of = value if isinstance(value, str) else numbers(value).reshape(-1)
        return of if isinstance(of, str) or of.size == 1 else of[which]

    parameters = {key: some(value) for key, value in cell.parameters.items()}
    return replace(cell, parameters=parameters, gain=some(cell.gain), weighed=None, recurrent=None)
