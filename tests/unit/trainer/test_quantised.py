"""The network that is trained in integers: what it computes is what is exported."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from integer_nets import INPUTS, connection, events, set_norm, two_layers

from snnc import quantisation
from snnc.errors import LimitError, StageError
from snnc.exporter.passes.quantise import quantise
from snnc.stages import DiscreteModel, QuantizedGraph
from snnc.trainer.convolution import ENGINES
from snnc.trainer.integer_model import run_graph
from snnc.trainer.network import DelayedConnection, DelayNetwork, HiddenLayer, Readout
from snnc.trainer.quantised import QuantisedNetwork, quantised_network

RULES = {"full_range": quantisation.full_range, "least_squares": quantisation.least_squares}


@st.composite
def networks(draw: st.DrawFn) -> DelayNetwork:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    widths = (INPUTS, *draw(st.lists(st.integers(1, 5), max_size=2)), 3)
    taus = st.sampled_from([1 + 1e-6, 2.0, 1e6]) | st.floats(1.01, 50)
    hidden = []
    for before, after in pairwise(widths[:-1]):
        made = connection(rng, before, after, draw(st.sampled_from([1, 3, 5, 7])), draw(st.booleans()))
        threshold = draw(st.sampled_from([1.5, 3.0]) | st.floats(0.5, 4))
        layer = HiddenLayer(made, tau=draw(taus), threshold=threshold, batch_norm=draw(st.booleans()))
        set_norm(layer, rng, offset=draw(st.sampled_from([0.0, 0.01, 0.5])) * threshold)
        hidden.append(layer)
    made = connection(rng, widths[-2], widths[-1], draw(st.sampled_from([1, 3, 7])), draw(st.booleans()))
    return DelayNetwork(hidden, Readout(made, tau=draw(taus))).eval()


def exported(network: QuantisedNetwork, bits: int, steps: int) -> QuantizedGraph:
    layers = network.integers()
    names = tuple(f"class{i}" for i in range(len(layers[-1].weight)))
    return quantise(DiscreteModel(layers, steps, 0.001, names), bits)


@torch.no_grad()
def trace_of(network: QuantisedNetwork, spikes: npt.NDArray[np.uint8]) -> list[torch.Tensor]:
    """Spikes of each layer, and the potential of the readout: [samples, T, neurons]."""
    signal, seen = torch.from_numpy(spikes).transpose(0, 1).float(), []
    for layer in network.eval().layers:
        signal = layer(signal)
        seen.append(signal.transpose(0, 1))
    return seen


def assert_computes_its_integers(network: QuantisedNetwork, bits: int, spikes: npt.NDArray[np.uint8]) -> None:
    """Every spike and readout potential of every engine is that of the reference executor on the export."""
    graph = exported(network, bits, spikes.shape[1])
    reference = run_graph(graph, spikes)
    largest = 2 ** (bits - 1) - 1
    for layer, chip in zip(network.integers(), graph.layers, strict=True):
        assert layer.scale is not None
        np.testing.assert_allclose(layer.weight * layer.scale, chip.weight, rtol=1e-12, atol=0)
        assert np.abs(chip.weight).max() <= largest
    unit = network.layers[-1].grid.unit
    for name in sorted(ENGINES):
        for layer in network.layers:
            layer.engine = ENGINES[name]
        *hidden, readout = trace_of(network, spikes)
        for seen, wanted in zip(hidden, reference.layers[:-1], strict=True):
            assert np.array_equal(seen.numpy(), wanted.spikes), name
        assert torch.equal(readout, torch.tensor(reference.readout).float() / unit), name


@settings(deadline=None, max_examples=80)
@given(networks(), st.sampled_from(range(2, 9)), st.sampled_from(sorted(RULES)), st.data())
def test_evaluation_is_the_export_bit_for_bit(
    network: DelayNetwork, bits: int, rule: str, data: st.DataObject
) -> None:
    try:
        made = quantised_network(network, bits, RULES[rule])
    except LimitError:  # a weight of many thresholds, with few bits
        assume(False)
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    shape = (data.draw(st.integers(1, 3)), data.draw(st.integers(1, 12)), INPUTS)
    spikes = (rng.random(shape) < data.draw(st.sampled_from([0.2, 0.6, 1.0]))).astype(np.uint8)
    assert_computes_its_integers(made, bits, spikes)
    with torch.no_grad():  # as if optimised: weights beyond the grid, biases with other exponents
        for layer in made.layers:
            present = layer.weight != 0
            layer.weight += torch.tensor(rng.normal(0, 0.5, layer.weight.shape)).float() * present
            layer.bias += torch.tensor(rng.normal(0, 10 ** rng.uniform(-4, 3), layer.bias.shape)).float()
    made.clamp_parameters()
    assert_computes_its_integers(made, bits, spikes)


def test_large_sums_are_exact_with_every_engine() -> None:
    """Where all of many inputs spike, Fourier transforms in float32 are off by more than a step of v."""
    rng = np.random.default_rng(0)
    made = connection(rng, 1000, 3, 25)
    with torch.no_grad():
        made.weight.uniform_(0.4, 1).mul_(torch.tensor([[1.0], [1.0], [-1.0]]))
    network = quantised_network(DelayNetwork([], Readout(made, tau=1 + 1e-6)), 8, quantisation.full_range)
    assert_computes_its_integers(network, 8, np.ones((1, 80, 1000), np.uint8))


def test_without_training_it_is_the_plain_export() -> None:
    """Hand-made numbers without ties: 8 bits, threshold 1, largest weight 0.5: 254 steps to 1."""
    first = DelayedConnection(2, 1, 3, ENGINES["direct"])
    last = DelayedConnection(1, 2, 1, ENGINES["direct"])
    with torch.no_grad():
        first.weight.copy_(torch.tensor([[0.5, 0.2]]))
        first.position.copy_(torch.tensor([[1.0, -1.0]]))
        last.weight.copy_(torch.tensor([[2.0], [-0.5]]))
        last.position.zero_()
    network = DelayNetwork(
        [HiddenLayer(first, tau=2.0, threshold=1.0, batch_norm=True)], Readout(last, tau=10.0)
    )
    # gain = 1 / sqrt(0.25) = 2 on a scale of 0.5; bias = 0.1 - 0.3 * 1 = -0.2
    norm = network.hidden[0].norm
    norm.eps = 0.0
    for tensor, value in (
        (norm.weight, 0.5), (norm.running_var, 0.25), (norm.bias, 0.1), (norm.running_mean, 0.3)
    ):  # fmt: skip
        tensor.data.fill_(value)
    hidden, readout = exported(quantised_network(network, 8, quantisation.full_range), 8, 5).layers
    assert hidden.weight.tolist() == [[127, 51]]  # 50.8
    assert hidden.delay.tolist() == [[0, 2]]
    assert (hidden.threshold, hidden.decay_v) == (254, 2048)
    assert hidden.bias.tolist() == [-3251]  # -0.2 * 254 * 64 = -3251.2
    assert readout.weight.tolist() == [[127], [-32]]  # -31.75
    assert (readout.bias.tolist(), readout.threshold, readout.decay_v) == ([0, 0], None, 410)


def test_gaussian_kernels_are_refused() -> None:
    made = connection(np.random.default_rng(0), 2, 2, 3)
    made.sig = 0.23
    with pytest.raises(StageError, match="readout: its delay kernels are Gaussian; make the delays whole"):
        quantised_network(DelayNetwork([], Readout(made, tau=2.0)), 8, quantisation.full_range)


def test_the_exponent_of_the_biases_follows_the_largest() -> None:
    network = quantised_network(two_layers(), 8, quantisation.full_range)
    spikes = events().transpose(0, 1).numpy().astype(np.uint8)
    layer, exponents = network.layers[0], []
    for largest in (0.01, 20.0, 0.3):  # of the threshold, over the epochs
        with torch.no_grad():
            layer.bias.uniform_(-0.01, 0.01)
            layer.bias[2] = largest
        assert_computes_its_integers(network, 8, spikes)
        exponents.append(exported(network, 8, 12).layers[0].bias_exp)
    # largest * scale * 64 in 4095 << e, where the scale is 127 / 2.2 or so
    assert exponents[1] > exponents[2] >= exponents[0] == 0


def test_a_bias_beyond_its_format_is_refused_before_training_and_clamped_in_it() -> None:
    network = quantised_network(two_layers(), 8, quantisation.full_range)
    bias = network.layers[0].bias
    for value, whole in ((1e6, 4095), (-1e6, -4095)):
        bias.data[1] = value
        with pytest.raises(LimitError, match=r"hidden1, neuron 1: bias .* the format holds 524160"):
            network(events())
        network.clamp_parameters()
        network(events())
        hidden = exported(network, 8, 12).layers[0]
        assert (hidden.bias_mant[1], hidden.bias_exp) == (whole, 7)
