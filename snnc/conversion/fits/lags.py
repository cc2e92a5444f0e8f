"""Another `lag` of a `Cell`, with which each spike, or v of a readout, is the module's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from snnc.conversion.fits import kept, membranes
from snnc.conversion.fits.driven import Bools, Driven
from snnc.exporter.float_reference import FloatArray

MOST = 64
"""Steps that are tried."""
OF_SPIKES = 3
"""So many spikes of the module show that it is no chance."""


def other_lag(
    driven: Driven, lag: int, arriving: FloatArray, spikes: Bools, v: FloatArray | None = None
) -> tuple[str, ...]:
    """In words, the only lag that explains every spike, and is not the `lag` that is told.

    `arriving` in the steps of the graph, `spikes` and `v` of `Driven` in those of the module, [N, T, neurons]
    each. The first spike of the module is not before its input acts.
    """
    if not driven.wrong(kept.over_now(driven)).any():
        return ()
    found = []
    for other in range(min(_silent(spikes), MOST) + 1):
        both = min(arriving.shape[1], spikes.shape[1] - other)
        theirs = None if v is None else v[:, other : other + both]
        some = replace(driven, arriving=arriving[:, :both], spikes=spikes[:, other : other + both], v=theirs)
        enough = some.spikes.sum() >= OF_SPIKES and membranes.explained(some, some.told)
        if other != lag and enough and not some.wrong(kept.over_now(some)).any():
            found.append(other)
    return _told(found, lag)


def other_lag_of_v(theirs: FloatArray, ours: FloatArray, lag: int, far: float) -> tuple[str, ...]:
    """As `other_lag`, of v that may be so `far` from each other; `ours` in the steps of the graph."""
    found = []
    for other in range(min(_silent(np.abs(theirs) > far), MOST) + 1):
        both = min(ours.shape[1], theirs.shape[1] - other)
        if other != lag and (np.abs(theirs[:, other : other + both] - ours[:, :both]) <= far).all():
            found.append(other)
    return _told(found, lag)


def _silent(given: Bools) -> int:
    """Steps before the first in which something is `given`; -1 if nothing is."""
    steps = given.any(axis=(0, 2))
    return int(steps.argmax()) if steps.any() else -1


def _told(found: list[int], lag: int) -> tuple[str, ...]:
    return (f"its lag is {found[0]}, not {lag} (in the converter's Cell)",) if len(found) == 1 else ()
