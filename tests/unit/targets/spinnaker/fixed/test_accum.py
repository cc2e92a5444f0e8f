"""S16.15: worked by hand, and held against what the released program of the board computes.

`RELEASED` was recorded by running the instructions of IF_curr_delta.aplx of sPyNNaker 1!7.4.1 (SHA-256
9e991ac6…0dbcd) in an emulator of the ARM processor; `docs/spinnaker-arithmetic.md` says how.
"""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnc.errors import LimitError
from snnc.targets.spinnaker.fixed.accum import (
    HIGHEST,
    LOWEST,
    ONE,
    divide,
    encode,
    exponential,
    multiply,
    wrap,
)

RELEASED = {
    0: 32768, 1: 32766, 2: 32765, 3: 32764, 100: 32668, 655: 32119, 1638: 31170, 2047: 30783, 2048: 30782,
    2049: 30781, 3276: 29650, 6553: 26828, 16384: 19874, 32767: 12055, 32768: 12054, 32769: 12054,
    65536: 4434, 98304: 1631, 163840: 220, 262144: 10, 340695: 1, 340696: 0,
}  # fmt: skip
"""32768 · e**(-n / 32768) by n."""
NUMBERS = st.integers(LOWEST, HIGHEST)


@pytest.mark.parametrize(
    ("x", "y", "product"),
    [
        (3, 16384, 1),  # 3 · 0.5 = 1.5
        (-3, 16384, -2),  # -1.5: down, not toward zero and not to the nearest
        (-1, 1, -1),  # -1 / 32768: all of it is lost, and one more
        (1, 32767, 0),
        (ONE, -5, -5),  # 1 · x is x
        (HIGHEST, 1 << 16, -2),  # (2**31 - 1) · 2 = 2**32 - 2: the low 32 bits are -2
        (LOWEST, 1 << 16, 0),  # -2**32
        (46341 << 8, 46341 << 8, 9266),  # 2 · 46341² = 4294976562 = 2**32 + 9266
    ],
)
def test_products_round_down_and_keep_the_low_word(x, y, product):
    assert multiply(x, y) == product
    assert multiply(np.array([x]), np.array([y])).tolist() == [product]


def test_quotients_round_down():
    assert divide(ONE, 10 * ONE) == 3276  # 0.1 is 3276.8
    assert divide(7, 7) == ONE
    assert divide(0, 5) == 0


@pytest.mark.parametrize(("n", "value"), RELEASED.items())
def test_exponential_is_that_of_the_released_program(n, value):
    assert exponential(-n) == value


@given(st.integers(0, 340695))
def test_exponential_is_rounded_down_or_a_little_further_off(n):
    right = math.exp(-n / ONE) * ONE
    assert right - 1.04 < exponential(-n) < right + 0.04  # so it is over all arguments


@given(st.integers(0, 340694))
def test_exponential_never_rises_with_the_quotient(n):
    assert exponential(-n - 1) <= exponential(-n)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (1.0, 32768),
        (0.5 / ONE, 0),  # in the middle: the even one
        (1.5 / ONE, 2),
        (-0.5 / ONE, 0),
        (-2.5 / ONE, -2),
        (0.1, 3277),  # 3276.8, where the board's own quotient is 3276
        (-65536.0, LOWEST),
        (HIGHEST / ONE, HIGHEST),
    ],
)
def test_the_host_rounds_to_the_nearest(value, number):
    assert encode(value, "x") == number


def test_what_the_board_cannot_hold_is_refused():
    with pytest.raises(
        LimitError, match=r"h, neuron 2: v_thresh: 65536.0 is outside -65536 .. 65535.99.*scale"
    ):
        encode(65536.0, "h, neuron 2: v_thresh")


@given(NUMBERS, NUMBERS)
def test_products_are_those_of_whole_numbers(x, y):
    floor = math.floor(x * y / ONE) if abs(x * y) < 1 << 50 else (x * y) // ONE
    assert (multiply(x, y) - floor) % (1 << 32) == 0
    assert LOWEST <= multiply(x, y) <= HIGHEST


@given(st.integers(-(1 << 40), 1 << 40))
def test_wrapping_keeps_what_32_bits_hold(x):
    word = x & 0xFFFFFFFF
    assert wrap(x) == (word - (1 << 32) if word >> 31 else word)
