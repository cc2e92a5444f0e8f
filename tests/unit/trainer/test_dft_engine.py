"""Convolution by the Fourier transform against the direct one."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from close_tensors import close
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from snnc.trainer.convolution import direct
from snnc.trainer.dft_engine import dft
from snnc.trainer.products.candidates import using


def dft_equals_direct(x: Tensor, kernel: Tensor, grad: Tensor) -> None:
    """Output and both gradients; a Fourier transform rounds relative to the norms of what it convolves."""

    def results(engine: Callable[..., Tensor], *tensors: Tensor) -> list[Tensor]:
        leaves = [t.clone().requires_grad_() for t in tensors[:2]]
        out = engine(*leaves)
        return [out.detach(), *torch.autograd.grad(out, leaves, tensors[2])]

    signals = [x, kernel, grad]
    norms = [x.norm() * kernel.norm(), grad.norm() * kernel.norm(), grad.norm() * x.norm()]
    exact = results(direct, *(t.double() for t in signals))
    for ours, wanted, norm in zip(results(dft, *signals), exact, norms, strict=True):
        assert ours.shape == wanted.shape
        assert float((ours - wanted).abs().max()) <= 1.5e-6 * float(norm)


@pytest.mark.parametrize("product", ["torch", "compiled"])
@pytest.mark.parametrize(("last", "taps"), [(0, 9), (1, 8), (8, 1), (20, 8), (29, 9), (32, 24), (39, 9)])
def test_what_follows_the_last_event_is_as_before_it(product: str, last: int, taps: int) -> None:
    """The network's input is transformed up to there in training; y has all steps."""
    torch.manual_seed(last)
    x, kernel, grad = (
        torch.randn(40, 2, 3),
        torch.randn(4, 3, taps, requires_grad=True),
        torch.randn(40, 2, 4),
    )
    x[last + 1 :] = 0
    exact = direct(x.double(), kernel.double())
    (wanted,) = torch.autograd.grad(exact, kernel, grad.double())
    with using(product):
        y = dft(x, kernel)
    (to_kernel,) = torch.autograd.grad(y, kernel, grad)
    close(y.detach(), exact.detach())
    close(to_kernel, wanted)


def test_training_follows_inference_with_the_same_shapes() -> None:
    x, kernel = torch.randn(11, 2, 3), torch.randn(4, 3, 6, requires_grad=True)
    with torch.inference_mode():
        before = dft(x, kernel)
    after = dft(x, kernel)
    after.sum().backward()
    assert torch.equal(before, after.detach())
    assert kernel.grad is not None


@settings(deadline=None, max_examples=60)
@given(
    steps=st.integers(1, 40),
    taps=st.integers(1, 40),
    batch=st.integers(1, 3),
    inputs=st.integers(1, 4),
    neurons=st.integers(1, 4),
    seed=st.integers(0, 1 << 20),
)
def test_dft_is_the_direct_convolution(
    steps: int, taps: int, batch: int, inputs: int, neurons: int, seed: int
) -> None:
    torch.manual_seed(seed)
    dft_equals_direct(
        torch.randn(steps, batch, inputs),
        torch.randn(neurons, inputs, taps),
        torch.randn(steps, batch, neurons),
    )


def test_dft_keeps_double_precision_and_skips_gradients_not_asked_for() -> None:
    x, kernel = torch.randn(9, 2, 3, dtype=torch.float64), torch.randn(4, 3, 5, dtype=torch.float64)
    np.testing.assert_allclose(dft(x, kernel), direct(x, kernel), atol=1e-13)
    kernel.requires_grad_()
    (grad,) = torch.autograd.grad(dft(x, kernel).sum(), kernel)
    # The sum over all outputs meets each input once for each step that the delay leaves: 9 - delay steps.
    delays = 4 - torch.arange(5)
    expected = torch.stack([x[: 9 - int(d)].sum((0, 1)) for d in delays], dim=1).expand(4, 3, 5)
    np.testing.assert_allclose(grad, expected, atol=1e-12)


@pytest.mark.parametrize(("steps", "taps"), [(256, 5), (257, 5), (1000, 31), (601, 150)])
def test_dft_of_long_signals(steps: int, taps: int) -> None:
    torch.manual_seed(steps)
    dft_equals_direct(torch.randn(steps, 2, 3), torch.randn(4, 3, taps), torch.randn(steps, 2, 4))
