"""The network that is trained in integers: its gradients, and what an optimiser makes of it."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
import torch
from integer_nets import INPUTS, connection, events, two_layers

from snnc import quantisation
from snnc.quantisation import Grid
from snnc.trainer.network import DelayNetwork, Readout
from snnc.trainer.quantised import QuantisedNetwork, quantised_network


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
