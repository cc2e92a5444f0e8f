"""Weights that lie on a grid: by hand, and on random grids against a simulation in float64 of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from float_nets import dense, graph, lif
from hypothesis import given, settings
from hypothesis import strategies as st

from snnc.errors import PassError
from snnc.exporter.choose_scales import choose_grids
from snnc.exporter.finer_scales import finer_scales
from snnc.exporter.passes import QuantiseGraph
from snnc.exporter.passes.quantise import Quantise, ScaleChoice
from snnc.hwsim.oracle import run_graph
from snnc.quantisation import PERCENTILE, Grid
from snnc.stages import DiscreteLayer, DiscreteModel, FloatConvolution, FloatGraph, QuantizedGraph

BITS = st.integers(2, 8)


def made(net: FloatGraph, bits: int = 8, per_neuron: bool = True, scale: str = "max") -> QuantizedGraph:
    """What the pass makes, and its check accepts."""
    finer = finer_scales(net, bits, per_neuron, scale, PERCENTILE)
    quantise = QuantiseGraph(bits, per_neuron, 1, scale, PERCENTILE, finer)
    after = quantise.run(net)
    quantise.check(net, after)
    return after


def weights(after: QuantizedGraph) -> list[Any]:
    found: list[Any] = after.projections[0].synapses.weight.tolist()  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize("per_neuron", [True, False])
def test_quarters_stay_quarters(per_neuron: bool) -> None:
    """5 quarters are the most: 127 holds 25 steps to a quarter, so a threshold of 1 is 100 steps.

    In 4 bits, 7 holds one step to a quarter; and in 3 bits, 3 holds none, and each weight is rounded.
    """
    net = graph(lif(1, threshold=1.0), dense([1.25, -1.0, 0.25, 0.5]))
    fine = made(net, 8, per_neuron)
    assert weights(fine) == [[125, -100, 25, 50]]
    assert fine.population("a").threshold.tolist() == [100]  # type: ignore[union-attr]
    coarse = made(net, 4, per_neuron)
    assert weights(coarse) == [[5, -4, 1, 2]]
    assert coarse.population("a").threshold.tolist() == [4]  # type: ignore[union-attr]
    assert weights(made(net, 3, per_neuron)) == [[2, -2, 0, 1]]  # 2 steps to 1: 2.5, -2, 0.5, 1
    assert made(net, 4, per_neuron, scale="mse") == coarse


def test_a_threshold_or_a_reset_beside_the_grid_leaves_the_rule_as_it_was() -> None:
    """127 / 1.25 is 101.6 steps to 1, of which a threshold of 1.1 takes 111: 111 / 1.1 is 100.9 to 1."""
    net = graph(lif(1, threshold=1.1, reset="subtract", reset_by=1.0013), dense([1.25, -1.0]))
    found = made(net)
    assert found.population("a").threshold.tolist() == [111]  # type: ignore[union-attr]
    assert weights(found) == [[126, -101]]


def test_a_scale_that_keeps_biases_whole_goes_before_a_finer_one() -> None:
    """7 quarters: 18 steps to a quarter fit. A bias of 0.1 is 25.6 parts of a quarter: 5, 10, 15."""
    net = graph(lif(1, bias=0.1), dense([1.75, 0.25]))
    found = made(net)
    assert weights(found) == [[105, 15]]
    assert found.population("a").bias.tolist() == [384]  # 0.1 of 60 steps, 64 parts to one
    rounded = made(graph(lif(1, bias=0.1234567), dense([1.75, 0.25])))
    assert weights(rounded) == [[126, 18]]


def test_a_chip_keeps_one_threshold_where_real_ones_differ() -> None:
    """Thresholds 1 and 2 become one: weights are 1/2, 1 and 1/4, 3/4 of them, 4 steps to 1 of these."""
    net = graph(lif(2, threshold=[1.0, 2.0]), dense([0.5, 1.0], [0.5, 1.5]))
    found = made(net, per_neuron=False)
    assert found.population("a").threshold.tolist() == [124, 124]  # type: ignore[union-attr]
    assert weights(found) == [[62, 124], [31, 93]]


def test_a_kernel_has_a_grid_for_each_channel() -> None:
    """Thirds and fifths: 42 steps to a third, 25 to a fifth; as float32, which has neither."""
    third, fifth = float(np.float32(1 / 3)), float(np.float32(1 / 5))
    kernel = np.array([[[[3 * third, -third]]], [[[5 * fifth, 2 * fifth]]]])
    net = graph(lif(6), FloatConvolution(kernel, 0, (1, 1, 4)))
    found = made(net).projections[0].synapses.kernel.tolist()  # type: ignore[attr-defined]
    assert found == [[[[126, -42]]], [[[125, 50]]]]


def test_the_record_says_which_grid() -> None:
    def said(net: FloatGraph) -> object:
        quantise = QuantiseGraph(8, True)
        return quantise.summary(net, quantise.run(net)).get("grid of a")

    quarters = dense([1.25, -1.0, 0.25, 0.5])
    assert said(graph(lif(1), quarters)) == "weights lie on a grid of 0.25: exact"
    rounded = graph(lif(1, bias=0.1234567), quarters)
    assert said(rounded) == "weights lie on a grid of 0.25: exact, only biases are rounded"
    assert said(graph(lif(1), dense([1.25, -1.0, 0.2503]))) is None
    assert said(graph(lif(2), dense([0.5, 0.5], [0.3, 0.1]))) == "weights lie on a grid of 0.1: exact"


def test_the_check_refuses_a_rounded_weight_on_a_grid_and_a_wrong_claim() -> None:
    net = graph(lif(1), dense([1.25, -1.0, 0.25, 0.5]))
    with pytest.raises(PassError):
        QuantiseGraph(8, True).check(net, QuantiseGraph(8, True, scale="percentile").run(net))
    odd = graph(lif(1), dense([1.2501, -1.0, 0.25, 0.5]))
    with pytest.raises(PassError):
        QuantiseGraph(8, True).check(odd, QuantiseGraph(8, True).run(net))


def layer(weight: list[list[float]], threshold: float | None) -> DiscreteLayer:
    shape = np.shape(weight)
    return DiscreteLayer(
        name="hidden" if threshold else "readout",
        weight=np.array(weight),
        delay=np.zeros(shape, np.int64),
        bias=np.zeros(shape[0]),
        tau=2.0,
        tau_syn=1.0,
        threshold=threshold,
    )


def test_layers_of_a_chain_keep_their_grids_too() -> None:
    """As the quarters above; and a readout of 3 and 2 halves: 42 steps to a half."""
    parts = layer([[1.25, -1.0], [0.25, 0.5]], 1.0), layer([[1.5, -1.0]], None)
    model = DiscreteModel(parts, 5, 0.001, ("one",))
    assert choose_grids(model, (8, 8)) == (Grid(8, 100.0, 100), Grid(8, 84.0, None))
    quantise = Quantise(ScaleChoice(choose_grids(model, (8, 8))), (8, 8))
    after = quantise.run(model)
    quantise.check(model, after)
    assert [each.weight.tolist() for each in after.layers] == [[[125, -100], [25, 50]], [[126, -84]]]
    assert quantise.summary(model, after)["weights_rounded"] == 0
    other = replace(quantise, scales=ScaleChoice((Grid(8, 101.0, 101), Grid(8, 84.0, None))))
    with pytest.raises(PassError, match="hidden: the scale is 101, but 100 rounds no weight"):
        other.check(model, other.run(model))


@st.composite
def on_grids(draw: st.DrawFn) -> tuple[FloatGraph, npt.NDArray[np.bool_], int]:
    """Integrate and fire on a random grid in float32, whose integers the bits hold; events [T, lines]."""
    rng, bits = np.random.default_rng(draw(st.integers(0, 2**32 - 1))), draw(BITS)
    most = 2 ** (bits - 1) - 1
    step = float(np.float32(draw(st.floats(1e-3, 10.0))))
    neurons, inputs = draw(st.integers(1, 5)), draw(st.integers(1, 6))
    steps = rng.integers(-most, most + 1, (neurons, inputs))
    steps[:, 0] = rng.integers(1, most + 1, neurons)

    def real(whole: npt.ArrayLike) -> npt.NDArray[np.float64]:
        return (np.asarray(whole, np.float32) * np.float32(step)).astype(np.float64)

    reset = draw(st.sampled_from(["zero", "subtract", "none"]))
    by = {"reset_by": real(rng.integers(1, 3 * most, neurons))} if reset == "subtract" else {}
    values = {"threshold": real(rng.integers(1, 3 * most, neurons)), "reset": reset, **by}
    fires = draw(st.sampled_from(["above", "at"]))
    net = graph(lif(neurons, fires=fires, **values), dense(*real(steps).tolist()), steps=20)
    return net, rng.random((20, inputs)) < 0.5, bits


def simulated(net: FloatGraph, events: npt.NDArray[np.bool_], step: float) -> npt.NDArray[np.bool_]:
    """Spikes bool [T, neurons] of integrate and fire, in float64 numbers of the grid's `step`."""
    of, real = net.population("a"), net.projections[0].synapses.weights
    weight, threshold = np.rint(real / step), np.rint(of.threshold / step)  # type: ignore[operator]
    v, found = np.zeros(of.neurons), []
    for frame in events:
        v = v + weight @ frame
        fired = v >= threshold if of.fires == "at" else v > threshold
        if of.reset == "zero":
            v = np.where(fired, 0, v)
        if of.reset_by is not None:
            v = v - fired * np.rint(of.reset_by / step)
        found.append(fired)
    return np.array(found)


