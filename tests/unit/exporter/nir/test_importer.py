"""A NIR graph that snnc did not write, by hand."""

from __future__ import annotations

import nir
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from nir_chains import array, imported, layers, li, lif
from nir_graphs import DT, linear

from snnc.decoding import softmax
from snnc.errors import InputError
from snnc.exporter.nir.reader import read_nir
from snnc.exporter.nir.writer import write_nir
from snnc.exporter.passes.quantise import quantise
from snnc.provenance import graph_hash
from snnc.stages import DiscreteModel


def test_lif_by_hand():
    """tau is 4 steps: an Euler step adds a quarter of R I and of what v_leak is above the reset."""
    affine = nir.Affine(weight=np.array([[2.0, -1.0]]), bias=array(0.4))
    neuron = lif(tau=0.004, r=2, v_leak=0.2, v_threshold=0.8, v_reset=-0.2)
    first, last = layers(affine, neuron, linear([3.0]), li(tau=0.01, r=5, v_leak=2))
    assert (first.name, first.tau, first.tau_syn, first.threshold) == ("lif", pytest.approx(4), 1, 1)
    np.testing.assert_allclose(first.weight, [[1.0, -0.5]])  # 2/4 of the weight; threshold 0.8 + 0.2
    np.testing.assert_allclose(first.bias, [2 / 4 * 0.4 + 0.4 / 4])
    assert (last.name, last.tau, last.threshold) == ("li", pytest.approx(10), None)
    np.testing.assert_allclose(last.weight, [[1.5]])
    np.testing.assert_allclose(last.bias, [0.2])


def test_a_threshold_of_each_neuron_is_folded_into_its_weights():
    first, _ = layers(linear([1.0], [1.0]), lif(2, v_threshold=[1, 0.5]), linear([1.0, 1.0]), li())
    np.testing.assert_allclose(first.weight, [[0.25], [0.5]])
    assert first.threshold == 1


def test_cuba_by_hand():
    """tau_syn 2 steps, w_in 6: a spike adds 6/2; tau_mem 4 steps, r 2: v takes 2/4 of the current."""
    neuron = nir.CubaLI(
        tau_syn=array(0.002), tau_mem=array(0.004), r=array(2), v_leak=array(1), w_in=array(6)
    )
    (layer,) = layers(linear([0.5]), neuron)
    np.testing.assert_allclose(layer.weight, [[0.5 * 3 * 0.5]])
    np.testing.assert_allclose(layer.bias, [0.25])
    assert (layer.tau, layer.tau_syn) == (pytest.approx(4), pytest.approx(2))
    assert quantise(DiscreteModel((layer,), 5, DT, ("a",))).layers[0].decay_u == 2048


def test_integrators_do_not_leak():
    neuron = nir.IF(r=array(500), v_threshold=array(2), v_reset=array(0))
    model = imported(linear([3.0]), neuron, linear([1.0]), nir.I(r=array(1000))).model
    first, last = model.layers
    np.testing.assert_allclose(first.weight, [[3 * 500 * DT / 2]])
    assert first.tau == last.tau == np.inf
    graph = quantise(model)
    assert [layer.decay_v for layer in graph.layers] == [0, 0]
    assert graph_hash(read_nir(write_nir(graph), "graph.nir")) == graph_hash(graph)


def test_a_linear_readout_has_no_memory():
    last = layers(linear([1.0]), lif(), linear([2.0], [3.0]))[-1]
    assert (last.name, last.tau, last.threshold, last.weight.tolist()) == ("linear_1", 1, None, [[2], [3]])


def test_delays_before_and_behind_the_weights_add_up():
    before, behind = nir.Delay(delay=array(0.002, 0)), nir.Delay(delay=array(0.001, 0.005))
    (layer,) = layers(before, linear([1.0, 2.0], [3.0, 0.0]), behind, li(2))
    assert layer.delay[layer.weight != 0].tolist() == [3, 1, 7]


