"""Cores on tiles, by hand and against every arrangement."""

from __future__ import annotations

import sys
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from placements import chip

from snnc.errors import ConfigError
from snnc.exporter.placement.mesh import arrange, coordinates, total_hops

SQUARE = chip(cores=4, mesh_columns=2, mesh_rows=2, cores_per_tile=1).limits


def hops_by_hand(flow: np.ndarray, places: tuple[int, ...], columns: int) -> int:
    """Spikes times columns and rows apart; the last row of `flow` comes from tile 0, 0."""
    where = [*(divmod(place, columns) for place in places), (0, 0)]
    return sum(
        int(count) * (abs(where[a][0] - where[b][0]) + abs(where[a][1] - where[b][1]))
        for (a, b), count in np.ndenumerate(flow)
    )


def test_coordinates_by_hand() -> None:
    limits = chip(cores=128, chips=2, mesh_columns=8, mesh_rows=4, cores_per_tile=4).limits
    assert coordinates(0, limits) == (0, 0, 0, 0)
    assert coordinates(3, limits) == (0, 3, 0, 0)
    assert coordinates(4, limits) == (0, 4, 1, 0)
    assert coordinates(127, limits) == (0, 127, 7, 3)  # tile 31: row 3, column 7
    assert coordinates(128 + 32, limits) == (1, 32, 8, 1)  # tile 8 of the second chip, beside the first


def test_hops_by_hand() -> None:
    # Cores 0 and 1 at opposite corners: two hops each way; 5 spikes from outside to core 1: two hops each.
    flow = np.array([[0, 3], [1, 0], [0, 5]])
    assert total_hops(flow, np.array([0, 3]), SQUARE) == 3 * 2 + 1 * 2 + 5 * 2


def test_cores_of_one_tile_are_no_hop_apart() -> None:
    limits = chip(cores=4, mesh_columns=2, mesh_rows=1, cores_per_tile=2).limits
    flow = np.array([[0, 9, 0], [0, 0, 0], [9, 0, 0], [0, 0, 1]])  # 0 -> 1 and 2 -> 0 are busy
    assert total_hops(flow, arrange(flow, limits), limits) == 9


def test_cores_of_one_tile_are_placed_without_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer is better than no hop, and SciPy takes longer to load than a small export."""
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)  # importing it fails
    limits = chip(cores=8, mesh_columns=2, mesh_rows=1, cores_per_tile=4).limits
    flow = np.array([[0, 5, 0], [2, 0, 7], [0, 1, 0], [9, 0, 3]])
    assert arrange(flow, limits).tolist() == [0, 1, 2]


def test_a_ring_lies_around_the_square() -> None:
    # 0 -> 2 -> 1 -> 3 -> 0: in order 0 | 1 over 2 | 3 two of the four are diagonal.
    flow = np.zeros((5, 4), int)
    for a, b in ((0, 2), (2, 1), (1, 3), (3, 0)):
        flow[a, b] = 10
    assert total_hops(flow, np.arange(4), SQUARE) == 10 * (1 + 2 + 1 + 2)
    assert total_hops(flow, arrange(flow, SQUARE), SQUARE) == 40


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_few_cores_lie_almost_as_well_as_they_can(cores: int, seed: int) -> None:
    limits = chip(cores=6, mesh_columns=3, mesh_rows=2, cores_per_tile=1).limits
    flow = np.random.default_rng(seed).integers(0, 20, (cores + 1, cores))
    np.fill_diagonal(flow, 0)
    places = tuple(arrange(flow, limits).tolist())
    assert len(set(places)) == cores
    assert set(places) <= set(range(6))
    found = hops_by_hand(flow, places, 3)
    assert found == total_hops(flow, np.array(places), limits)
    every = [hops_by_hand(flow, order, 3) for order in permutations(range(6), cores)]
    assert found <= hops_by_hand(flow, tuple(range(cores)), 3)
    assert found <= 1.2 * min(every)


def test_a_mesh_must_hold_the_cores() -> None:
    with pytest.raises(ConfigError, match="the mesh has room for 4 cores, the chip has 5"):
        chip(cores=5, mesh_columns=2, mesh_rows=2, cores_per_tile=1)
