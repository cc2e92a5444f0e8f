"""The rules by which real numbers become integers, against numbers worked out by hand and plain searches."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnc.errors import LimitError
from snnc.quantisation import (
    Grid,
    bias_integers,
    decay_constant,
    full_range,
    least_squares,
    weight_integers,
)

BITS = range(2, 9)
LARGEST = {2: 1, 3: 3, 4: 7, 5: 15, 6: 31, 7: 63, 8: 127}


def array(*values: float) -> npt.NDArray[np.float64]:
    return np.array([values])


def squared_error(weight: npt.NDArray[np.float64], scale: float, largest: int) -> float:
    """Of weights rounded to whole steps of 1 / scale, those beyond `largest` steps at the end."""
    return float(((weight - np.rint(weight * scale).clip(-largest, largest) / scale) ** 2).sum())


@pytest.mark.parametrize("bits", BITS)
def test_a_grid_is_symmetric(bits: int) -> None:
    grid = Grid(bits, 10.0, None)
    assert grid.largest == LARGEST[bits]  # not -2^(bits-1)
    assert grid.unit == 640.0  # weights enter v shifted left by 6


# The largest weight is 0.5. 8 bits: 127 / 0.5 = 254 steps to 1; a threshold of 0.3 is 76.2 of them, so 76.
# 4 bits: 7 / 0.5 = 14; 4.2, so 4. 2 bits: 1 / 0.5 = 2; a threshold of 0.75 is 1.5 of them, so 1.
@pytest.mark.parametrize(
    ("bits", "threshold", "whole", "scale"),
    [
        (8, 1.0, 254, 254.0),
        (8, 0.3, 76, 76 / 0.3),
        (4, 0.3, 4, 4 / 0.3),
        (2, 0.75, 1, 1 / 0.75),
        (2, 0.5, 1, 2.0),
        (8, 600.0, 131071, 131071 / 600),  # 152400 steps do not fit 17 bits; half of the range is still used
        (8, None, None, 254.0),
        (3, None, None, 6.0),
    ],
)
def test_full_range_by_hand(bits: int, threshold: float | None, whole: int | None, scale: float) -> None:
    grid = full_range("hidden1", array(0.25, -0.5, 0.0), threshold, bits)
    assert (grid.bits, grid.threshold) == (bits, whole)
    assert grid.scale == pytest.approx(scale, rel=1e-12)


def test_a_threshold_that_is_whole_stays_whole() -> None:
    """61 / 7 * 7 is a little less than 61 in floating point."""
    assert full_range("hidden1", array(7.0, -3.0), 61.0, 4) == Grid(4, 1.0, 61)
    for bits, largest in LARGEST.items():
        for threshold in range(1, 5000):
            grid = full_range("hidden1", array(largest / 8), threshold / 8, bits)
            assert grid == Grid(bits, 8.0, threshold)


@given(
    st.lists(st.floats(-2, 2), min_size=1, max_size=20).filter(lambda w: max(map(abs, w)) > 0.1),
    st.floats(0.01, 100),
    st.sampled_from(BITS),
)
def test_full_range_clips_nothing_and_wastes_less_than_half(
    values: list[float], threshold: float, bits: int
) -> None:
    # A threshold of a thousand times the largest weight is still a number of 17 bits.
    weight, most = array(*values), LARGEST[bits]
    largest = max(map(abs, values))
    if threshold * most < largest:
        with pytest.raises(LimitError, match=f"more than {most} times the threshold"):
            full_range("hidden1", weight, threshold, bits)
        return
    grid = full_range("hidden1", weight, threshold, bits)
    assert grid.threshold is not None
    assert grid.threshold == pytest.approx(threshold * grid.scale, rel=1e-12)
    assert most / 2 * (1 - 1e-12) <= largest * grid.scale <= most * (1 + 1e-12)
    # The next threshold would be too fine.
    assert largest * (grid.threshold + 1) / threshold > most * (1 - 1e-12) or grid.threshold == 131071


@pytest.mark.parametrize("rule", [full_range, least_squares])
@pytest.mark.parametrize("threshold", [1.0, None])
def test_a_layer_of_zeros_has_no_grid(rule, threshold: float | None) -> None:
    with pytest.raises(LimitError, match=r"hidden1: every weight is 0; .* train it again"):
        rule("hidden1", np.zeros((2, 3)), threshold, 8)


@pytest.mark.parametrize("rule", [full_range, least_squares])
def test_a_threshold_that_no_weight_reaches_has_no_grid(rule) -> None:
    # 131071 steps of threshold leave a weight 0.001 of 2065 only 63.5; of more, less than half of 127.
    assert rule("hidden1", array(0.001), 2.06, 8).threshold <= 131071
    with pytest.raises(LimitError, match=r"the threshold 2\.07 is 2070 times the largest weight 0\.001; .*"):
        rule("hidden1", array(0.001), 2.07, 8)
    with pytest.raises(LimitError, match="such a layer never fires"):
        rule("hidden1", array(1e-300), 1e300, 8)


def test_weights_far_above_the_threshold_must_be_clipped() -> None:
    # 4 bits hold 7 steps, and a threshold is at least 1: a weight of 8 thresholds is out of range.
    weight = array(8.0, 1.0, -1.0)
    with pytest.raises(
        LimitError, match="the largest weight, 8, is more than 7 times the threshold 1; no 4-bit"
    ):
        full_range("hidden1", weight, 1.0, 4)
    grid = least_squares("hidden1", weight, 1.0, 4)
    assert (grid.threshold, grid.scale) == (1, 1.0)
    assert weight_integers(weight, grid).tolist() == [[7, 1, -1]]


def test_least_squares_clips_an_outlier() -> None:
    # 4 bits, threshold 1. Full range: 7 steps to 1, so the many 0.1 become 1/7: the squared error is
    # 20 * 0.0429^2 = 0.0367. At 8 steps they are 1/8 and 1.0 is clipped to 7/8: 20 * 0.025^2 + 0.125^2
    # = 0.0281. At 9: 20 * 0.0111^2 + 0.2222^2 = 0.0519. At 10 they are exact and 1.0 becomes 0.7: 0.09.
    weight = array(*[0.1] * 20, 1.0)
    grid = least_squares("hidden1", weight, 1.0, 4)
    assert (grid.threshold, grid.scale) == (8, 8.0)
    assert weight_integers(weight, grid).tolist() == [[1] * 20 + [7]]


def random_weights(seed: int, kind: str, shape: tuple[int, int] = (6, 10)) -> npt.NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    weight = rng.normal(size=shape) if kind != "uniform" else rng.uniform(-1, 1, shape)
    if kind == "heavy":
        weight **= 3
    elif kind == "sparse":
        weight[rng.random(weight.shape) < 0.8] = 0
    return weight


@pytest.mark.parametrize("kind", ["normal", "uniform", "heavy", "sparse"])
@pytest.mark.parametrize("bits", [2, 3, 4])
def test_least_squares_is_the_best_whole_threshold(kind: str, bits: int) -> None:
    """Of few bits every threshold up to eight times that of the full range is tried."""
    for seed in range(5):
        weight = random_weights(seed, kind)
        largest = float(np.abs(weight).max())
        grid = least_squares("hidden1", weight, largest, bits)  # full range: exactly LARGEST steps
        errors = {
            whole: squared_error(weight, whole / largest, LARGEST[bits])
            for whole in range(LARGEST[bits], 8 * LARGEST[bits] + 1)
        }
        assert grid.threshold is not None
        assert grid.scale == pytest.approx(grid.threshold / largest)
        assert errors[grid.threshold] == pytest.approx(min(errors.values()))


@pytest.mark.parametrize("kind", ["normal", "uniform", "heavy", "sparse"])
@pytest.mark.parametrize("bits", BITS)
def test_least_squares_of_a_readout(kind: str, bits: int) -> None:
    """Any scale is allowed; a search ten times as fine gains little, and the full range is never better."""
    for seed in range(3):
        weight = random_weights(seed, kind, (20, 50))
        full = LARGEST[bits] / float(np.abs(weight).max())
        grid = least_squares("readout", weight, None, bits)
        assert grid.threshold is None
        assert full * (1 - 1e-12) <= grid.scale <= 8 * full * (1 + 1e-12)
        found = squared_error(weight, grid.scale, LARGEST[bits])
        best = min(squared_error(weight, scale, LARGEST[bits]) for scale in np.geomspace(full, 8 * full, 631))
        assert best <= found * (1 + 1e-9)
        assert found <= 1.3 * best
        assert found <= squared_error(weight, full, LARGEST[bits]) * (1 + 1e-9)


@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("threshold", [0.05, 1.0, 40.0])
def test_least_squares_is_never_worse_than_full_range(bits: int, threshold: float) -> None:
    weight = np.clip(random_weights(bits, "heavy"), -0.05, 0.05)
    fine, full = (rule("hidden1", weight, threshold, bits) for rule in (least_squares, full_range))
    errors = [squared_error(weight, grid.scale, LARGEST[bits]) for grid in (fine, full)]
    assert errors[0] <= errors[1]
    assert fine.threshold is not None
    assert 1 <= fine.threshold <= 131071
    assert fine.scale >= full.scale * (1 - 1e-12)


def test_absent_synapses_do_not_choose_the_grid() -> None:
    weight = random_weights(1, "heavy")
    padded = np.concatenate([weight, np.zeros((6, 200))], axis=1)
    for threshold in (1.0, None):
        assert least_squares("a", weight, threshold, 4) == least_squares("a", padded, threshold, 4)


def test_weights_are_rounded_half_to_even_and_clipped() -> None:
    grid = Grid(4, 2.0, None)  # steps of 0.5, up to 7 of them
    weight = array(0.25, 0.75, -0.25, -1.25, 0.26, 3.5, 3.75, -4.0, 1e9, 0.0)
    integers = weight_integers(weight, grid)
    assert integers.tolist() == [[0, 2, 0, -2, 1, 7, 7, -7, 7, 0]]
    assert integers.dtype == np.int32


# A bias of 1 is 64 steps of v at scale 1. Mantissas are -4096 .. 4095.
@pytest.mark.parametrize(
    ("bias", "mantissa", "exponent"),
    [
        ([0.0, 0.0], [0, 0], 0),
        ([1.0, -1.0], [64, -64], 0),
        ([4095 / 64, -64.0], [4095, -4096], 0),
        ([4095.5 / 64, 0.0], [2048, 0], 1),  # rounds to 4096 at first, which needs another bit
        ([64.0, 1 / 64], [2048, 0], 1),  # 1 step is half of one now, and goes to the even 0
        ([64.0, 3 / 64], [2048, 2], 1),  # 1.5 goes to 2
        ([-65.0, 0.0], [-2080, 0], 1),
        ([8190.0, -8192.0], [4095, -4096], 7),  # the ends of the format
    ],
)
def test_biases_by_hand(bias: list[float], mantissa: list[int], exponent: int) -> None:
    found, shift = bias_integers("hidden1", np.array(bias), 1.0)
    assert (found.tolist(), shift) == (mantissa, exponent)
    halved, shift = bias_integers("hidden1", np.array(bias) / 8, 8.0)  # only their product counts
    assert (halved.tolist(), shift) == (mantissa, exponent)


@pytest.mark.parametrize(("value", "steps"), [(8191.0, 524224), (-8193.5, -524384)])
def test_a_bias_beyond_the_format_is_refused(value: float, steps: int) -> None:
    with pytest.raises(
        LimitError, match=f"hidden1, neuron 1: bias .* becomes {steps}, the format holds 524160"
    ):
        bias_integers("hidden1", np.array([1.0, value, -2.0]), 1.0)


@given(st.lists(st.floats(-8000, 8000), min_size=1, max_size=8))
def test_the_exponent_is_the_smallest_and_the_error_half_a_step(bias: list[float]) -> None:
    mantissa, exponent = bias_integers("hidden1", np.array(bias), 1.0)
    for value, whole in zip(bias, mantissa.tolist(), strict=True):
        assert -4096 <= whole <= 4095
        assert abs(value * 64 - whole * 2**exponent) <= 2**exponent / 2
    if exponent:
        assert any(not -4096 <= round(value * 64 / 2 ** (exponent - 1)) <= 4095 for value in bias)


# 4096 / tau, half to even.
@pytest.mark.parametrize(
    ("tau", "constant"),
    [(1.0, 4096), (2.0, 2048), (1.05, 3901), (10.0, 410), (8192.0, 0), (1e6, 0), (4096 / 2.5, 2)],
)
def test_decay_constant(tau: float, constant: int) -> None:
    assert decay_constant(tau) == constant
