"""Neurons of a NIR file that is no chain: parameters, and the readings that the file leaves open."""

from __future__ import annotations

from dataclasses import replace

import nir
import numpy as np
import pytest
from nir_graphs import (
    DT,
    conv,
    graph_of,
    integrate,
    li,
    lif,
    linear,
    net,
    read,
    row,
)

from snnc.errors import InputError
from snnc.exporter.float_reference import run_float
from snnc.stages import DiscreteModel
from snnc.stages.float_graph import graph_of_chain


def test_the_parameters_of_each_neuron_by_hand():
    """tau 4 and 2 steps: a quarter and half of r I; v counts from the reset; all in units of the input."""
    neurons = lif(
        2, tau=[0.004, 0.002], r=[2.0, 4.0], v_leak=[0.2, 1], v_threshold=[0.8, 3], v_reset=[-0.2, 1]
    )
    graph = graph_of(row(linear([1.0], [2.0]), neurons), reset=None)
    population = graph.population("1")
    np.testing.assert_allclose(population.keep_v, [0.75, 0.5])
    np.testing.assert_allclose(population.keep_u, 0)
    np.testing.assert_allclose(population.threshold, [1.0 / (2 / 4), 2 / (4 / 2)])
    np.testing.assert_allclose(population.bias, [(0.2 + 0.2) / 4 / (2 / 4), 0])
    assert (population.reset, population.fires) == ("zero", "above")
    assert graph.projections[0].synapses.weights.tolist() == [[1], [2]]


def test_cuba_with_a_bias_that_passes_through_the_current():
    """tau_syn 2, tau_mem 4 steps, w_in 6, r 2: v takes 2/4 of a current that takes 6/2 of what arrives."""
    neurons = nir.CubaLIF(*(np.array([x]) for x in (0.002, 0.004, 2.0, 0.0, 3.0, 0.0, 6.0)))
    neurons = replace(neurons, tau_syn=np.array([0.002]), tau_mem=np.array([0.004]))
    graph = graph_of(row(nir.Affine(np.array([[1.0]]), np.array([0.5])), neurons))
    population = graph.population("1")
    assert (population.keep_u[0], population.keep_v[0]) == (0.5, 0.75)
    assert population.input_bias.tolist() == [0.5]
    assert population.bias.tolist() == [0]
    assert population.threshold[0] == population.reset_by[0] == pytest.approx(neurons.v_threshold[0] / 1.5)


@pytest.mark.parametrize("reset", ["zero", "subtract", "none"])
@pytest.mark.parametrize("fires", ["above", "at"])
def test_readings_of_reset_and_threshold_by_hand(reset, fires):
    """v rises by 1 in each step, the threshold is 2: at it after two steps, above it after three."""
    graph = read(row(linear([1.0]), integrate(1, v_threshold=2.0)), steps=8, reset=reset, fires=fires).model
    graph = graph_of_chain(graph) if isinstance(graph, DiscreteModel) else graph
    spikes = np.flatnonzero(run_float(graph, np.ones((8, 1)))["1"].spikes).tolist()
    assert (
        spikes
        == {
            ("zero", "above"): [2, 5],
            ("zero", "at"): [1, 3, 5, 7],
            ("subtract", "above"): [2, 4, 6],
            ("subtract", "at"): [1, 3, 5, 7],
            ("none", "above"): [2, 3, 4, 5, 6, 7],
            ("none", "at"): [1, 2, 3, 4, 5, 6, 7],
        }[reset, fires]
    )


def test_what_the_file_leaves_open_is_asked_with_both_readings():
    graph = row(conv(np.ones((1, 1, 1, 1))), integrate(1, 1, 1), inputs=(1, 1, 1))
    with pytest.raises(InputError, match="its v_reset is 0, which does not tell") as asked:
        read(graph, reset=None)
    for option in ("--reset zero", "--reset subtract", "--reset none"):
        assert option in str(asked.value)
    with pytest.raises(
        InputError, match=r"fire at v > v_threshold \(.*snnTorch.*\) or at v >= v_thr"
    ) as asked:
        read(graph, fires=None)
    assert "--fires above" in str(asked.value)
    assert "--fires at" in str(asked.value)
    for told in ({"reset": "soft"}, {"fires": "below"}):
        with pytest.raises(InputError, match="unknown; choose one of"):
            read(graph, **told)
    assert read(graph).notes["reset_subtract_as_told"] == "1"
    assert read(graph).notes["fires_above_as_told"] == "1"


def test_neurons_without_memory_are_asked_for_no_reset():
    graph = graph_of(
        row(linear([1.0]), lif(1, tau=DT), linear([1.0]), nir.Threshold(np.array([0.5]))),
        fires="at",
        reset=None,
    )
    assert [each.reset for each in graph.populations[1:]] == ["zero", "zero"]
    found = run_float(graph, np.array([[1], [0], [1]] + [[0]] * 7))
    assert np.flatnonzero(found["3"].spikes).tolist() == [0, 2]


def test_neurons_that_cannot_fire_are_a_readout():
    graph = read(
        row(conv(np.ones((1, 1, 1, 1))), lif(1, 1, 1, v_threshold=1e9), inputs=(1, 1, 1)), fires=None
    )
    assert graph.model.population("1").model == "li"
    assert "threshold of 1e+09 lies above all that v reaches" in graph.notes["read_as_readout 1"]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("large", [{"v_threshold": 1e308}, {"r": 1e-308}, {"tau": 1e308}])
def test_what_overflows_is_refused_without_a_warning(large):
    with pytest.raises(InputError, match=r"^net.nir: 1: threshold: holds NaN or infinity"):
        read(row(linear([1.0]), lif(1, **large), linear([1.0]), lif(1)))


@pytest.mark.parametrize("fires", ["above", "at"])
@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_one_number_is_for_all_neurons_that_lines_arrive_at(shape, fires):
    """As of the same file with a number for each neuron, whether it is read as a chain or as a graph."""

    def nodes(of_two, of_three):
        return linear([1.0], [2.0]), lif(*of_two), linear([1.0, 1.0], [0, 1], [1, 0]), li(*of_three)

    told = {"reset": "zero", "fires": fires}
    one, each = (read(row(*nodes(*shapes)), **told).model for shapes in ((shape, shape), ((2,), (3,))))
    assert isinstance(one, DiscreteModel) is (fires == "above")
    if isinstance(one, DiscreteModel):
        one, each = map(graph_of_chain, (one, each))
    assert one == each


@pytest.mark.parametrize("shape", [(), (1,)])
def test_one_number_is_for_all_places_of_a_convolution_and_for_neurons_that_hear_each_other(shape):
    def nodes(*shapes):
        kernel = conv(np.ones((2, 1, 2, 2)))
        first, flat, second = lif(*shapes[0]), nir.Flatten({"input": np.array([2, 2, 2])}, 0), lif(*shapes[1])
        names = {"c": kernel, "a": first, "f": flat, "s": nir.Scale(np.full(8, 2.0)), "b": second}
        edges = ("in>c", "c>a", "a>f", "f>s", "s>b", "b>w", "w>b", "b>out")
        return net({**names, "w": nir.Linear(np.ones((8, 8)))}, *edges, inputs=(1, 3, 3), outputs=8)

    assert graph_of(nodes(shape, shape)) == graph_of(nodes((2, 2, 2), (8,)))
