"""What lies between neurons in a NIR file: convolutions, pools, factors and delays as one projection."""

from __future__ import annotations

import nir
import numpy as np
import pytest
from nir_graphs import (
    DT,
    check_against_the_equations,
    conv,
    graph_of,
    lif,
    linear,
    pool,
    random_linear,
    read,
    row,
)

from snnc.errors import InputError
from snnc.stages import FloatConvolution, FloatList, FloatMatrix

LINEAR_PARTS = {
    "conv": lambda rng: [conv(rng.normal(0, 1, (3, 2, 3, 2)), bias=rng.normal(0, 0.2, 3))],
    "stride and padding": lambda rng: [conv(rng.normal(0, 1, (3, 2, 2, 3)), (2, 1), (1, 2))],
    "dilation": lambda rng: [conv(rng.normal(0, 1, (1, 2, 2, 3)), (1, 2), (1, 2), (3, 2))],
    "groups": lambda rng: [conv(rng.normal(0, 1, (4, 1, 3, 3)), groups=2)],
    "same, odd": lambda rng: [conv(rng.normal(0, 1, (2, 2, 3, 3)), padding="same")],
    "same, even and dilated": lambda rng: [
        conv(rng.normal(0, 1, (2, 2, 2, 4)), padding="same", dilation=(1, 2))
    ],
    "valid": lambda rng: [conv(rng.normal(0, 1, (2, 2, 2, 2)), padding="valid")],
    "sum pool": lambda rng: [pool(nir.SumPool2d, (2, 2), (2, 2))],
    "average pool with padding": lambda rng: [pool(nir.AvgPool2d, (3, 2), (1, 2), (1, 1))],
    "pool and padded conv": lambda rng: [
        pool(nir.SumPool2d, (2, 2), (2, 2)),
        conv(rng.normal(0, 1, (2, 2, 3, 3)), padding=(1, 1), bias=0.3),
    ],
    "conv and grouped conv": lambda rng: [
        conv(rng.normal(0, 1, (4, 2, 2, 2)), (1, 2), bias=rng.normal(0, 1, 4)),
        conv(rng.normal(0, 1, (2, 2, 2, 1)), (2, 1), groups=2),
    ],
    "padded conv and padded conv": lambda rng: [
        conv(rng.normal(0, 1, (2, 2, 3, 3)), padding=(1, 1), bias=0.2),
        conv(rng.normal(0, 1, (2, 2, 3, 3)), padding=(1, 1)),
    ],
    "a factor for each line": lambda rng: [
        nir.Scale(rng.normal(1, 0.5, (2, 6, 4))),
        conv(rng.normal(0, 1, (2, 2, 3, 3))),
        nir.Scale(rng.normal(1, 0.5, (2, 4, 2))),
    ],
    "a factor for each channel": lambda rng: [
        nir.Scale(np.array([0.5, 2.0])[:, None, None] * np.ones((2, 6, 4))),
        conv(rng.normal(0, 1, (2, 1, 3, 3)), groups=2),
        nir.Scale(np.array([3.0, 0.25])[:, None, None] * np.ones((2, 4, 2))),
    ],
    "delays of lines before and behind": lambda rng: [
        nir.Delay(rng.integers(0, 4, (2, 6, 4)) * DT),
        conv(rng.normal(0, 1, (2, 2, 3, 3))),
        nir.Delay(rng.integers(0, 4, (2, 4, 2)) * DT),
    ],
    "delays of channels": lambda rng: [
        conv(rng.normal(0, 1, (2, 2, 3, 3))),
        nir.Delay(np.array([3.0, 1.0])[:, None, None] * DT * np.ones((2, 4, 2))),
    ],
    "conv, flatten and weights": lambda rng: [
        conv(rng.normal(0, 1, (2, 2, 3, 3)), bias=0.2),
        nir.Flatten({"input": np.array([2, 4, 2])}, 0, -1),
        nir.Affine(rng.normal(0, 1, (3, 16)), rng.normal(0, 0.3, 3)),
    ],
    "weights, delays and weights": lambda rng: [
        nir.Flatten({"input": np.array([2, 6, 4])}, 0, -1),
        random_linear(rng, 5, 48),
        nir.Delay(rng.integers(0, 4, 5) * DT),
        nir.Affine(rng.normal(0, 1, (3, 5)), rng.normal(0, 0.3, 3)),
    ],
}


