"""Time of each candidate for a connection of a training run, on this machine."""

import time
from dataclasses import dataclass

import torch
from torch import Tensor

from snnc.trainer.dft_engine import dft
from snnc.trainer.products.candidates import CANDIDATES, using

_WORK = 6e10
"""Most operations of a repetition; of a larger connection, a part of the batch is computed."""
_LEAST_BATCH, _FEW = 32, 8
"""Recordings that are left of a batch at least, and those of the first turn."""
_ROUNDS, _PATIENCE = 15, 3.0
"""Repetitions of each, and after how many seconds in all no further one begins."""


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


def measure(connection: Connection) -> dict[str, float]:
    """Seconds of each candidate that can run here, forward and backward: the least of some.

    They take turns, so that what else the machine does disturbs them alike. The first turn, in which loops
    are compiled, is short and does not count.
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
    for name in names:
        _run(name, x[:, :_FEW], kernel.permute(1, 2, 0), grad[:, :_FEW])
    times: dict[str, list[float]] = {name: [] for name in names}
    began = time.perf_counter()
    for turn in range(_ROUNDS):
        if turn and time.perf_counter() - began > _PATIENCE:
            break
        for name in names:
            before = time.perf_counter()
            _run(name, x, kernel.permute(1, 2, 0), grad)
            times[name].append(time.perf_counter() - before)
    return {name: min(taken) for name, taken in times.items()}


def fastest(found: dict[str, float]) -> str:
    return min(found, key=lambda name: found[name])


def _run(name: str, x: Tensor, kernel: Tensor, grad: Tensor) -> None:
    x, kernel = x.detach().requires_grad_(), kernel.detach().requires_grad_()
    with using(name):
        torch.autograd.grad(dft(x, kernel), (x, kernel), grad)
