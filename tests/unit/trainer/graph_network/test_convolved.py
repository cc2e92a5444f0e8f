"""Convolutions along features: by hand, against `conv2d`, and as the contract's convolutions."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from order_task import config, order_task

from snnc.errors import ConfigError
from snnc.exporter.passes.quantise_graph import quantise_graph
from snnc.hwsim import event_driven, oracle
from snnc.stages import FloatConvolution
from snnc.trainer import integer_model
from snnc.trainer.convolution import ENGINES
from snnc.trainer.data_parallel import Share
from snnc.trainer.graph_network.connections import ConvolvedConnection
from snnc.trainer.graph_network.whole import positions_of, whole_graph
from snnc.trainer.kernel import KERNELS
from snnc.trainer.loop import train
from snnc.trainer.metrics import delays_of
from snnc.trainer.model_file import load_model, save_model
from snnc.trainer.network_fields import Kernels, kernels_of
from snnc.trainer.variants import build


def connection(grid, kernels, taps, engine="direct"):
    torch.manual_seed(4)
    return ConvolvedConnection(grid, kernels, taps, ENGINES[engine], KERNELS["gauss"])


def test_a_spike_by_hand():
    """One channel of 4 columns, 2 kernels of 3: line 1 is element 1 of place 0 and element 0 of place 1."""
    way = connection((1, 4), Kernels(2, 3, 1), 5)
    with torch.no_grad():
        way.weight.copy_(torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
        way.position.copy_(torch.tensor([[2.0, 1.0, 0.0], [2.0, 2.0, 2.0]]))  # delays 0, 1, 2; 0, 0, 0
    x = torch.zeros(3, 1, 4)
    x[0, 0, 1] = 1
    out = way(x, rounded=True)[:, 0]
    # Neurons: kernel 0 at places 0 and 1, kernel 1 at places 0 and 1.
    assert out.tolist() == [[0, 1, 5, 4], [2, 0, 0, 0], [0, 0, 0, 0]]
    assert way.fan_out().tolist() == [2, 4, 4, 2]
    assert (way.lines, way.places) == (4, 2)


@pytest.mark.parametrize("engine", ["direct", "fft"])
@pytest.mark.parametrize(("channels", "stride"), [(1, 1), (2, 2), (3, 3)])
def test_it_is_a_convolution_over_time_and_columns(engine, channels, stride):
    way = connection((channels, 9), Kernels(4, 3, stride), 7, engine)
    way.set_sigma(1.4)
    x = torch.rand(11, 2, channels * 9).requires_grad_()
    ours = way(x)
    wanted = torch.randn(ours.shape)
    found = torch.autograd.grad(ours, (x, way.weight, way.position), wanted)
    # [O, C, T_d, width] over [B, C, T, W], in float64.
    way.double()
    kernel = way.kernel().unflatten(1, (channels, 3)).transpose(2, 3)
    y = x.double()
    picture = F.pad(y.unflatten(2, (channels, 9)).permute(1, 2, 0, 3), (0, 0, 6, 0))
    theirs = F.conv2d(picture, kernel, stride=(1, stride)).permute(2, 0, 1, 3).flatten(2)
    torch.testing.assert_close(ours.double(), theirs, rtol=1e-5, atol=1e-5)
    exact = torch.autograd.grad(theirs, (y, way.weight, way.position), wanted.double())
    for one, other in zip(found, exact, strict=True):
        torch.testing.assert_close(one.double(), other.double(), rtol=1e-4, atol=1e-4)


def drawn(**fields):
    chosen = config(convolutions=["3x4/2", "2x2"], dropout=0.0, **fields)
    torch.manual_seed(2)
    return chosen, build(chosen, 10, 2)


def test_batch_norm_is_over_time_recordings_and_places():
    _, network = drawn()
    of = network.train().members[0]
    x = torch.rand(5, 6, 12)
    ours = of._normed(of.norm, x, None)
    picture = x.view(5, 6, 3, 4).permute(1, 2, 0, 3)
    wanted = F.batch_norm(picture, None, None, training=True).permute(2, 0, 1, 3).flatten(2)
    torch.testing.assert_close(ours, wanted)
    assert of._normed(of.norm.eval(), x, Share(12, slice(0, 6))).shape == x.shape


def test_the_graph_has_convolutions_with_what_was_learned():
    chosen, network = drawn(biases=True)
    first, second, *_ = whole_graph(network.eval(), chosen.decoder, ("a", "b"), 12, 0.01).projections
    assert (first.source, first.destination, second.destination) == ("input", "conv1", "conv2")
    assert isinstance(first.synapses, FloatConvolution)
    assert (first.synapses.grid, first.synapses.stride) == ((1, 1, 10), (1, 2))
    assert (second.synapses.grid, second.synapses.grid_out) == ((3, 1, 4), (2, 1, 3))
    for each, member in ((first, network.members[0]), (second, network.members[1])):
        (way,) = member.ways.values()
        listed = each.synapses.as_list()
        assert np.array_equal(np.bincount(listed.pre, minlength=way.lines), way.fan_out().numpy())
        told = delays_of(network)[each.name]["synapses"]
        assert told == np.bincount(listed.delay).tolist()
        learned = positions_of(network)[each.destination][each.source]
        assert np.abs(each.synapses.delay.reshape(learned.shape) - learned).max() <= 0.5


@pytest.fixture(scope="module")
def model():
    """Neurons that share their kernels have thresholds and decays of their own."""
    learned = {"learn_thresholds": True, "learn_time_constants": True, "biases": True}
    return train(config(convolutions=["4x3", "3x2/2"], epochs=4, **learned), data=order_task(80))


def test_the_model_file_holds_them(model, tmp_path):
    save_model(model, tmp_path / "model.pt")
    again = load_model(tmp_path / "model.pt")
    assert again.graph == model.graph
    assert isinstance(again.graph.into("conv2")[0].synapses, FloatConvolution)
    assert np.array_equal(again.positions["conv2"]["conv1"], model.positions["conv2"]["conv1"])


@pytest.mark.parametrize("per_neuron", [False, True])
def test_the_integers_are_the_same_everywhere(model, per_neuron):
    graph = quantise_graph(model.graph, 8, per_neuron=per_neuron)
    spikes = (np.random.default_rng(1).random((3, graph.time_steps, 6)) < 0.4).astype(np.uint8)
    wanted = integer_model.run_graph(graph, spikes).layers
    assert sum(each.spikes.sum() for each in wanted) > 0
    for executor in (oracle.run_graph, event_driven.run_graph):
        for one, other in zip(wanted, executor(graph, spikes).layers, strict=True):
            assert np.array_equal(one.spikes, other.spikes)
            assert np.array_equal(one.v, other.v)


def test_without_delays_nothing_spreads():
    _, network = drawn(delays_of="none", recurrence="axon")
    network.set_sigma(3.0)
    way = network.members[0].incoming[0]
    assert not way.position.requires_grad
    assert torch.equal(way.kernel()[..., 0], way.weight)
    assert network.members[0].loop is network.members[1].loop is None


@pytest.mark.parametrize(("text", "kernels"), [("16x5", (16, 5, 1)), ("2x10/4", (2, 10, 4))])
def test_how_convolutions_are_written(text, kernels):
    assert kernels_of(text) == kernels
    chosen = config(convolutions=[text])
    assert not chosen.is_chain
    assert chosen.model_dump()["convolutions"] == (text,)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"convolutions": ["16"]}, r"convolutions\[0\] = '16': .*give channels x columns"),
        ({"convolutions": ["4x0"]}, "'4x0'"),
        ({"convolutions": ["4x2"], "skips": True, "hidden": [3, 3]}, "leads past no convolutions"),
        ({"convolutions": ["4x2"], "engine": "reference"}, "engine = 'reference' is for chains"),
        (
            {"convolutions": ["4x2"], "equal_parameters": True, "delays": "none"},
            "does not count convolutions",
        ),
    ],
)
def test_what_cannot_be(fields, words):
    with pytest.raises(ConfigError, match=words):
        config(**fields)


def test_kernels_that_are_too_wide():
    with pytest.raises(ConfigError, match="kernels of '2x4' span 4 columns, but there are 3"):
        build(config(convolutions=["2x4/2", "2x4"]), 8, 2)
