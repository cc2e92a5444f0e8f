"""Where a training step's time goes, against what the machine can do: `python -m benchmarks.trainer_parts`.

The parts of one hidden layer (256 to 256 neurons, T_d 25, 124 steps, batch of 256), forward and backward. The
limits are what the compiled tile of sums reaches on numbers in the cache, and copying of large arrays. All is
processor time, which other programs hardly disturb, of one thread (`OMP_NUM_THREADS=1`).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numba
import numpy as np
import torch
from torch import nn

from snnc.trainer.data_parallel import dropout_gain
from snnc.trainer.kernel import gaussian_kernel
from snnc.trainer.normed_lif import normed_lif
from snnc.trainer.products.candidates import CANDIDATES
from snnc.trainer.products.tile import COLUMNS, ROWS, multiply_tile
from snnc.trainer.products.transform import transforms

STEPS, BATCH, INPUTS, NEURONS, TAPS = 124, 256, 256, 256, 25
ROUNDS = 7

Part = tuple[str, Callable[[], object], float, float]
"""Name, what to run, its operations and the bytes that it must read and write."""


def seconds(run: Callable[[], object]) -> float:
    """Of the processor, the least of some runs."""
    run()
    taken = []
    for _ in range(ROUNDS):
        began = time.process_time()
        run()
        taken.append(time.process_time() - began)
    return min(taken)


def parts(product: str) -> list[Part]:
    """Of a layer, in the order of a step."""
    by = CANDIDATES[product]
    of_x, of_kernel, of_y = transforms(STEPS, TAPS, STEPS, torch.device("cpu"), torch.float32)
    x, grad = torch.rand(STEPS, BATCH, INPUTS), torch.randn(STEPS, BATCH, NEURONS)
    weight, position = (torch.randn(NEURONS, INPUTS).requires_grad_() for _ in range(2))
    kernel = torch.randn(TAPS, NEURONS, INPUTS)
    planes, kernels, grads = by.analyse(x, of_x), by.analyse(kernel, of_kernel), by.analyse(grad, of_y)
    norm = nn.BatchNorm1d(NEURONS)
    normed = grad.clone().requires_grad_()
    found: list[Part] = []
    for name, signal, transform in (("x", x, of_x), ("kernel", kernel, of_kernel), ("y", grad, of_y)):
        backwards = {"x": planes, "kernel": kernels, "y": grads}[name]
        matrices = (transform.cosine.numel() + transform.sine.numel()) / 2
        work, bytes_ = 2.0 * matrices * signal[0].numel(), 4.0 * (signal.numel() + backwards.numel())
        found += [
            (f"transform {name}", lambda s=signal, t=transform: by.analyse(s, t), work, bytes_),  # type: ignore[misc]
            (f"transform {name} back", lambda p=backwards, t=transform: by.synthesise(p, t), work, bytes_),  # type: ignore[misc]
        ]
    work = 2.0 * of_x.planes * BATCH * INPUTS * NEURONS
    bytes_ = 4.0 * (planes.numel() + kernels.numel() + grads.numel())
    signal_bytes = 4.0 * grad.numel()
    upside = grads.transpose(1, 2)

    def neurons() -> object:
        gain = dropout_gain(grad[0], 0.4, None)
        spikes = normed_lif(norm, normed, 2.0, 1.0, 5.0, gain, None)
        return torch.autograd.grad(spikes, (normed, *norm.parameters()), grad)

    def kernels_made() -> object:
        made = gaussian_kernel(weight, position, 3.0, TAPS)
        return torch.autograd.grad(made, (weight, position), kernel.permute(1, 2, 0))

    return [
        *found,
        ("products, forward", lambda: by.multiply(planes, kernels.transpose(1, 2)), work, bytes_),
        ("products, to x", lambda: by.multiply(grads, kernels, conjugate=True), work, bytes_),
        (
            "products, to kernel",
            lambda: by.multiply(upside, planes, conjugate=True),
            work,
            bytes_,
        ),
        ("batch norm and neurons", neurons, 0, 9 * signal_bytes),
        ("kernel", kernels_made, 0, 8.0 * kernel.numel()),
    ]


@numba.njit
def _repeat(times, left, right, out, terms):  # type: ignore[no-untyped-def]
    for _ in range(times):
        multiply_tile(left, terms, 1, right, COLUMNS, out, COLUMNS, terms, 0)


def limits() -> tuple[float, float]:
    """Operations and bytes a second."""
    terms, times = 128, 50_000
    left, right, out = (np.ones(rows * 128, np.float32) for rows in (ROWS, COLUMNS, ROWS))
    ends = [array.ctypes.data for array in (left, right, out)]
    operations = 2.0 * ROWS * COLUMNS * terms * times / seconds(lambda: _repeat(times, *ends, terms))
    large = torch.rand(1 << 25)
    other = torch.empty_like(large)
    return operations, 8.0 * large.numel() / seconds(lambda: other.copy_(large))


def main(product: str = "compiled") -> None:
    operations, bytes_ = limits()
    threads = torch.get_num_threads()
    print(f"{product}, {threads} threads, {operations / 1e9:.0f} GFLOP/s, {bytes_ / 1e9:.0f} GB/s")
    print("part | ms | GFLOP/s | GB/s | least ms")
    total = 0.0
    for name, run, work, moved in parts(product):
        taken = seconds(run)
        total += taken
        least = max(work / operations, moved / bytes_)
        rates = f"{work / taken / 1e9:.0f} | {moved / taken / 1e9:.1f}"
        print(f"{name} | {taken * 1e3:.1f} | {rates} | {least * 1e3:.1f}")
    print(f"together | {total * 1e3:.0f} | | |")


if __name__ == "__main__":
    main(*sys.argv[1:])
