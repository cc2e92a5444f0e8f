"""The rounding bounds of clause 7 against exact fractions, in binary32 and binary64."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction
from functools import reduce

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snnc.decoding.decoder import Decoder
from snnc.errors import StageError
from snnc.stages import Readout

TYPES = pytest.mark.parametrize("dtype", [np.float32, np.float64])
UNIT = {np.float32: Fraction(1, 2**24), np.float64: Fraction(1, 2**53)}
OF = pytest.mark.parametrize("name", ["sum", "max", "last"])


def decoder(name: str, end: int, scale: object, classes: int = 1) -> Decoder:
    return Decoder(Readout("out", name, scale, tuple(map(str, range(classes)))), end, 0)


def exact(name: str, v: list[int], scale: float) -> Fraction:
    return Fraction(scale) * {"sum": sum, "max": max, "last": lambda each: each[-1]}[name](v)


def rounded(name: str, v: list[int], scale: float, dtype: type, order: str) -> Fraction:
    """As a decoder in `dtype` would: each product rounded, then a sum in this order."""
    products = [dtype(each) * dtype(scale) for each in v]
    if name == "max":
        return Fraction(float(max(products)))
    if name == "last":
        return Fraction(float(products[-1]))
    if order == "in pairs":
        while len(products) > 1:
            pairs = [a + b for a, b in zip(products[::2], products[1::2], strict=False)]
            products = pairs + products[len(products) & ~1 :]
        return Fraction(float(products[0]))
    products = {"forward": products, "backward": products[::-1], "by size": sorted(products, key=abs)}[order]
    return Fraction(float(reduce(lambda a, b: a + b, products)))


def bound(name: str, v: list[int], scale: float, dtype: type) -> Fraction:
    """The formula of the contract's table, of a decoder in `dtype`."""
    largest, length = max(map(abs, v)) * Fraction(scale), len(v)
    return UNIT[dtype] * largest * (length * (length + 2) if name == "sum" else 2)


SIZES = st.sampled_from([3, 1000, 2**21, 2**23 - 1])
V = SIZES.flatmap(lambda most: st.lists(st.integers(-most, most), min_size=1, max_size=40))


@OF
@TYPES
@settings(max_examples=150, deadline=None)
@given(
    v=V,
    scale=st.floats(2.0**-40, 2.0**20) | st.sampled_from([2.0**-126, 1 / 3, 0.1, 1 - 2.0**-53]),
    order=st.sampled_from(["forward", "backward", "in pairs", "by size"]),
)
def test_a_score_is_within_the_bound_of_the_exact_one(name, dtype, v, scale, order):
    true, found = exact(name, v, scale), rounded(name, v, scale, dtype, order)
    assert abs(found - true) <= bound(name, v, scale, dtype)
    of, record = decoder(name, len(v), scale), np.array(v)[None, :, None]
    ours = Fraction(float(of.scores(record)[0, 0]))
    near = Fraction(float(of.tolerance(record, dtype)[0]))
    assert abs(ours - true) <= bound(name, v, scale, np.float64)
    assert abs(found - ours) <= near
    # What is computed is the sum of both bounds, but for its own few roundings.
    both = bound(name, v, scale, dtype) + bound(name, v, scale, np.float64)
    assert abs(near - both) <= both * Fraction(1, 2**50)


@OF
@TYPES
def test_the_bound_is_a_factor_for_each_class(name, dtype):
    """X is the largest of all classes, and so far of the steps so far."""
    v, scale = [[[4, -1], [-8, 3], [1, 0]]], [0.5, 4.0]
    # |v * scale|: 2, 4; 4, 12; 0.5, 0. X: 4, 12, 12.
    found = decoder(name, 3, scale, 2).tolerance_so_far(v, dtype)
    unit = float(UNIT[dtype] + UNIT[np.float64])
    factors = [1 * 3, 2 * 4, 3 * 5] if name == "sum" else [2, 2, 2]
    expected = [unit * factor * largest for factor, largest in zip(factors, [4, 12, 12], strict=True)]
    np.testing.assert_allclose(found, [expected], rtol=1e-15)


@pytest.mark.parametrize(("classes", "scale"), [(2, 0.01), (3, [0.01, 0.02, 0.005])])
def test_the_bound_of_softmax_has_the_largest_product(classes, scale):
    """E u (12 X + N + E + 20), with E = 1, 2, 2 and X = 2, 4, 4 for both."""
    v = np.zeros((1, 3, classes), np.int32)
    v[0, :, 0], v[0, :, 1] = [200, 400, 900], [-100, 50, 800]
    found = decoder("softmax", 2, scale, classes).tolerance_so_far(v, np.float32)
    unit = 2.0**-24 + 2.0**-53
    expected = [unit * (24 + classes + 21), *[2 * unit * (48 + classes + 22)] * 2]
    np.testing.assert_allclose(found, [expected], rtol=1e-14)