def test_one_line_for_each_source_and_delay():
    fan_out, lines = linear([1, 0], [1, 0], [0, 2]), nir.Delay(delay=array(0, 0.003, 0.001))
    (layer,) = layers(fan_out, lines, linear([5, 0, 1], [0, 7, 0]), li(2, r=4))
    np.testing.assert_allclose(layer.weight, [[5, 2], [7, 0]])
    assert layer.delay[layer.weight != 0].tolist() == [0, 1, 3]


def test_lines_of_one_source_and_delay_are_one_synapse():
    (layer,) = layers(linear([1.0], [2.0]), nir.Delay(delay=array(0.003, 0.003)), linear([5.0, 1.0]), li(r=4))
    assert (layer.weight.tolist(), layer.delay.tolist()) == ([[7]], [[3]])


def test_linear_after_linear_is_a_product():
    scale = nir.Scale(scale=array(1, 10))
    first = nir.Affine(weight=np.array([[1.0, 2.0], [3.0, 4.0]]), bias=array(1, 1))
    (layer,) = layers(nir.Delay(delay=array(0, 0.002)), first, scale, linear([1.0, 1.0]), li(r=4))
    np.testing.assert_allclose(layer.weight, [[31, 42]])
    assert layer.delay.tolist() == [[0, 2]]
    np.testing.assert_allclose(layer.bias, [11])


def test_neurons_directly_on_the_input():
    (layer,) = layers(li(3, r=4))
    assert layer.weight.tolist() == np.eye(3).tolist()


def test_delays_between_steps_are_rounded_only_when_told():
    nodes = (nir.Delay(delay=array(0.0024, 0.001)), linear([1.0, 1.0]), li())
    with pytest.raises(
        InputError, match=r"'delay', line 0: a delay of 0\.0024 s is 2\.4000 steps of 0\.001 s"
    ):
        layers(*nodes)
    found = imported(*nodes, round_delays=True)
    assert found.model.layers[0].delay.tolist() == [[2, 1]]
    assert (found.notes["delays_rounded"], found.notes["largest_delay_change_steps"]) == (1, 0.4)


def test_delays_in_float32_are_whole():
    steps = np.arange(1000)
    node = nir.Delay(delay=steps.astype(np.float32) * np.float32(1e-3))
    (layer,) = layers(node, nir.Linear(weight=np.ones((1, 1000))), li())
    assert layer.delay.tolist() == [steps.tolist()]


@pytest.mark.parametrize("steps", [1, 2, 7, 100])
def test_the_readout_of_a_spiking_layer_counts_its_spikes(steps):
    found = imported(linear([1.0], [2.0]), lif(2), steps=steps)
    first, last = found.model.layers
    assert found.notes["readout_added"].startswith("readout: the class is the neuron of lif")
    assert (first.threshold, last.threshold, last.name, last.tau) == (1, None, "readout", 1)
    np.testing.assert_allclose(last.weight, np.eye(2) / steps)
    assert not last.delay.any()
    graph = quantise(found.model)
    v = np.array([[[127 * 64, 0]]])
    np.testing.assert_allclose(v * graph.readout_scale, [[[1 / steps, 0]]])


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 60), st.integers(2, 6), st.floats(0, 1), st.integers(0, 2**32 - 1), st.booleans())
def test_most_spikes_win(steps, classes, rate, seed, adversarial):
    """The claim in `importer`: by clause 7, v = spike / T decodes to the neuron with the most spikes."""
    rng = np.random.default_rng(seed)
    spikes = (rng.random((1, steps, classes)) < rate).astype(np.int32)
    if adversarial:  # the winner spikes in company, where a spike counts least; the second alone
        spikes[:] = 0
        spikes[0, : steps // 2 + 1, :] = 1
        spikes[0, : steps // 2 + 1, 1] = 0
        spikes[0, steps // 2 + 1 :, 1] = 1
    counts = spikes[0].sum(axis=0)
    assume((counts == counts.max()).sum() == 1)
    assert softmax.classes(spikes, 1 / steps)[0] == counts.argmax()
