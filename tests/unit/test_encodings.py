"""Bits and bytes of synapses and weights, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loihi_artifacts import layer

from snnc.encodings import dense_bits, slice_bytes, sparse_bits, weight_bits


def test_encodings_by_hand() -> None:
    assert dense_bits(3, 5, 8, 6) == 3 * 5 * 14
    # 4 synapses of 8 + 6 bits and a neuron's number 0..2 in 2; 5 sources with a count 0..3 in 2 bits
    assert sparse_bits(3, 5, 4, 8, 6) == 4 * 16 + 5 * 2
    assert slice_bytes(3, 5, 4, 8, 6) == 10  # 74 bits
    assert slice_bytes(3, 5, 15, 8, 6) == 27  # dense: 210 bits
    assert slice_bytes(0, 0, 0, 8, 6) == 0
    # Up to two synapses of a pair: counts 0..6 in 3 bits, and no table.
    assert sparse_bits(3, 5, 4, 8, 6, 2) == 4 * 16 + 5 * 3
    assert slice_bytes(3, 5, 15, 8, 6, 2) == 32  # 255 bits


@pytest.mark.parametrize(
    ("weights", "bits"),
    [([0], 1), ([-1], 1), ([1], 2), ([-128, 127], 8), ([-129], 9), ([63, -64], 7), ([64], 8)],
)
def test_weight_bits_by_hand(weights: list[int], bits: int) -> None:
    assert weight_bits(layer([weights])) == bits


@settings(max_examples=200, deadline=None)
@given(*[st.integers(1, 40)] * 2, st.integers(1, 8), st.integers(0, 7), st.integers(0, 2**32))
def test_a_neuron_more_never_takes_less(neurons: int, sources: int, bits: int, delay: int, seed: int) -> None:
    present = np.random.default_rng(seed).random((neurons + 1, sources)) < 0.4
    sizes = [
        slice_bytes(n, int(present[:n].any(axis=0).sum()), int(present[:n].sum()), bits, delay)
        for n in (neurons, neurons + 1)
    ]
    assert sizes[0] <= sizes[1]
