"""Neurons in training against those of SpikingJelly."""

import numpy as np
import pytest
import torch
from close_tensors import close
from spikingjelly.activation_based import neuron, surrogate
from torch import Tensor

from snnc.trainer import compiled_lif
from snnc.trainer.lif import lif


def spikingjelly(current: Tensor, grad: Tensor, tau: float, threshold: float, alpha: float) -> list[Tensor]:
    node = neuron.LIFNode(
        tau=tau,
        decay_input=False,
        v_threshold=threshold,
        v_reset=0.0,
        surrogate_function=surrogate.ATan(alpha),
        detach_reset=True,
        step_mode="m",
    )
    current = current.clone().requires_grad_()
    spikes = node(current)
    spikes.backward(grad)
    return [spikes.detach(), current.grad]  # type: ignore[list-item]


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("shape", [(1, 1, 1), (50, 3, 7), (20, 9, 300)])
@pytest.mark.parametrize(
    ("tau", "threshold", "alpha"), [(2.0, 1.0, 5.0), (1.005, 0.7, 2.0), (20.0, 1.5, 5.0)]
)
def test_lif_is_spikingjellys(
    monkeypatch: pytest.MonkeyPatch,
    compiled: bool,
    shape: tuple[int, ...],
    tau: float,
    threshold: float,
    alpha: float,
) -> None:
    torch.manual_seed(1)
    current, grad = torch.randn(shape), torch.randn(shape)
    expected = spikingjelly(current, grad, tau, threshold, alpha)
    if not compiled:
        monkeypatch.setattr(compiled_lif, "supports", lambda signal: False)
    current.requires_grad_()
    spikes = lif(current, tau, threshold, alpha)
    spikes.backward(grad)
    assert torch.equal(spikes.detach(), expected[0])
    assert current.grad is not None
    close(current.grad, expected[1], 1e-6)


@pytest.mark.parametrize("compiled", [True, False])
def test_gain_scales_spikes_and_gradient(monkeypatch: pytest.MonkeyPatch, compiled: bool) -> None:
    if not compiled:
        monkeypatch.setattr(compiled_lif, "supports", lambda signal: False)
    current = (torch.randn(12, 2, 3) + 0.5).requires_grad_()
    grad, gain = torch.randn(12, 2, 3), torch.tensor([[0.0, 2.0, 1.0], [2.0, 0.0, 0.5]])
    plain = lif(current, 2.0, 1.0, 5.0)
    scaled = lif(current, 2.0, 1.0, 5.0, gain)
    assert plain.sum() > 0
    assert torch.equal(scaled, plain * gain)
    (by_product,) = torch.autograd.grad(plain, current, grad * gain)
    (by_gain,) = torch.autograd.grad(scaled, current, grad)
    np.testing.assert_allclose(by_gain, by_product, rtol=1e-6, atol=1e-7)


def test_lif_does_not_depend_on_the_number_of_threads() -> None:
    torch.manual_seed(2)
    current, grad = torch.randn(10, 5, 900), torch.randn(10, 5, 900)
    before, seen = torch.get_num_threads(), []
    try:
        for threads in (1, 3):
            torch.set_num_threads(threads)
            leaf = current.clone().requires_grad_()
            spikes = lif(leaf, 2.0, 1.0, 5.0)
            seen.append((spikes.detach(), torch.autograd.grad(spikes, leaf, grad)[0]))
    finally:
        torch.set_num_threads(before)
    assert torch.equal(seen[0][0], seen[1][0])
    assert torch.equal(seen[0][1], seen[1][1])
