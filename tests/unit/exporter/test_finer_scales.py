"""Grids of graphs that cut the largest weights off: by hand, by all that may be tried, and their check."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from float_nets import any_nets, dense, graph, lif
from hypothesis import given, settings
from hypothesis import strategies as st

from snnc.errors import LimitError, PassError
from snnc.exporter.options import GRAPH_SCALES, ExportOptions
from snnc.exporter.passes import QuantiseGraph
from snnc.exporter.passes.base import Plan
from snnc.stages import FloatConvolution, FloatGraph, FloatPopulation, QuantizedGraph
from snnc.targets.registry import load_target


def planned(net: FloatGraph, bits: int, per_neuron: bool, **options: Any) -> QuantiseGraph:
    """As an export to a processor plans it, or to a chip."""
    target = load_target("c" if per_neuron else "loihi")
    plan = Plan(net, ExportOptions(**options), (bits,) * len(net.stateful), target)
    return QuantiseGraph.planned(net, plan, lambda made: made)


def made(net: FloatGraph, bits: int = 8, per_neuron: bool = True, **options: Any) -> QuantizedGraph:
    """What the pass makes, and its check accepts."""
    done = planned(net, bits, per_neuron, **options)
    after = done.run(net)
    done.check(net, after)
    return after


def weights(after: QuantizedGraph) -> list[Any]:
    found: list[Any] = after.projections[0].synapses.weight.tolist()  # type: ignore[attr-defined]
    return found


def test_a_percentile_of_each_neuron_is_held_and_the_rest_cut_off() -> None:
    """3 of 4: up to 3, and 127 / 3 is 42 steps to 1; of the other neuron up to 0.6, and 127 / 0.6 is 211."""
    net = graph(lif(2), dense([1.0, -2.0, 3.0, -30.01], [0.2, 0.4, 0.6, 0.801]))
    after = made(net, scale="percentile", percentile=75.0)
    assert after.population("a").threshold.tolist() == [42, 211]  # type: ignore[union-attr]
    assert weights(after) == [[42, -84, 126, -127], [42, 84, 127, 127]]
    assert made(net, scale="percentile", percentile=100.0) == made(net)
    assert made(net, scale="max") == made(net)


def test_a_chip_holds_a_percentile_of_the_weights_of_a_population_relative_to_thresholds() -> None:
    """Thresholds of 1 and 10, one in integers: 3 of 4 are 0.2, 0.3 and 0.5 of it, and 127 / 0.5 is 254."""
    net = graph(lif(2, threshold=[1.0, 10.0]), dense([0.5, 4.0], [2.0, 3.0]))
    after = made(net, per_neuron=False, scale="percentile", percentile=75.0)
    assert after.population("a").threshold.tolist() == [254, 254]  # type: ignore[union-attr]
    assert weights(after) == [[127, 127], [51, 76]]  # 50.8 and 76.2


def test_a_kernel_has_one_percentile_for_each_channel() -> None:
    kernel = np.array([[[[1.0, 2.0, 8.0]]], [[[3.0, 3.0, 3.0]]]])
    net = graph(lif(4), FloatConvolution(kernel, 0, (1, 1, 4)))
    after = made(net, scale="percentile", percentile=66.0)
    assert after.projections[0].synapses.kernel.tolist() == [[[[63, 126, 127]]], [[[126, 126, 126]]]]  # type: ignore[attr-defined]


def errors(net: FloatGraph, after: QuantizedGraph) -> npt.NDArray[np.float64]:
    """Of a readout, the squared error of the weights of each class; its scale is 1 / 64 / that of weights."""
    real, whole = net.projections[0].synapses.weights, after.projections[0].synapses
    steps = 1 / 64 / np.broadcast_to(np.asarray(after.readouts[0].scale) / 2.0, len(real))
    found: npt.NDArray[np.float64] = np.square(real - whole.weight / steps[:, None]).sum(axis=1)  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize("bits", [2, 3, 4, 8])
def test_the_least_squared_error_is_that_of_no_other_scale(bits: int) -> None:
    """Of 64, from that which holds all weights to one eight times as fine."""
    rng = np.random.default_rng(bits)
    real, most = rng.standard_t(3, (3, 40)), 2 ** (bits - 1) - 1
    net = graph(FloatPopulation("a", "li", 3, keep_u=0, keep_v=0.5), dense(*real.tolist()))
    found = errors(net, made(net, bits, scale="mse"))
    for row, error in zip(real, found, strict=True):
        scales = most / np.abs(row).max() * 8 ** (np.arange(64) / 63)
        steps = np.clip(np.rint(row[:, None] * scales), -most, most)
        assert error == pytest.approx(np.square(row[:, None] - steps / scales).sum(axis=0).min())
    assert (found <= errors(net, made(net, bits))).all()


@pytest.mark.parametrize("per_neuron", [True, False])
@pytest.mark.filterwarnings("error")
def test_no_more_bits_are_asked_for_a_threshold_of_0(per_neuron: bool) -> None:
    net = graph(lif(2, threshold=np.array([1.0, 0.0])), dense([1.0], [1.0]))
    for scale in ("max", "mse"):
        with pytest.raises(
            LimitError, match=r"^a, neuron 1: its threshold is 0, .*; train with a threshold above 0$"
        ):
            made(net, per_neuron=per_neuron, scale=scale)


def test_a_threshold_that_large_weights_would_make_vanish_is_kept_where_they_are_cut_off() -> None:
    net = graph(lif(1), dense([*[1.0] * 50, 200.0]))
    with pytest.raises(LimitError, match=r"would become 0; use more weight bits, or --scale mse, which cuts"):
        made(net)
    beyond = graph(lif(1), dense([2000.0]))  # 8 times as fine, 0.5 steps
    with pytest.raises(LimitError, match="use more weight bits, or train with smaller weights"):
        made(beyond)
    after = made(net, scale="percentile", percentile=98.0)
    assert weights(after) == [[127] * 51]
    assert made(net, scale="mse").population("a").threshold.tolist() == [1]  # type: ignore[union-attr]


@given(
    any_nets(),
    st.integers(2, 8),
    st.booleans(),
    st.sampled_from(GRAPH_SCALES),
    st.sampled_from([50.0, 90.0, 99.9]),
)
@settings(max_examples=12)
def test_the_check_agrees_with_the_pass(
    net: FloatGraph, bits: int, per_neuron: bool, scale: str, percent: float
) -> None:
    told = {"percentile": percent} if scale == "percentile" else {}
    done = planned(net, bits, per_neuron, scale=scale, **told)
    try:
        after = done.run(net)
    except LimitError:
        return
    done.check(net, after)
    clipped = done.summary(net, after).get("weights_clipped", 0)
    assert clipped == 0 or scale != "max"


@pytest.mark.parametrize("scale", GRAPH_SCALES)
def test_the_check_finds_other_scales_than_those_of_the_rule(scale: str) -> None:
    rng = np.random.default_rng(1)
    real = dense(*rng.standard_t(3, (2, 60)).tolist())
    net = graph(FloatPopulation("a", "li", 2, keep_u=0, keep_v=0.5), real)
    told = {"percentile": 90.0} if scale == "percentile" else {}
    done = planned(net, 4, True, scale=scale, **told)
    done.check(net, done.run(net))
    for factor in (1.001, 8 ** (1 / 63), 8 ** (-1 / 63), 3.0):
        wrong = replace(done, finer={"a": done.finer["a"] * np.array([1.0, factor])})
        with pytest.raises(PassError, match=r"a, neuron 1: .* is not"):
            wrong.check(net, wrong.run(net))
    with pytest.raises(PassError):
        done.check(net, replace(done, finer={"a": done.finer["a"] * 1.5}).run(net))
