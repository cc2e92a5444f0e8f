"""Gaussian and one-hot delay kernels and their gradients."""

import numpy as np
import pytest
import torch
from close_tensors import close
from torch import Tensor

from snnc.trainer.kernel import gaussian_kernel, one_hot_kernel


def test_position_gradient_keeps_its_digits() -> None:
    """Where the gradient of a tap hardly depends on the tap, the position's is a small difference."""
    taps, sig = 25, 5.0
    weight, position = torch.ones(1, 1), torch.full((1, 1), 3.3)
    ramp = 1000 + torch.arange(float(taps))
    exact = gaussian_gradient_of_position(ramp.double().numpy(), 3.3, sig, taps)
    position.requires_grad_()
    gaussian_kernel(weight, position, sig, taps).backward(ramp[None, None])
    assert position.grad is not None
    assert float(position.grad) == pytest.approx(exact, rel=1e-4)


@pytest.mark.parametrize(
    ("taps", "sigma", "synapses"), [(25, 12.0, (30, 20)), (101, 0.5, (1, 1)), (7, 50.0, (9, 100))]
)
def test_compiled_kernels_are_those_of_torch(taps: int, sigma: float, synapses: tuple[int, int]) -> None:
    """Which float64 takes, on every device."""
    torch.manual_seed(taps)
    weight, grad = torch.randn(synapses), torch.randn(*synapses, taps)
    position = (torch.rand(synapses) - 0.5) * (taps - 1)

    def results(*tensors: Tensor) -> list[Tensor]:
        leaves = [tensor.clone().requires_grad_() for tensor in tensors[:2]]
        kernel = gaussian_kernel(leaves[0], leaves[1], sigma, taps)
        return [kernel.detach(), *torch.autograd.grad(kernel, leaves, tensors[2])]

    ours = results(weight, position, grad)
    for mine, exact in zip(ours, results(weight.double(), position.double(), grad.double()), strict=True):
        close(mine, exact, 1e-6)


def test_broken_positions_break_the_kernel() -> None:
    assert gaussian_kernel(torch.ones(1, 1), torch.full((1, 1), float("nan")), 0.5, 5).isnan().all()


def gaussian_gradient_of_position(grad: np.ndarray, position: float, sigma: float, taps: int) -> float:
    """By a central difference in float64."""

    def loss(p: float) -> float:
        bell = np.exp(-0.5 * ((np.arange(taps) - taps // 2 - p) / sigma) ** 2)
        return float((grad * bell / (1e-7 + bell.sum())).sum())

    position = float(np.float32(position))
    return (loss(position + 1e-4) - loss(position - 1e-4)) / 2e-4


def test_kernels_hold_no_denormals() -> None:
    kernel = gaussian_kernel(torch.ones(1, 200), torch.linspace(-12, 12, 200)[None], 0.9, 25)
    assert not ((kernel != 0) & (kernel.abs() < torch.finfo(torch.float32).tiny)).any()
    np.testing.assert_allclose(kernel.sum(2).numpy(), 1, rtol=1e-5)


def test_one_hot_kernel_and_its_gradient() -> None:
    weight = torch.tensor([[2.0, 3.0]], requires_grad=True)
    kernel = one_hot_kernel(weight, torch.tensor([[0, 2]]), 3)
    assert kernel.tolist() == [[[2, 0, 0], [0, 0, 3]]]
    kernel.backward(torch.arange(6.0).view(1, 2, 3))
    assert weight.grad is not None
    assert weight.grad.tolist() == [[0, 5]]
