"""How many different steps show a cause: those in which the same v arises again show nothing more."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from snnc.conversion.fits.driven import Bools, Driven

SAME = 1e-6
"""Of the largest v: so near to each other, two are one."""


def different(driven: Driven, places: Bools) -> npt.NDArray[np.int64]:
    """Of each neuron, how many different v there are in `places` [N, T, neurons]."""
    told = driven.told
    size = SAME * float(np.abs(told).max(initial=0)) or 1.0
    counts = [len(np.unique(np.round(told[..., k][places[..., k]] / size))) for k in range(told.shape[2])]
    return np.array(counts, np.int64)
