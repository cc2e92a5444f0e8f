"""Batch norm and neurons in one pass against torch's and SpikingJelly's, one after the other."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from spikingjelly.activation_based import neuron, surrogate
from torch import Tensor, nn

from snnc.trainer import normed_lif
from snnc.trainer.convolution import direct
from snnc.trainer.network import DelayedConnection, HiddenLayer

ALPHA = 3.0


def layer(neurons: int, tau: float, threshold: float) -> HiddenLayer:
    """With a norm that is not where it starts."""
    connection = DelayedConnection(1, neurons, 1, direct)
    made = HiddenLayer(connection, tau=tau, threshold=threshold, batch_norm=True, alpha=ALPHA)
    assert made.norm is not None
    with torch.no_grad():
        made.norm.weight.uniform_(0.5, 2)
        made.norm.bias.uniform_(-0.5, 1)
    return made


def libraries(of: HiddenLayer, current: Tensor, gain: Tensor) -> tuple[Tensor, nn.BatchNorm1d]:
    """Spikes in float64, and the norm with its statistics."""
    norm = nn.BatchNorm1d(current.shape[2]).double()
    assert of.norm is not None
    norm.load_state_dict(of.norm.state_dict())
    node = neuron.LIFNode(
        tau=of.tau,
        decay_input=False,
        v_threshold=of.threshold,
        v_reset=0.0,
        surrogate_function=surrogate.ATan(ALPHA),
        detach_reset=True,
        step_mode="m",
    )
    spikes: Tensor = node(norm(current.flatten(0, 1)).view_as(current))
    return spikes * gain, norm


@pytest.mark.parametrize(
    ("shape", "tau", "threshold"), [((2, 1, 1), 2.0, 1.0), ((40, 9, 70), 2.0, 1.0), ((12, 3, 5), 1.05, 0.7)]
)
def test_norm_and_neurons_are_those_of_the_libraries(
    monkeypatch: pytest.MonkeyPatch, shape: tuple[int, int, int], tau: float, threshold: float
) -> None:
    torch.manual_seed(3)
    ours = layer(shape[2], tau, threshold)
    current = (torch.randn(shape) * 2 + torch.randn(shape[2]) * 5).requires_grad_()
    grad, gain = torch.randn(shape), (torch.rand(shape[1:]) < 0.6) / 0.6
    exact = current.detach().double().requires_grad_()
    wanted, norm = libraries(ours, exact, gain)
    wanted.backward(grad.double())
    monkeypatch.setattr("snnc.trainer.network.dropout_gain", lambda *_: gain)
    ours.dropout = 0.4
    spikes = ours.respond(current)
    spikes.backward(grad)
    assert torch.equal(spikes, wanted.float())
    assert ours.norm is not None
    tensors = [
        (current.grad, exact.grad),
        (ours.norm.weight.grad, norm.weight.grad),
        (ours.norm.bias.grad, norm.bias.grad),
        (ours.norm.running_mean, norm.running_mean),
        (ours.norm.running_var, norm.running_var),
    ]
    for mine, other in tensors:
        assert mine is not None
        assert other is not None
        np.testing.assert_allclose(mine, other, rtol=1e-5, atol=3e-6 * float(other.abs().max()) + 1e-6)
    assert int(ours.norm.num_batches_tracked) == 1  # type: ignore[arg-type]


def seen(run: Callable[[], list[Tensor]], threads: int) -> list[Tensor]:
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        return run()
    finally:
        torch.set_num_threads(before)


def test_the_result_does_not_depend_on_the_number_of_threads() -> None:
    torch.manual_seed(4)
    ours, current, grad = layer(900, 2.0, 1.0), torch.randn(10, 5, 900), torch.randn(10, 5, 900)
    assert ours.norm is not None
    weight, bias = ours.norm.weight, ours.norm.bias

    def run() -> list[Tensor]:
        leaf = current.clone().requires_grad_()
        spikes = ours.respond(leaf)
        return [spikes.detach(), *torch.autograd.grad(spikes, (leaf, weight, bias), grad)]

    assert all(map(torch.equal, seen(run, 1), seen(run, 3)))


@pytest.mark.parametrize("how", ["frozen", "double", "one value"])
def test_others_are_normed_first(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """Statistics that stay, numbers that are no float32; a single value has no variance, as torch says."""
    monkeypatch.delattr(normed_lif, "normed_lif")
    ours, current = layer(3, 2.0, 1.0), torch.randn(1 if how == "one value" else 4, 1, 3)
    assert ours.norm is not None
    if how == "frozen":
        ours.norm.eval()
    if how == "double":
        ours, current = ours.double(), current.double()
    if how == "one value":
        with pytest.raises(ValueError, match="more than 1 value"):
            ours.respond(current)
    else:
        assert ours.respond(current).shape == (4, 1, 3)
