"""The exporter's passes, against numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from snnc.errors import LimitError, StageError
from snnc.exporter.passes.discretise import Discretise, fold_batch_norm, round_delays
from snnc.exporter.passes.quantise import quantise
from snnc.stages import BatchNorm, DiscreteLayer, DiscreteModel, TrainedLayer, TrainedModel


def trained(weight, position, kernel_size=5, threshold=1.0, norm=None, name="hidden1", tau=2.0):
    return TrainedLayer(
        name=name,
        weight=np.array(weight, np.float32),
        position=np.array(position, np.float32),
        kernel_size=kernel_size,
        sigma=0.23,
        tau=tau,
        threshold=threshold,
        batch_norm=norm,
    )


def discrete(weight, bias=0.0, threshold=1.0, name="hidden1", tau=2.0, delay=0):
    weight = np.array(weight, float)
    shape = weight.shape
    return DiscreteLayer(name, weight, np.full(shape, delay), np.full(shape[0], bias), tau, threshold)


def model_of(*layers):
    return DiscreteModel(layers, 10, 0.01, tuple("ab"[: len(layers[-1].weight)]))


def test_fold_batch_norm_by_hand():
    # gain = gamma / sqrt(var + eps) = 3 / sqrt(3.75 + 0.25) = 1.5; bias = beta - mean * gain = 1 - 2 * 1.5
    norm = BatchNorm([3.0], [1.0], [2.0], [3.75], 0.25)
    weight, bias = fold_batch_norm(trained([[2.0, -4.0]], [[0, 0]], norm=norm))
    assert weight.tolist() == [[3.0, -6.0]]
    assert bias.tolist() == [-2.0]


def test_without_batch_norm_nothing_changes():
    weight, bias = fold_batch_norm(trained([[2.0, -4.0]], [[0, 0]]))
    assert weight.tolist() == [[2.0, -4.0]]
    assert bias.tolist() == [0.0]


@pytest.mark.parametrize(
    ("kernel_size", "position", "delay"),
    [
        (5, 0.0, 2),  # the centre tap, 2 of 0..4
        (5, 2.0, 0),  # P at the right end: no delay
        (5, -2.0, 4),
        (5, 7.0, 0),  # clamped to +2, as in training
        (5, -7.0, 4),
        (5, 0.5, 2),  # P is rounded half to even: 0
        (5, 1.5, 0),  # to 2
        (5, -0.5, 2),
        (31, 0.5, 15),  # T_d // 2 = 15 is odd: rounding the *delay* 14.5 to even would give 14
        (31, 1.5, 13),
        (1, 0.0, 0),
    ],
)
def test_round_delays_by_hand(kernel_size, position, delay):
    assert round_delays(trained([[1.0]], [[position]], kernel_size)).tolist() == [[delay]]


def test_quantise_by_hand():
    # Threshold 1, largest weight 0.5: 127 / 0.5 = 254, so vth = 254 and the scale is 254 exactly.
    hidden = discrete([[0.5, -0.25, 0.001]], bias=0.125, tau=2.0)
    # Readout: scale 127 / 2 = 63.5.
    readout = discrete([[2.0], [-0.99]], bias=-1.0, threshold=None, name="readout", tau=10.0)
    graph = quantise(model_of(hidden, readout))
    first, last = graph.layers
    # -0.25 * 254 = -63.5, half to even: -64; 0.001 * 254 = 0.254: no synapse
    assert first.weight.tolist() == [[127, -64, 0]]
    assert first.threshold == 254
    assert first.bias.tolist() == [0.125 * 254 * 64]  # 2032
    assert first.bias_exp == 0
    assert (first.decay_u, first.decay_v) == (4096, 2048)
    assert last.weight.tolist() == [[127], [-63]]  # -62.865
    assert last.bias.tolist() == [-4064, -4064]
    assert last.threshold is None
    assert last.decay_v == 410  # 409.6
    assert graph.readout_scale == pytest.approx(1 / (63.5 * 64))


def test_a_large_bias_takes_a_larger_exponent():
    # 10 * 254 * 64 = 162560: 4095 << 5 = 131040 is too little, << 6 gives 2540 exactly.
    graph = quantise(
        model_of(discrete([[0.5]], bias=10.0), discrete([[1.0], [1.0]], threshold=None, name="readout"))
    )
    assert graph.layers[0].bias_exp == 6
    assert graph.layers[0].bias.tolist() == [162560]


def test_a_bias_beyond_the_format_is_refused():
    with pytest.raises(
        LimitError, match=r"hidden1, neuron 0: bias 100 becomes 1625600, the format holds 524160"
    ):
        quantise(
            model_of(
                discrete([[0.5, 0.0371]], bias=100.0),  # on no grid, on which the scale could be less
                discrete([[1.0], [1.0]], threshold=None, name="r"),
            )
        )


def test_a_layer_of_zeros_is_refused():
    with pytest.raises(LimitError, match="hidden1: every weight is 0"):
        quantise(model_of(discrete([[0.0]]), discrete([[1.0], [1.0]], threshold=None, name="r")))


def test_weights_far_above_the_threshold_are_refused():
    with pytest.raises(
        LimitError, match="hidden1: the largest weight, 200, is more than 127 times the threshold 1"
    ):
        quantise(model_of(discrete([[200.0]]), discrete([[1.0], [1.0]], threshold=None, name="r")))


@pytest.mark.parametrize("bits", [2, 4, 8])
def test_weights_fill_but_never_leave_their_format(bits):
    weight = 0.2 * np.random.default_rng(0).normal(size=(20, 30))
    graph = quantise(model_of(discrete(weight), discrete(np.ones((2, 20)), threshold=None, name="r")), bits)
    top = 2 ** (bits - 1) - 1
    for layer in graph.layers:
        assert top / 2 <= np.abs(layer.weight).max() <= top


def test_discretise_joins_the_two_passes():
    norm = BatchNorm([2.0], [1.0], [0.0], [1.0], 1e-12)
    model = TrainedModel(
        layers=(
            trained([[0.5, 1.0]], [[0.4, -1.6]], norm=norm),
            trained([[1.0], [2.0]], [[2], [1]], threshold=None, name="readout", tau=4.0),
        ),
        time_steps=9,
        bin_s=0.01,
        unit_pool=1,
        class_names=("a", "b"),
        dataset="digits",
    )
    first, last = Discretise().run(model).layers
    assert first.delay.tolist() == [[2, 4]]
    np.testing.assert_allclose(first.weight, [[1.0, 2.0]])
    assert first.bias.tolist() == [1.0]
    assert (last.delay.tolist(), last.threshold, last.tau) == ([[0], [1]], None, 4.0)


def test_stages_are_read_only_and_copied():
    weight = np.array([[0.5]])
    layer = discrete(weight)
    weight[0, 0] = 9
    assert layer.weight[0, 0] == 0.5
    with pytest.raises(ValueError, match="read-only"):
        layer.weight[0, 0] = 1


def test_nan_never_enters_a_stage():
    with pytest.raises(StageError, match="weight: holds NaN or infinity"):
        discrete([[float("nan")]])
