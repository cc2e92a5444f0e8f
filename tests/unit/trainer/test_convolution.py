"""Delayed connections by every engine against dcls, and the choice between engines."""

from collections.abc import Callable

import pytest
import torch
from close_tensors import close
from DCLS.construct.modules import Dcls1d
from torch import Tensor

from snnc.trainer.convolution import ENGINES, auto, direct
from snnc.trainer.dft_engine import dft
from snnc.trainer.kernel import DCLS_SIGMA_FLOOR, gaussian_kernel


def library(x: Tensor, weight: Tensor, position: Tensor, sig: float, taps: int, grad: Tensor) -> list[Tensor]:
    """Output and gradients to x, weights and positions of `Dcls1d` itself, in float64."""
    neurons, inputs = weight.shape
    layer = Dcls1d(inputs, neurons, 1, dilated_kernel_size=taps, bias=False, version="gauss").double()
    with torch.no_grad():
        layer.weight.copy_(weight[..., None])
        layer.P.copy_(position[None, ..., None])
        layer.SIG.fill_(sig)
    x = x.double().requires_grad_()
    out = layer(torch.nn.functional.pad(x.permute(1, 2, 0), (taps - 1, 0))).permute(2, 0, 1)
    out.backward(grad.double())
    return [out.detach(), x.grad, layer.weight.grad[..., 0], layer.P.grad[0, ..., 0]]  # type: ignore[list-item]


@pytest.mark.parametrize("engine", sorted(ENGINES))
@pytest.mark.parametrize(("taps", "sig"), [(7, 0.23), (7, 3.0), (25, 0.23), (25, 11.73), (1, 0.5)])
def test_connection_and_gradients_are_dcls(engine: str, taps: int, sig: float) -> None:
    torch.manual_seed(taps)
    x, grad = (torch.rand(30, 4, 6) < 0.3).float(), torch.randn(30, 4, 5)
    weight = torch.randn(5, 6, requires_grad=True)
    position = ((torch.rand(5, 6) - 0.5) * (taps - 1)).requires_grad_()
    expected = library(x, weight.detach(), position.detach(), sig, taps, grad)
    x.requires_grad_()
    out = ENGINES[engine](x, gaussian_kernel(weight, position, sig + DCLS_SIGMA_FLOOR, taps))
    out.backward(grad)
    for ours, exact in zip((out.detach(), x.grad, weight.grad, position.grad), expected, strict=True):
        assert ours is not None
        close(ours, exact)


@pytest.mark.parametrize(("taps", "engine"), [(1, direct), (3, direct), (5, dft), (25, dft)])
def test_auto_convolves_few_taps_directly(taps: int, engine: Callable[..., Tensor]) -> None:
    x, kernel = torch.randn(30, 8, 12), torch.randn(10, 12, taps)
    other = dft if engine is direct else direct
    assert torch.equal(auto(x, kernel), engine(x, kernel))
    assert not torch.equal(auto(x, kernel), other(x, kernel))  # they differ in rounding
