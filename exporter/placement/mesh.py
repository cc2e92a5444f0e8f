"""Where a core lies on the chip, how far it is to another, and an arrangement with few hops.

Cores are numbered tile by tile, tiles row by row: core p of a chip lies on tile p // cores_per_tile, in
column tile % mesh_columns and row tile // mesh_columns. Several chips stand side by side in one long mesh
(an assumption). Between two tiles a spike makes as many hops as they are columns and rows apart, within a
tile none. Spikes from outside enter at column 0, row 0 (an assumption).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from snnc.exporter.placement.network import CountArray
from snnc.target import Limits

MAX_SWAPS = 2000
"""Bounds the effort; a chip of 128 cores needs some hundred."""


def coordinates(place: int, limits: Limits) -> tuple[int, int, int, int]:
    """Chip, core on it, column and row of place 0 .. chips · cores - 1. Columns run on over the chips."""
    chip, core = divmod(place, limits.cores)
    row, column = divmod(core // limits.cores_per_tile, limits.mesh_columns)
    return chip, core, chip * limits.mesh_columns + column, row


def distances(limits: Limits) -> npt.NDArray[np.int64]:
    """int64 [places + 1, places]: hops between places; the last row is where spikes from outside enter."""
    tiles = [coordinates(place, limits)[2:] for place in range(limits.chips * limits.cores)]
    there = np.array(tiles, np.int64)
    here = np.vstack([there, [[0, 0]]])
    return np.abs(here[:, None] - there[None]).sum(axis=2)


def total_hops(flow: CountArray, places: npt.NDArray[np.intp], limits: Limits) -> int:
    """Hops of all spikes of `flow` [cores + 1, cores] with core c at `places[c]`."""
    distance = distances(limits)
    sources = np.append(places, len(distance) - 1)
    return int((flow * distance[np.ix_(sources, places)]).sum())


def arrange(flow: CountArray, limits: Limits) -> npt.NDArray[np.intp]:
    """A place for each core, int [cores], such that spikes make few hops: a quadratic assignment problem.

    From two starts, cores in their order and the answer of SciPy's FAQ method (Vogelstein et al., PLoS ONE
    10(4), 2015), the best exchange of two places is made until none helps. So the hops are never more than
    those of cores in their order. Deterministic.
    """
    cores, distance = flow.shape[1], distances(limits)
    size = distance.shape[1]
    between = np.zeros((size, size), np.int64)
    between[:cores, :cores] = flow[:-1] + flow[:-1].T
    # What comes from outside costs each core by its own place alone.
    outside = np.zeros((size, size), np.int64)
    outside[:cores] = flow[-1][:, None] * distance[-1][None]
    best = _exchange(between, outside, distance[:-1], np.arange(size))
    # Where all lie on one tile no answer is better, and SciPy takes long to load.
    if cores > 1 and total_hops(flow, best[:cores], limits) > 0:
        other = _exchange(between, outside, distance[:-1], _faq(flow, distance))
        if total_hops(flow, other[:cores], limits) < total_hops(flow, best[:cores], limits):
            best = other
    return best[:cores]


def _faq(flow: CountArray, distance: npt.NDArray[np.int64]) -> npt.NDArray[np.intp]:
    """A start: a place for each core and for each empty one. The outside is one more core that stays put."""
    from scipy.optimize import quadratic_assignment  # here: scipy is heavy, and most commands do without

    size, cores = distance.shape[1], flow.shape[1]
    flows = np.zeros((size + 1, size + 1))
    flows[:cores, :cores], flows[size, :cores] = flow[:-1], flow[-1]
    ways = np.zeros((size + 1, size + 1))
    ways[:, :size], ways[:size, size] = distance, distance[-1]
    options = {"partial_match": np.array([[size, size]]), "P0": "barycenter", "rng": np.random.default_rng(0)}
    found = quadratic_assignment(flows, ways, method="faq", options=options)
    return np.asarray(found.col_ind[:size], np.intp)


def _exchange(
    between: npt.NDArray[np.int64],
    outside: npt.NDArray[np.int64],
    distance: npt.NDArray[np.int64],
    places: npt.NDArray[np.intp],
) -> npt.NDArray[np.intp]:
    """Exchange the two cores (or a core and an empty place) that save most hops, until none does."""
    places = places.copy()
    everyone = np.arange(len(places))
    for _ in range(MAX_SWAPS):
        # cost[c, d]: hops to and from core c if it lay where d is and all others stayed. In floats: exact.
        apart = distance[np.ix_(places, places)].astype(np.float64)
        cost = between.astype(np.float64) @ apart + outside[:, places]
        now = cost[everyone, everyone]
        # After an exchange c and d are as far apart as before; the sums above took it for zero, twice.
        change = cost + cost.T - now[:, None] - now[None] + 2 * between * apart
        one, other = np.unravel_index(int(change.argmin()), change.shape)
        if change[one, other] >= 0:
            break
        places[[one, other]] = places[[other, one]]
    return places