@given(on_grids(), st.booleans(), st.sampled_from(["max", "mse"]))
@settings(max_examples=80)
def test_a_random_grid_is_held_as_it_is(
    case: tuple[FloatGraph, npt.NDArray[np.bool_], int], per_neuron: bool, scale: str
) -> None:
    """Of a chip, one step of a whole weight for all neurons with one threshold; else one for each neuron."""
    net, events, bits = case
    if not per_neuron:  # one threshold, so that one grid is that of all
        of = net.population("a")
        same = replace(of, threshold=np.full(of.neurons, of.threshold[0]))  # type: ignore[index]
        net = replace(net, populations=(net.populations[0], same))
    after = made(net, bits, per_neuron, scale=scale)
    whole, old = after.projections[0].synapses.weight, net.projections[0].synapses.weights  # type: ignore[attr-defined]
    for own, real in zip(whole, old, strict=True):
        largest = int(np.abs(real).argmax())
        step = real[largest] / own[largest]
        np.testing.assert_allclose(own * step, real, rtol=2**-21, atol=0)
    step = _step(net)
    found = run_graph(after, events[None].astype(np.uint8)).layers[0].spikes[0]
    np.testing.assert_array_equal(found > 0, simulated(net, events, step))


def _step(net: FloatGraph) -> float:
    """The step of the grid, which `on_grids` hides: the largest of which all numbers are multiples."""
    of = net.population("a")
    numbers = [net.projections[0].synapses.weights.ravel(), of.threshold]
    numbers += [] if of.reset_by is None else [of.reset_by]
    every = np.unique(np.abs(np.concatenate(numbers)))  # type: ignore[arg-type]
    every = every[every > 0]
    for parts in range(1, 2000):
        step = every[0] / parts
        if (np.abs(every / step - np.rint(every / step)) < 1e-6 * every / step).all():
            return float(step)
    raise AssertionError("no grid")
