"""The network that is trained in integers: what it computes is what is exported, and it can be trained."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from snnc import quantisation
from snnc.errors import LimitError, StageError
from snnc.exporter.passes.quantise import quantise
from snnc.quantisation import Grid
from snnc.stages import DiscreteModel, QuantizedGraph
from snnc.trainer.convolution import ENGINES
from snnc.trainer.integer_model import run_graph
from snnc.trainer.network import DelayedConnection, DelayNetwork, HiddenLayer, Readout
from snnc.trainer.quantised import QuantisedNetwork, quantised_network

RULES = {"full_range": quantisation.full_range, "least_squares": quantisation.least_squares}
INPUTS = 4


def connection(
    rng: np.random.Generator, inputs: int, neurons: int, taps: int, sparse: bool = False
) -> DelayedConnection:
    """Weights of either sign, in part absent if `sparse`, and delays that are whole."""
    made = DelayedConnection(inputs, neurons, taps, ENGINES["auto"])
    weight = rng.normal(0.2, 1, (neurons, inputs))
    if sparse:
        weight[rng.random(weight.shape) < 0.5] = 0
    weight[0, 0] = 1.5
    with torch.no_grad():
        made.weight.copy_(torch.tensor(weight))
        made.position.copy_(torch.tensor(rng.uniform(-(taps // 2), taps // 2, weight.shape)))
    made.round_positions()
    return made


def set_norm(layer: HiddenLayer, rng: np.random.Generator, offset: float) -> None:
    """Statistics and scale at random; folded, the bias is up to `offset`."""
    norm = layer.norm
    if norm is None:
        return
    neurons = norm.num_features
    gamma, var, mean = rng.uniform(0.5, 2, neurons), rng.uniform(0.5, 2, neurons), rng.normal(size=neurons)
    beta = mean * gamma / np.sqrt(var + norm.eps) + rng.uniform(-offset, offset, neurons)
    for tensor, value in zip(
        (norm.weight, norm.running_var, norm.running_mean, norm.bias), (gamma, var, mean, beta), strict=True
    ):
        tensor.data.copy_(torch.tensor(value))


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


def two_layers(sparse: bool = False, dropout: float = 0.0) -> DelayNetwork:
    rng = np.random.default_rng(3)
    first = HiddenLayer(
        connection(rng, INPUTS, 6, 5, sparse), tau=2.0, threshold=1.0, batch_norm=False, dropout=dropout
    )
    return DelayNetwork([first], Readout(connection(rng, 6, 3, 3, sparse), tau=4.0))


def events(steps: int = 12, samples: int = 8) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(1).random((steps, samples, INPUTS)) < 0.4).float()


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


def fine_grid(name: str, weight: npt.NDArray[np.float64], threshold: float | None, bits: int) -> Grid:
    """2^13 steps to 1: integers that hide nothing of the real network."""
    return Grid(bits, 2.0**13, None if threshold is None else round(threshold * 2**13))


def test_gradients_are_those_of_the_real_network_where_steps_are_fine() -> None:
    network, x = two_layers(), events()
    made = quantised_network(network, 20, fine_grid)
    share = torch.tensor(np.random.default_rng(2).normal(size=(12, 8, 3))).float()
    real, whole = network(x, rounded=True), made(x)
    torch.testing.assert_close(whole, real, rtol=0, atol=2e-2)
    (real * share).sum().backward()
    (whole * share).sum().backward()
    for layer, wanted in zip(made.layers, network.connections, strict=True):
        largest = float(wanted.weight.grad.abs().max())
        assert largest > 1e-2
        torch.testing.assert_close(layer.weight.grad, wanted.weight.grad, rtol=1e-2, atol=2e-3 * largest)


def test_a_readouts_gradients_are_exact() -> None:
    """Linear, so they do not depend on rounding: those of the real readout, on the coarsest grid."""
    network, x = DelayNetwork([], two_layers().hidden[0]), events()
    readout = Readout(network.readout.connection, tau=2.0)  # k = 2048 exactly
    network.readout = readout
    made = quantised_network(network, 2, quantisation.least_squares)
    share = torch.tensor(np.random.default_rng(2).normal(size=(12, 8, 6))).float()
    (readout(x, rounded=True) * share).sum().backward()
    (made(x) * share).sum().backward()
    torch.testing.assert_close(
        made.layers[0].weight.grad, readout.connection.weight.grad, rtol=1e-4, atol=1e-4
    )
    # Each bias acts in every step s: sum over t >= s of 2^-(t - s).
    reach = [sum(0.5 ** (t - s) for s in range(t + 1)) for t in range(12)]
    wanted = (share * torch.tensor(reach)[:, None, None]).sum((0, 1))
    torch.testing.assert_close(made.layers[0].bias.grad, wanted, rtol=1e-4, atol=1e-3)


@pytest.fixture
def optimise() -> Callable[..., list[float]]:
    def run(network: QuantisedNetwork, steps: int, rate: float) -> list[float]:
        """Losses of Adam on random classes."""
        optimizer, x = torch.optim.Adam(network.parameters(), lr=rate), events()
        labels, losses = torch.arange(8) % 3, []
        network.train()
        for _ in range(steps):
            loss = torch.nn.functional.cross_entropy(network(x).sum(0), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            network.clamp_parameters()
            losses.append(float(loss.detach()))
        return losses

    return run


@pytest.mark.parametrize("rate", [1e-3, 10.0])
def test_absent_synapses_stay_absent(optimise: Callable[..., list[float]], rate: float) -> None:
    made = quantised_network(two_layers(sparse=True), 4, quantisation.least_squares)
    absent = [layer.weight.detach() == 0 for layer in made.layers]
    before = [layer.weight.detach().clone() for layer in made.layers]
    optimise(made, 5, rate)
    for layer, zero, old in zip(made.layers, absent, before, strict=True):
        assert 0 < int(zero.sum()) < zero.numel()
        assert not layer.weight[zero].any()
        assert not layer.integers().weight[zero.numpy()].any()
        assert (layer.weight != old)[~zero].any()


@pytest.mark.parametrize("bits", [2, 4, 8])
def test_training_in_integers_learns(optimise: Callable[..., list[float]], bits: int) -> None:
    losses = optimise(quantised_network(two_layers(), bits, quantisation.least_squares), 60, 2e-2)
    assert np.mean(losses[-5:]) < 0.7 * losses[0]


def test_clamping_keeps_weights_on_the_grid(optimise: Callable[..., list[float]]) -> None:
    made = quantised_network(two_layers(), 3, quantisation.least_squares)
    optimise(made, 3, 10.0)
    for layer in made.layers:
        end = 3 / layer.grid.scale
        assert float(layer.weight.detach().abs().max()) == pytest.approx(end)
        assert np.abs(layer.integers().weight).max() == end


def test_a_clipped_weight_can_leave_the_end_of_the_grid() -> None:
    """It has a gradient on every grid, however float32 rounds the product of its scale and its end."""
    readout = Readout(connection(np.random.default_rng(0), INPUTS, 3, 1), tau=2.0)
    for scale in np.geomspace(5, 30, 40).tolist():
        grid = Grid(4, scale, None)
        layer = quantised_network(DelayNetwork([], readout), 4, lambda *_, grid=grid: grid).layers[0]
        clipped = layer.weight.detach().abs() >= np.float32(7 / scale)
        assert clipped.any()
        layer(events()).sum().backward()
        assert (layer.weight.grad != 0).all()


def test_dropout_silences_in_training_only() -> None:
    torch.manual_seed(0)
    made = quantised_network(two_layers(dropout=0.5), 8, quantisation.full_range).train()
    spikes = made.layers[0](events())
    assert set(spikes.unique().tolist()) == {0.0, 2.0}
    plain = made.eval().layers[0](events())
    assert set(plain.unique().tolist()) == {0.0, 1.0}
    whole = spikes.sum(0) > 0
    assert torch.equal(spikes[:, whole], 2 * plain[:, whole])  # a neuron is silent for all T, or not at all
    assert int((plain.sum(0) > 0).sum()) > int(whole.sum()) > 0