@TYPES
def test_softmax_with_a_scale_for_each_class_is_within_its_bound(dtype):
    """The exact scores have 50 digits, from Python's decimal; X is 31 at most."""
    rng = np.random.default_rng(1)
    scale = np.array([2.0**-17 / 3, 2.0**-18, 2.0**-16 / 5, 2.0**-17 * 1.1])
    v = rng.integers(-(2**21), 2**21, (8, 9, 4)).astype(np.int32)
    of = decoder("softmax", 9, scale, 4)
    near, near_ours, ours = of.tolerance(v, dtype), of.tolerance(v), of.scores(v)
    for sample in range(8):
        true, found = [Decimal(0)] * 4, np.zeros(4, dtype)
        for step in v[sample]:
            with localcontext(prec=50):
                e = [
                    (Decimal(int(each)) * Decimal(float(by))).exp()
                    for each, by in zip(step, scale, strict=True)
                ]
                true = [each + power / sum(e) for each, power in zip(true, e, strict=True)]
            x = step.astype(dtype) * scale.astype(dtype)
            powers = np.exp(x - x.max())
            found += powers / powers.sum()
        assert all(
            abs(Decimal(float(a)) - b) <= near_ours[sample] / 2
            for a, b in zip(ours[sample], true, strict=True)
        )
        off = max(abs(Decimal(float(a)) - b) for a, b in zip(found, true, strict=True))
        assert off <= Decimal(float(near[sample] - near_ours[sample] / 2))
        assert off > Decimal(float(near[sample])) / 10_000


@pytest.mark.parametrize("name", ["max", "last"])
@TYPES
def test_one_product_comes_close_to_its_bound(name, dtype):
    """Of p bits. v = 2**22 + 889, the scale 1 + 2359 * 2**(1-p): the product is a number of p bits and beside
    it 889 * 2359 = 2**21 - 1 times 2**(1-p), just less than half of its last place, 2**(23-p). This is lost,
    nearly u of the product.

    In binary32 the scale has nearly half of its last place more, which is lost too, so 0.99 of the bound,
    2 u X, is reached. In binary64 the scale is exact: 0.49.
    """
    bits, v = (24 if dtype is np.float32 else 53), 2**22 + 889
    scale = 1 + 2359 * 2.0 ** (1 - bits) + (2.0**-24 * (1 - 2.0**-10) if dtype is np.float32 else 0)
    off = exact(name, [v], scale) - rounded(name, [v], scale, dtype, "")
    least = Fraction(99 if dtype is np.float32 else 49, 100)
    assert least < off / bound(name, [v], scale, dtype) <= 1


@TYPES
def test_a_sum_comes_within_a_factor_of_5_of_its_bound(dtype):
    """Of p bits: 255 times 1 + 2**(7-p) - 2**(1-p). From 128 on the last place of the sum is 2**(8-p), so
    each of 127 additions loses nearly 2**(7-p): about 127 * 128 u. The bound is 255 * 257 u, 4.03 times
    as much.
    """
    scale = 1 + (2.0**-17 - 2.0**-23 if dtype is np.float32 else 2.0**-46 - 2.0**-52)
    v = [1] * 255
    off = exact("sum", v, scale) - rounded("sum", v, scale, dtype, "forward")
    assert Fraction(1, 5) < off / bound("sum", v, scale, dtype) <= 1


@pytest.mark.parametrize("name", ["softmax", "sum", "max", "last"])
def test_a_scale_subnormal_in_the_type_has_no_bound(name):
    least = 2.0**-126
    record = [[[1, 2]]]
    assert decoder(name, 1, least, 2).tolerance(record, np.float32)[0] > 0
    below = decoder(name, 1, [1.0, np.nextafter(least, 0)], 2)
    assert below.tolerance(record)[0] > 0
    for method in (below.tolerance, below.tolerance_so_far):
        with pytest.raises(
            StageError, match=r"readout out: scale is 1\.17.*e-38, subnormal in float32, .* 1\.17"
        ):
            method(record, np.float32)


def test_a_sum_of_too_many_steps_has_no_bound():
    """While E u <= 1/2: 2 ** 23 steps in binary32."""
    for name, end, dtype in (
        ("sum", 2**23, np.float32),
        ("max", 2**23 + 1, np.float32),
        ("sum", 2**24, float),
    ):
        assert decoder(name, end, 1.0).tolerance(np.zeros((0, end, 1)), dtype).shape == (0,)
    words = r"readout out: sums 8388609 steps, the bound .* float32 is for 8388608 at most; choose fewer"
    with pytest.raises(StageError, match=words):
        decoder("sum", 2**23 + 1, 1.0).tolerance(np.zeros((0, 2**23 + 1, 1)), np.float32)
