"""Time and error of each candidate for a connection of a training run, on this machine."""

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
_WORK = 6e10
"""Most operations of a repetition; of a larger connection, a part of the batch is computed."""
_LEAST_BATCH, _FEW = 32, 8
"""Recordings that are left of a batch at least, and those of the first turn; rows and columns in float64."""
_ROUNDS, _PATIENCE = 15, 3.0
"""Repetitions of each, and after how many seconds in all no further one begins."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds forward and backward, the least of some; the largest error of output and gradients."""

    seconds: float
    error: float


@dataclass(frozen=True, slots=True)
class Connection:
    """What a training step computes of one connection: its sizes are those of the run."""

    batch: int
    inputs: int
    neurons: int
    time_steps: int
    taps: int

    @property
    def work(self) -> float:
        """Operations in products, forward and backward: one and a half products a step, in three passes."""
        return 9.0 * (self.time_steps + self.taps) * self.batch * self.inputs * self.neurons

    @property
    def measured_batch(self) -> int:
        """The batch of a repetition."""
        return max(min(self.batch, _LEAST_BATCH), int(self.batch * min(1.0, _WORK / self.work)))


def measure(connection: Connection) -> dict[str, Measured]:
    """Every candidate that can run here.

    They take turns, so that what else the machine does disturbs them alike. In the first turn, which is short
    and does not count, loops are compiled, and the errors are measured.
    """
    names = [name for name, product in CANDIDATES.items() if product.unavailable_reason() is None]
    generator = torch.Generator().manual_seed(0)
    batch, steps = connection.measured_batch, connection.time_steps
    x, kernel, grad = (
        torch.randn(shape, generator=generator)
        for shape in (
            (steps, batch, connection.inputs),
            (connection.taps, connection.neurons, connection.inputs),
            (steps, batch, connection.neurons),
        )
    )
    kernel = kernel.permute(1, 2, 0)
    errors = _errors(names, x[:, :_FEW], kernel, grad[:, :_FEW])
    times: dict[str, list[float]] = {name: [] for name in names}
    began = time.perf_counter()
    for turn in range(_ROUNDS):
        if turn and time.perf_counter() - began > _PATIENCE:
            break
        for name in names:
            before = time.perf_counter()
            _run(name, x, kernel, grad)
            times[name].append(time.perf_counter() - before)
    return {name: Measured(min(taken), errors[name]) for name, taken in times.items()}


def inexact(found: dict[str, Measured]) -> list[str]:
    """Those that are refused; torch, as it is set up, never is."""
    limit = min(FACTOR * found[DEFAULT].error, LARGEST_ERROR)
    return [name for name, each in found.items() if name != DEFAULT and not each.error <= limit]


def fastest(found: dict[str, Measured]) -> str:
    """Of those that are not refused."""
    return min(found.keys() - inexact(found), key=lambda name: found[name].seconds)


def _run(name: str, x: Tensor, kernel: Tensor, grad: Tensor) -> list[Tensor]:
    """Output, and gradients of x and kernel."""
    x, kernel = x.detach().requires_grad_(), kernel.detach().requires_grad_()
    with using(name):
        y = dft(x, kernel)
        return [y.detach(), *torch.autograd.grad(y, (x, kernel), grad)]


def _errors(names: list[str], x: Tensor, kernel: Tensor, grad: Tensor) -> dict[str, float]:
    """Of some rows and columns of `_run`, against float64 by the definition; infinite if it is no number."""
    n = _FEW
    x64, grad64 = x.double(), grad.double()
    of_x = x64[:, :, :n].clone().requires_grad_()
    of_kernel = kernel[:n, :n].double().requires_grad_()
    (to_x,) = torch.autograd.grad(direct(of_x, kernel[:, :n].double()), of_x, grad64)
    (to_kernel,) = torch.autograd.grad(direct(x64[:, :, :n], of_kernel), of_kernel, grad64[:, :, :n])
    exact = [direct(x64, kernel[:n].double()), to_x, to_kernel]
    found: dict[str, float] = {}
    for name in names:
        y, of_x, of_kernel = _run(name, x, kernel, grad)
        ours = [y[:, :, :n], of_x[:, :, :n], of_kernel[:n, :n]]
        errors = [float((a - b).norm() / b.norm()) for a, b in zip(ours, exact, strict=True)]
        found[name] = max(errors) if all(error < float("inf") for error in errors) else float("inf")
    return found
