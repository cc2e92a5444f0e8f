"""The stage in real numbers: its geometry is that of the integer one, and it refuses what fits nowhere."""

from __future__ import annotations

import numpy as np
import pytest

from snnc.errors import StageError
from snnc.stages import (
    Convolution,
    DiscreteLayer,
    DiscreteModel,
    FloatConvolution,
    FloatGraph,
    FloatList,
    FloatMatrix,
    FloatPopulation,
    FloatProjection,
    Readout,
)
from snnc.stages.float_graph import graph_of_chain

LIF = {"keep_u": 0.5, "keep_v": 0.9, "threshold": 1.0, "reset": "zero"}


def kernel(seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(-5, 6, (4, 2, 3, 2)), rng.integers(0, 4, (4, 2, 3, 2))


def both():
    weight, delay = kernel()
    geometry = (delay, (4, 5, 4), (2, 1), (1, 2), 2)
    return FloatConvolution(weight / 4, *geometry), Convolution(weight, *geometry)


def test_the_synapses_of_a_kernel_are_those_of_whole_weights():
    real, whole = both()
    ours, theirs = real.as_list(), whole.as_list()
    assert type(ours) is FloatList
    for column in ("pre", "post", "delay"):
        np.testing.assert_array_equal(getattr(ours, column), getattr(theirs, column))
    np.testing.assert_array_equal(ours.weight * 4, theirs.weight)
    np.testing.assert_array_equal(real.sums() * 4, whole.sums())
    assert (real.count, real.max_delay, real.has_delay_0) == (whole.count, whole.max_delay, whole.has_delay_0)
    assert real.rounded((real.weights * 4).astype(np.int32)) == whole
    assert real.with_weights(real.weights) == real


def test_what_is_said_of_each_neuron_is_that_of_its_list():
    real, _ = both()
    as_list = real.as_list()
    matrix = FloatMatrix(np.array([[0.5, 0.0], [-2.0, 1.0]]), np.array([[3, 1], [0, 2]]))
    for synapses in (real, as_list, matrix):
        one_by_one = np.zeros(synapses.post_neurons)
        found = synapses.as_list()
        np.maximum.at(one_by_one, found.post, np.abs(found.weight))
        if synapses is not real:  # whose neurons at the edge miss a part of their kernel
            np.testing.assert_array_equal(synapses.largest(), one_by_one)
        assert (synapses.largest() >= one_by_one).all()
        each = np.repeat(np.arange(synapses.post_neurons // synapses.blocks) + 1.0, synapses.blocks)
        scaled = synapses.with_weights(synapses.weights * synapses.by_neuron(each)).as_list()
        np.testing.assert_array_equal(scaled.weight, found.weight * each[found.post])
    assert matrix.delay.tolist() == [[3, 0], [0, 2]]  # of a weight 0 there is none
    assert matrix.sums().tolist() == [0.5, 3.0]


def test_a_list_as_a_matrix_keeps_its_weights():
    few = FloatList([1, 0], [0, 0], [0.25, -0.5], [3, 0], 2, 2)
    assert few.as_matrix() == FloatMatrix([[-0.5, 0.25], [0, 0]], [[0, 3], [0, 0]])
    assert few.as_matrix().as_list() == few


def test_sums_of_small_weights_are_not_whole():
    few = FloatList([0, 1], [0, 0], [0.25, -0.5], [0, 0], 2, 1)
    assert few.sums().tolist() == [0.75]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"model": "alif"}, "model is 'alif'"),
        ({"keep_v": 1.5}, r"neuron 0: keep_v is 1.5, expected 0..1"),
        ({"keep_u": [0.1, -0.1]}, r"neuron 1: keep_u is -0.1"),
        ({"threshold": [1.0, 2.0, 3.0]}, r"threshold has shape \(3,\)"),
        ({"threshold": None}, "threshold is missing"),
        ({"bias": np.nan}, "bias: holds NaN"),
        ({"reset": "soft"}, "reset is 'soft', expected zero or subtract or none"),
        ({"reset": "subtract"}, "reset_by is missing"),
        ({"reset_by": 1.0}, "reset_by is given, but nothing uses it"),
        ({"fires": "below"}, "fires is 'below', expected above or at"),
        ({"ka": 1.0}, "ka is given"),
        ({"payload_max": 3}, "payload_max is given"),
        ({"end": 0}, "end is 0"),
    ],
)
def test_a_population_that_is_none_is_refused(values, message):
    with pytest.raises(StageError, match=message):
        FloatPopulation(**{"name": "a", "model": "lif", "neurons": 2, **LIF} | values)


def test_a_number_stands_for_equal_ones_and_what_is_not_given_is_0():
    a = FloatPopulation("a", "lif", 2, **LIF)
    assert (a.keep_v.tolist(), a.bias.tolist(), a.fires) == ([0.9, 0.9], [0, 0], "above")
    assert a == FloatPopulation("a", "lif", 2, **LIF | {"keep_v": [0.9, 0.9]})


def graph(projections, **values):
    populations = (FloatPopulation("in", "input", 1), FloatPopulation("a", "lif", 2, **LIF))
    readout = Readout("a", "count", None, ("x", "y"))
    return FloatGraph(
        **{"populations": populations, "readouts": (readout,), "time_steps": 5, "bin_s": 1.0} | values,
        projections=projections,
    )


def test_a_graph_knows_its_order_and_refuses_what_does_not_fit():
    into = FloatProjection("in", "a", FloatMatrix(np.ones((2, 1)), np.zeros((2, 1))))
    around = FloatProjection("a", "a", FloatMatrix(np.ones((2, 2)), np.ones((2, 2))))
    assert graph((into, around)).order == ("in", "a")
    with pytest.raises(StageError, match="synapses of delay 0 go round through a -> a"):
        graph((FloatProjection("a", "a", FloatMatrix(np.ones((2, 2)), np.zeros((2, 2)))),))
    with pytest.raises(StageError, match="its synapses are for 1 neurons of a, which has 2"):
        graph((FloatProjection("a", "a", FloatMatrix(np.ones((2, 1)), np.zeros((2, 1)))),))
    with pytest.raises(StageError, match="there is no population 'b'"):
        graph((FloatProjection("b", "a", into.synapses),))
    with pytest.raises(StageError, match="share a name"):
        graph((), populations=(FloatPopulation("a", "input", 1),) * 2)


def test_a_chain_as_a_graph():
    layers = (
        DiscreteLayer("h", np.ones((2, 3)), np.ones((2, 3)), np.array([0.5, 0]), 4.0, 1.5, tau_syn=2.0),
        DiscreteLayer("o", np.ones((1, 2)), np.zeros((1, 2)), np.zeros(1), np.inf, None),
    )
    found = graph_of_chain(DiscreteModel(layers, 7, 0.001, ("x",)))
    assert [each.model for each in found.populations] == ["input", "lif", "li"]
    hidden, last = found.populations[1:]
    assert (hidden.keep_u[0], hidden.keep_v[0], hidden.bias.tolist()) == (0.5, 0.75, [0.5, 0])
    assert (last.keep_u[0], last.keep_v[0]) == (0, 1)
    assert found.projections[0].synapses.max_delay == 1
