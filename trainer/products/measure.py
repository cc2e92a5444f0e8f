"""Time and error of each candidate for a connection, on this machine."""

import time
from dataclasses import dataclass

import torch
from torch import Tensor

from snnc.trainer.convolution import direct
from snnc.trainer.dft_engine import dft
from snnc.trainer.products.candidates import CANDIDATES, DEFAULT, using

FACTOR, LARGEST_ERROR = 4, 2.0**-16
"""A candidate may have so many times the error of torch, but not this one, of the norm: float32 has 3e-7 to
1e-6, bfloat16 3e-3."""
_STEPS, _TAPS = 24, 9
"""Of the signals that are measured: these give few of the products that the run has, of the same shape."""
_ROUNDS, _PATIENCE = 5, 0.4
"""Repetitions of each, and after how many seconds in all no further one begins."""
_SLICE = 8
"""Rows and columns that are computed in float64."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds forward and backward, and the largest error of output and gradients."""

    seconds: float
    error: float


def measure(batch: int, inputs: int, neurons: int) -> dict[str, Measured]:
    """Every candidate that can run here, each in turn with the others."""
    names = [name for name, product in CANDIDATES.items() if product.unavailable_reason() is None]
    generator = torch.Generator().manual_seed(0)
    x, kernel, grad = (
        torch.randn(shape, generator=generator)
        for shape in ((_STEPS, batch, inputs), (neurons, inputs, _TAPS), (_STEPS, batch, neurons))
    )
    exact = _exact(x, kernel, grad)
    errors = {name: _error(_results(name, x, kernel, grad), exact) for name in names}
    times: dict[str, list[float]] = {name: [] for name in names}
    began = time.perf_counter()
    for number in range(_ROUNDS):
        if number and time.perf_counter() - began > _PATIENCE:
            break
        for name in names:
            before = time.perf_counter()
            _results(name, x, kernel, grad)
            times[name].append(time.perf_counter() - before)
    return {name: Measured(min(times[name]), errors[name]) for name in names}


def inexact(found: dict[str, Measured]) -> list[str]:
    """Those that are refused; torch, as it is set up, never is."""
    limit = min(FACTOR * found[DEFAULT].error, LARGEST_ERROR)
    return [name for name, each in found.items() if name != DEFAULT and not each.error <= limit]


def fastest(found: dict[str, Measured]) -> str:
    """Of those that are not refused."""
    return min(found.keys() - inexact(found), key=lambda name: found[name].seconds)


def _results(name: str, x: Tensor, kernel: Tensor, grad: Tensor) -> list[Tensor]:
    """Output, and gradients of x and kernel."""
    x, kernel = x.detach().requires_grad_(), kernel.detach().requires_grad_()
    with using(name):
        y = dft(x, kernel)
        return [y.detach(), *torch.autograd.grad(y, (x, kernel), grad)]


def _slices(y: Tensor, to_x: Tensor, to_kernel: Tensor) -> list[Tensor]:
    return [y[:, :_SLICE, :_SLICE], to_x[:, :_SLICE, :_SLICE], to_kernel[:_SLICE, :_SLICE]]


def _exact(x: Tensor, kernel: Tensor, grad: Tensor) -> list[Tensor]:
    """The slices of `_results` in float64, by the definition."""
    x, kernel, grad, n = x.double(), kernel.double(), grad.double(), _SLICE
    y = direct(x[:, :n], kernel[:n])
    of_x, of_kernel = x[:, :n, :n].clone().requires_grad_(), kernel[:n, :n].clone().requires_grad_()
    (to_x,) = torch.autograd.grad(direct(of_x, kernel[:, :n]), of_x, grad[:, :n])
    (to_kernel,) = torch.autograd.grad(direct(x[:, :, :n], of_kernel), of_kernel, grad[:, :, :n])
    return [y, to_x, to_kernel]


def _error(found: list[Tensor], exact: list[Tensor]) -> float:
    """The largest of the three; infinite if a value is not finite."""
    errors = [
        float((ours - wanted).norm() / wanted.norm())
        for ours, wanted in zip(_slices(*found), exact, strict=True)
    ]
    return max(errors) if all(error < float("inf") for error in errors) else float("inf")
