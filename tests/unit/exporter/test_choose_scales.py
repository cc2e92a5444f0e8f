"""Scales by percentile, by powers of two, and by the loss of the task."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnc.errors import LimitError
from snnc.exporter.choose_scales import rule_of, search_scales
from snnc.quantisation import Grid, clipped, full_range, least_squares, percentile, power_of_two
from snnc.stages import DiscreteLayer, DiscreteModel


def array(*values: float) -> np.ndarray:
    return np.array([values])


# 100 weights 0.01 .. 1.00 in 8 bits: the 90th is 0.9, so 127 / 0.9 = 141.1 steps to 1; ten are beyond.
def test_percentile_by_hand() -> None:
    weight = np.arange(1, 101)[None] / 100
    grid = percentile("readout", weight, None, 8, 90)
    assert grid.scale == pytest.approx(127 / 0.9)
    assert clipped(weight, grid) == 10
    spiking = percentile("hidden1", weight, 0.5, 8, 90)
    assert (spiking.threshold, spiking.scale) == (70, 140.0)  # 0.5 * 141.1 = 70.6
    assert percentile("hidden1", weight, 0.5, 8, 100) == full_range("hidden1", weight, 0.5, 8)
    padded = np.concatenate([weight, np.zeros((1, 500))], axis=1)
    assert percentile("hidden1", padded, 0.5, 8, 90) == spiking  # absent synapses have no say


def test_a_percentile_reaches_where_full_range_does_not() -> None:
    weight = array(*[0.1] * 99, 8.0)
    with pytest.raises(LimitError, match="no 4-bit scale holds both: give it more bits, or the scale mse"):
        full_range("hidden1", weight, 1.0, 4)
    assert least_squares("hidden1", weight, 1.0, 4).threshold >= 1
    assert percentile("hidden1", weight, 1.0, 4, 99).threshold == 70


# Scale 254 is between 128 and 256; the threshold of 0.3 is 38.4 steps of 1 / 128.
@pytest.mark.parametrize(
    ("scale", "threshold", "found", "whole"),
    [
        (254.0, 0.3, 128.0, 38),
        (256.0, 0.3, 256.0, 77),
        (255.999, None, 128.0, None),
        (0.3, None, 0.25, None),
        (1.0, 0.75, 1.0, 1),
    ],
)
def test_powers_of_two_by_hand(
    scale: float, threshold: float | None, found: float, whole: int | None
) -> None:
    whole_before = None if threshold is None else max(1, round(threshold * scale))
    assert power_of_two("l", Grid(8, scale, whole_before), threshold) == Grid(8, found, whole)


def test_a_threshold_below_half_a_step_is_refused() -> None:
    with pytest.raises(LimitError, match=r"threshold 0\.2 is 0\.4 steps of the scale 2 and rounds to 0; .*"):
        power_of_two("hidden1", Grid(3, 3.9, 1), 0.2)


@given(st.floats(1e-3, 1e5), st.none() | st.floats(0.01, 10), st.integers(2, 8))
def test_a_power_of_two_is_no_finer_and_at_most_twice_as_coarse(
    scale: float, threshold: float | None, bits: int
) -> None:
    try:
        grid = power_of_two("l", Grid(bits, scale, None if threshold is None else 1), threshold)
    except LimitError:
        assert threshold is not None
        assert threshold * scale < 1  # at half the scale it is below half a step
        return
    assert np.log2(grid.scale) == round(np.log2(grid.scale))
    assert scale / 2 < grid.scale <= scale


def test_rules_by_name() -> None:
    weight = np.random.default_rng(0).normal(size=(20, 30))
    for name, rule in (("max", full_range), ("mse", least_squares), ("percentile", percentile)):
        assert rule_of(name, 99.9, False)("l", weight, 1.0, 4) == rule("l", weight, 1.0, 4)
    assert rule_of("percentile", 80, False)("l", weight, 1.0, 4) == percentile("l", weight, 1.0, 4, 80)
    assert rule_of("mse", 99.9, True)("l", weight, None, 4).scale == 2 ** np.floor(
        np.log2(least_squares("l", weight, None, 4).scale)
    )


def model() -> DiscreteModel:
    rng = np.random.default_rng(2)

    def part(name: str, shape: tuple[int, int], threshold: float | None) -> DiscreteLayer:
        return DiscreteLayer(
            name, rng.normal(size=shape), np.zeros(shape), np.zeros(shape[0]), 2.0, threshold
        )

    return DiscreteModel((part("hidden1", (6, 5), 1.0), part("readout", (2, 6), None)), 9, 0.01, ("a", "b"))


def nearest(*scales: float):
    """A loss that is least at these scales of the layers; thresholds tell the first."""
    seen: list[Sequence[Grid]] = []

    def loss(grids: Sequence[Grid]) -> float:
        seen.append(grids)
        assert grids[0].threshold is not None
        return abs(np.log(grids[0].threshold / scales[0])) + abs(np.log(grids[1].scale / scales[1]))

    return loss, seen


RULES = [full_range, partial(percentile, percent=80), least_squares]


def test_the_search_finds_scales_near_the_best() -> None:
    starts = [rule(part.name, part.weight, part.threshold, 4) for rule in RULES for part in model().layers]
    coarsest = min(grid.scale for grid in starts[::2]), min(grid.scale for grid in starts[1::2])
    loss, seen = nearest(*(1.5 * scale for scale in coarsest))
    found = search_scales(model(), [4, 4], RULES, loss)
    assert found.tried == len(seen) <= 3 + 2 * 9
    assert found.loss_before is not None
    assert found.loss_after is not None
    assert found.loss_after < found.loss_before
    for grid, scale in zip(found.grids, coarsest, strict=True):
        assert 1 <= grid.scale / scale <= 2.5


def test_a_search_that_finds_nothing_better_keeps_the_best_rule() -> None:
    best = [least_squares(part.name, part.weight, part.threshold, 4) for part in model().layers]
    loss, _ = nearest(*(grid.scale for grid in best))
    found = search_scales(model(), [4, 4], RULES, loss)
    assert found.grids == tuple(best)
    assert found.loss_after == found.loss_before == pytest.approx(0, abs=1e-12)


def test_a_search_among_powers_of_two_keeps_to_them() -> None:
    rules = [rule_of(name, 80, True) for name in ("max", "percentile", "mse")]
    loss, _ = nearest(5.0, 7.0)
    found = search_scales(model(), [5, 4], rules, loss, power_of_two=True)
    assert all(np.log2(grid.scale) == round(np.log2(grid.scale)) for grid in found.grids)
    assert [grid.bits for grid in found.grids] == [5, 4]


def test_a_rule_that_gives_no_network_is_left_out_and_all_of_them_are_refused() -> None:
    loss, _ = nearest(3.0, 3.0)

    def never(name: str, weight: np.ndarray, threshold: float | None, bits: int) -> Grid:
        raise LimitError(f"{name}: never")

    assert search_scales(model(), [4, 4], [never, full_range], loss).grids
    with pytest.raises(LimitError, match="no rule gives a network to start from; hidden1: never"):
        search_scales(model(), [4, 4], [never], loss)
