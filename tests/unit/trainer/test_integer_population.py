"""Clauses 3 to 6 by hand. L = 2^23 - 1 = 8388607; 64 is one step of a."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from snnc.stages import LayerTrace, Population
from snnc.trainer.integer_population import IntegerPopulation, decay, scale

L = 8388607
FORGET, HOLD = 4096, 0
PLAIN = {"decay_u": FORGET, "decay_v": HOLD}


def run(arriving: list[list[int]], model: str, **values: Any) -> LayerTrace:
    """One sample; `arriving` is [neurons][T]."""
    a = torch.tensor(arriving, dtype=torch.int32).T[None]
    made = IntegerPopulation(
        Population("p", model, len(arriving), **PLAIN | values), 1, a.shape[1], torch.device("cpu")
    )
    made.run(a, 0, a.shape[1])
    return made.trace()


def rows(array: Any) -> list[list[int]]:
    """[neurons][T] of the one sample."""
    return np.asarray(array)[0].T.astype(int).tolist()


@pytest.mark.parametrize(
    ("x", "k", "kept", "scaled"),
    [
        # 5 * (4096 - 1365) = 13655 = 3 * 4096 + 1367;  5 * 1365 = 6825 = 4096 + 2729.
        (5, 1365, 3, 1),
        (-5, 1365, -3, -1),
        # The largest: 2^23 * 4096 = 2^35, which 32 bits do not hold.
        (1 << 23, 0, 1 << 23, 0),
        (-L, 4096, 0, -L),
    ],
)
def test_products_round_toward_zero(x, k, kept, scaled):
    assert int(decay(torch.tensor(x), torch.tensor(k))) == kept
    assert int(scale(torch.tensor(x), torch.tensor(k))) == scaled
    assert int(scale(torch.tensor(x), torch.tensor(-k))) == -scaled


def test_each_neuron_has_its_own_decays_and_threshold():
    # u of neuron 0 forgets, of neuron 1 halves; v of neuron 2 halves. a = 4 is 256.
    # Thresholds 192, 576 and 256: the last is met by 256 exactly, which is no spike.
    found = run(
        [[4, 0, 0]] * 3,
        "lif",
        decay_u=[FORGET, 2048, FORGET],
        decay_v=[FORGET, FORGET, 2048],
        threshold=[3, 9, 4],
        reset="none",
    )
    assert rows(found.u) == [[256, 0, 0], [256, 128, 64], [256, 0, 0]]
    assert rows(found.v) == [[256, 0, 0], [256, 128, 64], [256, 128, 64]]
    assert rows(found.spikes) == [[1, 0, 0], [0, 0, 0], [0, 0, 0]]
    assert (found.w, found.w_clips) == (None, None)


@pytest.mark.parametrize(
    ("reset", "v", "spikes"),
    [
        # v holds; a = 4, 0, 0, 4 adds 256 at the first and the last step; the threshold is 192.
        ({"reset": "zero"}, [0, 0, 0, 0], [1, 0, 0, 1]),
        ({"reset": "none"}, [256, 256, 256, 512], [1, 1, 1, 1]),
        # 256 - 320 = -64; -64 + 256 = 192 meets the threshold.
        ({"reset": "subtract", "reset_by": 5}, [-64, -64, -64, 192], [1, 0, 0, 0]),
        # 256 - 64 = 192 three times; 192 + 256 = 448, - 64 = 384.
        ({"reset": "subtract", "reset_by": 1}, [192, 192, 192, 384], [1, 0, 0, 1]),
    ],
)
def test_resets(reset, v, spikes):
    found = run([[4, 0, 0, 4]], "lif", threshold=3, **reset)
    assert rows(found.v) == [v]
    assert rows(found.spikes) == [spikes]


def test_a_subtraction_takes_each_neurons_own_r():
    # 256 - 64 and 256 - 128.
    found = run([[4], [4]], "lif", threshold=3, reset="subtract", reset_by=[1, 2])
    assert rows(found.v) == [[192], [128]]


def test_after_a_subtraction_nothing_is_clipped():
    # v = 2^17 * 64 = 2^23 is clipped to L and fires; r is up to 2^17 - 1: L - 64 * 131071 = 63.
    # The next step: u = -64, v = -1, below the threshold of 0.
    found = run([[1 << 17, -1]], "lif", threshold=0, reset="subtract", reset_by=(1 << 17) - 1)
    assert rows(found.v) == [[63, -1]]
    assert found.v_clips == 1


def test_at_the_end_a_population_neither_spikes_nor_resets():
    # bias = 5 << 1 = 10. 266 > 192 fires, reset to 0; 10; 10 + 256 + 10 = 276 would fire; 276 + 266 = 542.
    found = run([[4, 0, 4, 4]], "lif", threshold=3, reset="zero", bias_mant=5, bias_exp=1, end=2)
    assert rows(found.v) == [[0, 10, 276, 542]]
    assert rows(found.spikes) == [[1, 0, 0, 0]]


def test_an_integrator_never_spikes():
    found = run([[4, 4]], "li", end=1)
    assert rows(found.v) == [[256, 512]]
    assert not found.spikes.any()


@pytest.mark.parametrize(
    ("order", "w", "v", "spikes"),
    [
        # Both fire at v = 64 > 0, so S * kb = 100 in the next step; 64 * 1365 = 87360 = 21 * 4096 + 1344.
        # Neuron 0, new: w = 21 + 100 = 121, v = 64 - 121 = -57;
        #   w = (121 >> 1) + scale(-57), where 57 * 1365 = 77805 = 18 * 4096 + 4077, = 60 - 18 = 42; v = -99.
        # Neuron 1, new: w = -21 + 100 = 79, v = -15; 15 * 1365 = 20475 = 4 * 4096 + 4091: w = 39 + 4 = 43.
        ("new", [[0, 121, 42], [0, 79, 43]], [[64, -57, -99], [64, -15, -58]], [[1, 0, 0]] * 2),
        # Old: v takes the w of the step before, 0, so both fire twice.
        # Neuron 0: w = 60 + 21 + 100 = 181, v = 64 - 121. Neuron 1: w = 39 - 21 + 100 = 118, v = 64 - 79.
        ("old", [[0, 121, 181], [0, 79, 118]], [[64, 64, -57], [64, 64, -15]], [[1, 1, 0]] * 2),
    ],
)
def test_adaptation(order, w, v, spikes):
    values = {"decay_w": 2048, "ka": [1365, -1365], "kb": 100, "order": order}
    found = run([[1, 0, 0]] * 2, "adlif", threshold=0, reset="none", **values)
    assert rows(found.w) == w
    assert rows(found.v) == v
    assert rows(found.spikes) == spikes
    assert (found.v_clips, found.w_clips) == (0, 0)


def test_adaptation_takes_v_after_the_reset():
    # 64 fires and becomes 0: w = scale(0) + 100, v = -100; then 100 * 1365 = 136500 = 33 * 4096 + 1332:
    # w = 50 - 33 = 17, v = -117.
    values = {"decay_w": 2048, "ka": 1365, "kb": 100, "order": "new"}
    found = run([[1, 0, 0]], "adlif", threshold=0, reset="zero", **values)
    assert rows(found.w) == [[0, 100, 17]]
    assert rows(found.v) == [[0, -100, -117]]


def test_at_the_end_adaptation_hears_of_no_spike():
    # The spike of step 0 adds 100 in step 1; v stays above the threshold, but sends none from step 1 on.
    values = {"decay_w": HOLD, "ka": 0, "kb": 100, "order": "old"}
    found = run([[9, 0, 0, 0]], "adlif", threshold=0, reset="none", end=1, **values)
    assert rows(found.w) == [[0, 100, 100, 100]]
    assert rows(found.v) == [[576, 576, 476, 376]]
    assert rows(found.spikes) == [[1, 0, 0, 0]]


def test_wraps_and_clips_are_counted_apart():
    # Neuron 0: 2^23 stays, 2^23 + 64 wraps to -2^23 + 64. Neuron 1: -2^23 wraps to 2^23, and stays there.
    # v is u, clipped where it is 2^23: once in neuron 0, twice in neuron 1.
    found = run([[1 << 17, 1], [-(1 << 17), 0]], "li", decay_u=HOLD, decay_v=FORGET)
    assert rows(found.u) == [[L + 1, -L + 63], [L + 1, L + 1]]
    assert rows(found.v) == [[L, -L + 63], [L, L]]
    assert (found.u_wraps, found.v_clips) == (2, 3)


@pytest.mark.parametrize(
    ("order", "kb", "v", "v_clips", "w_clips"),
    [
        # Step 0: v = 2^23, clipped, fires. Step 1: w = scale(L, 4096) + kb = L + 1, clipped.
        # New: v = L + 2^23 - L = 2^23, clipped to L; had it been clipped before w is taken, it were 0.
        ("new", 1, [L, L, -64], 2, 2),
        # Old: v = L + 2^23 - 0, clipped; in step 2 v = L - 64 - L.
        ("old", 1, [L, L, -64], 2, 2),
        # With kb = 0, w = L is not clipped in step 1. In step 2 w = L + L is.
        ("new", 0, [L, L, -64], 2, 1),
    ],
)
def test_w_clips_are_counted(order, kb, v, v_clips, w_clips):
    # Step 2: u = -64; w = L + scale(L, 4096) + kb is clipped to L; new: v = L - 64 - L = -64.
    values = {"decay_w": HOLD, "ka": 4096, "kb": kb, "order": order}
    found = run([[1 << 17, 1 << 17, -1]], "adlif", threshold=0, reset="none", **values)
    assert rows(found.w) == [[0, L, L]]
    assert rows(found.v) == [v]
    assert (found.u_wraps, found.v_clips, found.w_clips) == (0, v_clips, w_clips)


def test_no_step_asks_the_device_for_a_number():
    """PyTorch's device `meta` holds no numbers, and refuses to mix with another."""
    device = torch.device("meta")
    values = {"decay_w": HOLD, "ka": 1, "kb": 1, "order": "old", "threshold": 0, "bias_mant": 1}
    population = Population("p", "adlif", 2, reset="subtract", reset_by=1, **PLAIN | values)
    made = IntegerPopulation(population, 3, 4, device)
    assert made.run(torch.zeros((3, 4, 2), dtype=torch.int32, device=device), 0, 4).device == device
