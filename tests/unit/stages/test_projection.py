"""Projection and Readout: what each refuses."""

from __future__ import annotations

import numpy as np
import pytest

from snnc.errors import StageError
from snnc.stages import Projection, Readout, SynapseMatrix

SYNAPSES = SynapseMatrix([[1, 2]], [[0, 1]])


@pytest.mark.parametrize("exponent", [-1, 11, 1.5])
def test_the_exponent_of_weights_is_bounded(exponent):
    with pytest.raises(StageError, match=rf"a -> b: weight_exp is {exponent}, expected .*0\.\.10"):
        Projection("a", "b", SYNAPSES, exponent)


def test_an_exponent_is_a_number_of_pythons():
    assert [Projection("a", "b", SYNAPSES, each).weight_exp for each in (0, 10)] == [0, 10]
    assert type(Projection("a", "b", SYNAPSES, np.int64(3)).weight_exp) is int


def test_sizes_are_those_of_both_populations():
    projection = Projection("a", "b", SYNAPSES)
    projection.check_sizes(2, 1)
    with pytest.raises(StageError, match="a -> b: its synapses are for 2 neurons of a, which has 3; make"):
        projection.check_sizes(3, 1)
    with pytest.raises(StageError, match="a -> b: its synapses are for 1 neurons of b, which has 2; make"):
        projection.check_sizes(2, 2)


def test_projections_are_equal_by_what_they_hold():
    assert Projection("a", "b", SYNAPSES) == Projection("a", "b", SynapseMatrix([[1, 2]], [[0, 1]]))
    assert Projection("a", "b", SYNAPSES) != Projection("a", "b", SynapseMatrix([[1, 3]], [[0, 1]]))
    assert Projection("a", "b", SYNAPSES) != Projection("a", "b", SYNAPSES, 1)


@pytest.mark.parametrize("decoder", ["softmax", "sum", "max", "last"])
def test_a_decoder_of_v_has_a_scale(decoder):
    assert Readout("out", decoder, 0.5, ("a", "b")).scale == 0.5
    found = Readout("out", decoder, [0.5, 2], ["a", "b"])
    assert found.scale.tolist() == [0.5, 2.0]
    assert found.scale.dtype == np.float64
    assert not found.scale.flags.writeable
    assert found.class_names == ("a", "b")
    assert found == Readout("out", decoder, [0.5, 2], ("a", "b"))
    assert found != Readout("out", decoder, [0.5, 3], ("a", "b"))
    with pytest.raises(StageError, match=f"readout out: scale is missing, the decoder {decoder} needs it"):
        Readout("out", decoder, None, ("a",))


def test_the_least_scale_is_the_least_normal_number():
    assert Readout("out", "max", 2.0**-1022, ("a",)).scale == 2.0**-1022
    with pytest.raises(StageError, match="subnormal"):
        Readout("out", "max", np.nextafter(2.0**-1022, 0), ("a",))


def test_equal_scales_are_one():
    assert Readout("out", "sum", [2, 2], ("a", "b")) == Readout("out", "sum", 2, ("a", "b"))
    assert type(Readout("out", "sum", np.float64(2), ("a", "b")).scale) is float


@pytest.mark.parametrize("decoder", ["count", "first"])
def test_a_decoder_of_spikes_has_none(decoder):
    assert Readout("out", decoder, None, ("a", "b")).scale is None
    with pytest.raises(StageError, match=f"scale is given, but the decoder {decoder} has none; use None"):
        Readout("out", decoder, 1.0, ("a", "b"))


@pytest.mark.parametrize(
    ("decoder", "scale", "names", "words"),
    [
        ("mean", 1.0, "ab", "the decoder is 'mean', the contract has softmax, sum, max, last, count, first"),
        ("sum", 0.0, "ab", "scale is 0.0, expected finite and > 0; choose another"),
        ("sum", [1, -1], "ab", "scale is -1.0, expected finite"),
        ("sum", np.inf, "ab", "scale is inf, expected finite"),
        ("sum", np.nan, "ab", "scale is nan, expected finite"),
        (
            "softmax",
            [1, 2.0**-1023],
            "ab",
            r"scale is 1\.1125\d*e-308, subnormal in binary64, .* allows 2\.2250\d*e-308 and more; ch",
        ),
        ("last", 5e-324, "ab", "scale is 5e-324, subnormal in binary64"),
        (
            "sum",
            [1, 2, 3],
            "ab",
            r"scale has shape \(3,\), expected one number, or one for each of 2 classes",
        ),
        ("sum", 1.0, "aa", "two classes have the name 'a'; rename one"),
    ],
)
def test_readouts_that_are_refused(decoder, scale, names, words):
    with pytest.raises(StageError, match=words):
        Readout("out", decoder, scale, tuple(names))
