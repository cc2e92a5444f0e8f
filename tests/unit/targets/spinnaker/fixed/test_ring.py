"""Ring buffers: saturation, delays, and what the host writes into synapses."""

import numpy as np
import pytest

from snnc.errors import LimitError
from snnc.targets.spinnaker.fixed.ring import Ring, encode_weights, shift_of, summed_for


def arrivals(*weights):
    """One neuron, one sample: what arrives 1, 2, ... steps later."""
    return np.array(weights, np.int64).reshape(-1, 1, 1)


def test_sums_saturate_at_16_bits():
    ring = Ring(3, 1, 1)
    ring.add(0, arrivals(40000, 65535))
    ring.add(0, arrivals(25535, 1))
    assert ring.take(1, 0).tolist() == [[65535]]  # exactly full: nothing is lost
    assert ring.saturated == 0
    assert ring.take(2, 0).tolist() == [[65535]]  # 65536
    assert ring.saturated == 1


def test_sums_are_shifted_and_taken_once():
    ring = Ring(2, 1, 1)
    ring.add(4, arrivals(3))
    assert ring.take(5, 15).tolist() == [[3 << 15]]
    assert ring.take(7, 15).tolist() == [[0]]  # the same slot


@pytest.mark.parametrize(
    ("summed", "shift"),
    [(0.0, 0), (0.3, 0), (0.999, 0), (1.0, 1), (1.5, 1), (2.0, 2), (3.0, 2), (4.0, 3), (1000.0, 10)],
)
def test_the_shift_leaves_room_above_what_is_expected(summed, shift):
    assert shift_of(summed) == shift


@pytest.mark.parametrize("shift", range(16))
def test_a_shift_can_be_asked_for(shift):
    assert shift_of(summed_for(shift)) == shift


def test_weights_are_rounded_to_the_nearest_unit():
    unit = 1 / 8192  # shifted by 2: 2**(2 - 15)
    found = encode_weights(np.array([0.5, 1.5, -2.5, 3.4, -3.6]) * unit, 2, "x -> h")
    assert found.tolist() == [0, 2, 2, 3, 4]  # in the middle the even one; the sign is the receptor


def test_a_weight_of_more_than_16_bits_is_refused():
    assert encode_weights(np.array([65535.0]) / 32768, 0, "x -> h").tolist() == [65535]
    with pytest.raises(
        LimitError, match=r"x -> h: a weight of 2.0 nA is 65536 units of 2\*\*-15 nA, 16 bits hold"
    ):
        encode_weights(np.array([2.0]), 0, "x -> h")
