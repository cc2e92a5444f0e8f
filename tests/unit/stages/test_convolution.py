"""Convolution: its synapses are those of torch's conv2d, and it counts them without making them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from snnc.errors import StageError
from snnc.stages import Convolution


@st.composite
def convolutions(draw: st.DrawFn) -> Convolution:
    """Of 1-2 groups, with strides, padding beyond the kernel, and elements that never meet the grid."""
    groups, each, out = (draw(st.integers(1, 2)) for _ in range(3))
    size = [draw(st.integers(1, 4)) for _ in range(2)]
    padding = [draw(st.integers(0, 3)) for _ in range(2)]
    grid = [draw(st.integers(max(1, k - 2 * p), 6)) for k, p in zip(size, padding, strict=True)]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = (out * groups, each, *size)
    kernel = rng.integers(-5, 6, shape) * (rng.random(shape) < draw(st.sampled_from([0.2, 1.0])))
    delay = draw(st.just(2)) if draw(st.booleans()) else rng.integers(0, 4, shape)
    stride = [draw(st.integers(1, 3)) for _ in range(2)]
    return Convolution(kernel, delay, (each * groups, *grid), stride, padding, groups)


def torch_matrix(convolution: Convolution, kernel: np.ndarray) -> np.ndarray:
    """[post, pre]: what torch makes of each source neuron alone."""
    one = np.eye(convolution.pre_neurons).reshape(-1, *convolution.grid)
    found = torch.nn.functional.conv2d(
        torch.tensor(one),
        torch.tensor(kernel, dtype=torch.float64),
        stride=convolution.stride,
        padding=convolution.padding,
        groups=convolution.groups,
    )
    assert found.shape[1:] == convolution.grid_out
    return found.reshape(len(one), -1).numpy().T


@given(convolutions())
def test_its_synapses_are_those_of_conv2d(convolution):
    found = convolution.as_list()
    for values, kernel in ((found.weight, convolution.kernel), (found.delay, convolution.delay)):
        dense = np.zeros((convolution.post_neurons, convolution.pre_neurons))
        dense[found.post, found.pre] = values
        np.testing.assert_array_equal(dense, torch_matrix(convolution, kernel))
    present = torch_matrix(convolution, convolution.kernel != 0)
    assert found.count == np.count_nonzero(present)


@given(convolutions())
def test_it_tells_of_itself_what_its_list_tells(convolution):
    found = convolution.as_list()
    for what in ("count", "max_delay", "has_delay_0", "pre_neurons", "post_neurons"):
        assert getattr(convolution, what) == getattr(found, what), what
    assert convolution.sums().dtype == np.int64
    assert convolution.sums().tolist() == found.sums().tolist()


def test_by_hand():
    """Two rows of three, a kernel of one row that is not flipped, the padding left and right."""
    found = Convolution([[[[1, 2, 3]]]], [[[[4, 5, 6]]]], (1, 2, 3), padding=(0, 1)).as_list()
    rows = [(0, 0, 2, 5), (0, 1, 1, 4), (1, 0, 3, 6), (1, 1, 2, 5), (1, 2, 1, 4), (2, 1, 3, 6), (2, 2, 2, 5)]
    rows += [(pre + 3, post + 3, weight, delay) for pre, post, weight, delay in rows]
    columns = (getattr(found, name).tolist() for name in ("pre", "post", "weight", "delay"))
    assert list(zip(*columns, strict=True)) == rows


def test_one_delay_stands_for_equal_ones_and_a_weight_0_has_none():
    found = Convolution([[[[1, 0]]]], 7, (1, 1, 3))
    assert found.delay.tolist() == [[[[7, 0]]]]
    assert found == Convolution([[[[1, 0]]]], [[[[7, 9]]]], (1, 1, 3))
    assert found != replace(found, padding=(0, 1))
    assert found != replace(found, delay=6)


KERNEL = np.ones((4, 2, 3, 3), np.int32)


@pytest.mark.parametrize(
    ("others", "words"),
    [
        ({"kernel": KERNEL[0]}, r"kernel has shape \(2, 3, 3\), expected \[O, I, kh, kw\], none zero"),
        ({"kernel": KERNEL[:0]}, r"kernel has shape \(0, 2, 3, 3\)"),
        ({"delay": [1, 2]}, r"delay: shape \(2,\), expected \(4, 2, 3, 3\)"),
        ({"delay": -1}, "a delay is -1 steps, expected >= 0"),
        ({"grid": (2, 5)}, r"grid is \(2, 5\), expected 3 numbers"),
        ({"grid": (2, 0, 5)}, r"grid is 0, expected 1\.\."),
        ({"stride": (0, 1)}, r"stride is 0, expected 1\.\."),
        ({"padding": (0, -1)}, r"padding is -1, expected 0\.\."),
        ({"groups": 0}, r"groups is 0, expected 1\.\."),
        ({"grid": (3, 5, 5)}, "source has 3 channels, the kernel reads 2 in each of 1 groups, expected 2"),
        ({"grid": (6, 5, 5), "groups": 3}, "4 channels of the kernel are no multiple of 3 groups; correct"),
        (
            {"grid": (2, 2, 5)},
            r"a kernel of \(3, 3\) does not fit the grid \(2, 5\) with the padding \(0, 0\)",
        ),
        ({"grid": (2, 2**11, 2**11)}, "its source has 8388608 neurons, the limit is 4194304; use a smaller"),
        ({"padding": (2**11, 2**11)}, "its destination has .* neurons, the limit is 4194304"),
    ],
)
def test_what_is_refused(others, words):
    with pytest.raises(StageError, match=words):
        Convolution(**{"kernel": KERNEL, "delay": 0, "grid": (2, 5, 5), **others})


def test_a_large_one_is_counted_and_refused_without_being_made():
    kernel = np.ones((16, 16, 3, 3), np.int32)
    large = Convolution(kernel, 1, (16, 256, 256), padding=(1, 1))
    assert large.count == 16 * 16 * (3 * 256 - 2) ** 2
    assert int(large.sums().max()) == 16 * 9
    with pytest.raises(StageError, match="stands for 600838144 synapses, the limit is 268435456; use"):
        Convolution(np.ones((32, 32, 3, 3), np.int32), 1, (32, 256, 256), padding=(1, 1))
    with pytest.raises(StageError, match="synapses, the limit is 268435456"):
        Convolution(np.ones((1, 1, 1 << 12, 1), np.int32), 1, (1, 1 << 21, 1))