ONE_KERNEL = (
    *("conv", "stride and padding", "dilation", "groups", "same, odd", "same, even and dilated", "valid"),
    *("sum pool", "average pool with padding", "pool and padded conv", "conv and grouped conv"),
    *("a factor for each channel", "delays of channels"),
)


OUT = {
    "conv": (3, 4, 3),
    "stride and padding": (3, 4, 6),
    "dilation": (1, 5, 2),
    "groups": (4, 4, 2),
    "same, odd": (2, 6, 4),
    "same, even and dilated": (2, 6, 4),
    "valid": (2, 5, 3),
    "sum pool": (2, 3, 2),
    "average pool with padding": (2, 6, 3),
    "pool and padded conv": (2, 3, 2),
    "conv and grouped conv": (2, 2, 2),
    "padded conv and padded conv": (2, 6, 4),
    "conv, flatten and weights": (3,),
    "weights, delays and weights": (3,),
}


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("part", LINEAR_PARTS)
def test_what_lies_between_neurons_is_what_the_nodes_compute(part):
    rng = np.random.default_rng(sum(map(ord, part)))
    nodes = LINEAR_PARTS[part](rng)
    shape = OUT.get(part, (2, 4, 2))
    graph = row(*nodes, lif(*shape, tau=0.002), inputs=(2, 6, 4))
    order = list(map(str, range(len(nodes) + 1)))
    ours, want, _ = check_against_the_equations(graph, order, rng)
    assert np.abs(want[order[-1]]).max() > 0.1
    (projection,) = ours.projections
    assert isinstance(projection.synapses, FloatConvolution) == (part in ONE_KERNEL)


def test_conv1d_is_a_convolution_with_one_row():
    rng = np.random.default_rng(3)
    one = nir.Conv1d(
        7, rng.normal(0, 1, (4, 1, 3)), np.array([2]), np.array([1]), np.array([1]), 2, np.ones(4) / 5
    )
    graph = row(one, lif(4, 4, tau=0.002), inputs=(2, 7))
    ours, *_, spikes = check_against_the_equations(graph, ["0", "1"], rng)
    assert spikes
    assert ours.projections[0].synapses.grid_out == (4, 1, 4)


def test_another_shape_than_the_node_says_is_refused():
    one = conv(np.ones((1, 1, 2, 2)))
    one.input_shape = np.array([5, 4])
    with pytest.raises(InputError, match=r"'0': says that it reads \[5, 4\], but \[4, 5\] arrive"):
        read(row(one, lif(1, 3, 4), inputs=(1, 4, 5)))


def test_a_pool_before_a_convolution_is_one_kernel():
    """By hand: sums of 2, then 3 * left + 5 * right, one row: 3 3 5 5 with a stride of 2."""
    nodes = pool(nir.SumPool2d, (1, 2), (1, 2)), conv([[[[3.0, 5.0]]]]), lif(1, 1, 2)
    (projection,) = graph_of(row(*nodes, inputs=(1, 1, 6))).projections
    assert projection.synapses.weights.tolist() == [[[[3, 3, 5, 5]]]]
    assert (projection.synapses.stride, projection.synapses.padding) == ((1, 2), (0, 0))


def test_a_leading_batch_of_one_is_no_dimension():
    nodes = conv(np.ones((1, 1, 2, 2))), lif(1, 1, 2, 2), nir.Flatten({"input": np.zeros(4)}, 1, -1)
    graph = graph_of(row(*nodes, linear([1.0, 2, 3, 4]), lif(1, 1), inputs=(1, 1, 3, 3)))
    assert [each.neurons for each in graph.populations] == [9, 4, 1]


def test_few_synapses_are_kept_as_a_list():
    dense, sparse = np.ones((4, 4)), np.eye(4)
    graph = graph_of(row(nir.Linear(dense), lif(4), nir.Linear(sparse), lif(4, tau=0.002), inputs=(4,)))
    assert [type(each.synapses) for each in graph.projections] == [FloatMatrix, FloatMatrix]
    sparse = np.eye(8)
    (projection,) = graph_of(row(nir.Linear(sparse), lif(8), inputs=(8,))).projections
    assert isinstance(projection.synapses, FloatList)
    assert projection.synapses.count == 8


def test_several_delays_of_one_pair_are_several_synapses():
    lines = linear([1.0], [2.0]), nir.Delay(np.array([0.0, 3 * DT])), linear([5.0, 7.0])
    (projection,) = graph_of(row(*lines, lif(1))).projections
    found = projection.synapses.as_list()
    assert list(zip(found.weight.tolist(), found.delay.tolist(), strict=True)) == [(5, 0), (14, 3)]
