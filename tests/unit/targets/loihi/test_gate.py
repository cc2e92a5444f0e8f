"""The gate that keeps hidden neurons silent between samples, in a Lava program of one's own."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from loihi_artifacts import program_module


def registers(weight: Any, bias: Any, *, du: int = 4095, bias_exp: int = 0) -> dict[str, Any]:
    return {
        "weight": np.array(weight),
        "bias_mant": np.array(bias),
        "bias_exp": bias_exp,
        "du": du,
        "payload_max": 1,
    }


def test_gate_cancels_the_largest_sum_and_the_bias() -> None:
    # Neuron 0: 100 + 27 arriving and a bias of 65, which takes 2 units of 64. Neuron 1 needs nothing.
    gate = program_module("silence").gate_between(registers([[100, 27, -5], [-1, 0, 0]], [65, -3]), 10, 2)
    assert gate.tolist() == [[-129, -129], [0, 0]]


def test_gate_before_the_first_sample_cancels_the_bias_alone() -> None:
    gate = program_module("silence").gate_before(registers([[100]], [4095], bias_exp=7), 3)
    assert gate.tolist() == [[-8190] * 3]  # 4095 * 128 / 64


def test_no_gate_is_given_where_u_would_wrap() -> None:
    # Sums of -126976 and +4000: a gate of -4000 would take u to -130976 * 64 > -2**23. With +4096 it wraps.
    narrow, wide = [[-127] * 1000 + [4] * 1000], [[-127] * 1000 + [4] * 1024]
    silence = program_module("silence")
    assert silence.gate_between(registers(narrow, [0]), 5, 1).tolist() == [[-4000]]
    assert silence.gate_between(registers(wide, [0]), 5, 1) is None


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    du=st.sampled_from([40, 700, 2048, 4095]),
    scale=st.sampled_from([1, 30, 127]),
    bias_exp=st.integers(0, 7),
)
def test_gated_neurons_stay_silent(seed: int, du: int, scale: int, bias_exp: int) -> None:
    """Whatever arrives, in the sample and in the gap: extreme and random sums, without Lava."""
    rng = np.random.default_rng(seed)
    weight = rng.integers(-scale, scale + 1, (3, 12))
    mantissa = rng.integers(-4096, 4096, 3)
    gate = program_module("silence").gate_between(
        registers(weight, mantissa, du=du, bias_exp=bias_exp), 20, 9
    )
    if gate is None:
        return
    bias = mantissa << bias_exp
    for train in (
        np.ones((29, 12), int),
        rng.integers(0, 2, (29, 12)),
        rng.integers(0, 2, (29, 1)) * (weight[0] > 0),
    ):
        u, v = np.zeros(3, int), np.zeros(3, int)
        for step, spikes in enumerate(train):
            a = weight @ spikes + (gate[:, step - 20] if step >= 20 else 0)
            u = np.sign(u) * (abs(u) * (4095 - du) >> 12) + (a << 6)
            u = np.where(u > 2**23, u - 2**24, np.where(u <= -(2**23), u + 2**24, u))
            v = np.clip(v + u + bias, -(2**23 - 1), 2**23 - 1)  # without leak, threshold 0
            if step >= 20:
                assert not (v > 0).any()
            v = np.where(v > 0, 0, v)
