"""The scans of `lif` as Triton kernels for GPUs: one launch for all steps, a neuron's state in a register.

Triton comes with torch's builds for GPUs; only `lif` imports this module, and only for tensors on a GPU.
Forward rounds as torch does on a CPU: quotients are those of IEEE 754, and no sum is fused with a product.
"""

import math
from collections.abc import Callable
from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor

from snnc.errors import TrainingError
from snnc.trainer import compiled_lif

_BLOCK = 128
"""Columns of a program, one for each thread of four warps."""


def forward(
    current: Tensor, gain: Tensor, potential: Tensor, spikes: Tensor, tau: float, threshold: float
) -> None:
    """As `lif.scan_forward`."""
    _launch(_forward, gain, current, potential, spikes, len(current), float(tau), float(threshold))


def backward(
    grad: Tensor,
    gain: Tensor,
    potential: Tensor,
    to_current: Tensor,
    tau: float,
    threshold: float,
    alpha: float,
) -> None:
    """As `lif.scan_backward`."""
    steps, last = len(grad), (len(grad) - 1) * gain.numel()
    constants = 1 - 1 / tau, float(threshold), math.pi / 2 * alpha, alpha / 2
    _launch(_backward, gain, grad, potential, to_current, steps, last, *constants)


def _launch(kernel: Any, gain: Tensor, *arguments: object) -> None:
    """Run `kernel` on all columns, on the device that holds them."""
    columns = gain.numel()
    with torch.cuda.device_of(gain):
        blocks = (triton.cdiv(columns, _BLOCK),)
        kernel[blocks](gain, columns, *arguments, BLOCK=_BLOCK, enable_fp_fusion=False)


@triton.jit
def _forward(gain, columns, current, potential, spikes, steps, tau, threshold, BLOCK: tl.constexpr):  # type: ignore[no-untyped-def]
    at = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    inside = at < columns
    weight = tl.load(gain + at, mask=inside)
    after = tl.zeros([BLOCK], tl.float32)
    for _ in range(steps):
        x = tl.load(current + at, mask=inside)
        charged = after - tl.div_rn(after, tau) + x
        fires = charged >= threshold
        tl.store(potential + at, charged, mask=inside)
        tl.store(spikes + at, tl.where(fires, weight, 0.0), mask=inside)
        after = tl.where(fires, 0.0, charged)
        at += columns


@triton.jit
def _backward(  # type: ignore[no-untyped-def]
    gain,
    columns,
    grad,
    potential,
    to_current,
    steps,
    last,
    keep,
    threshold,
    slope,
    height,
    BLOCK: tl.constexpr,
):
    at = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    inside = at < columns
    weight = tl.load(gain + at, mask=inside)
    later = tl.zeros([BLOCK], tl.float32)
    at += last
    for _ in range(steps):
        g = tl.load(grad + at, mask=inside)
        over = tl.load(potential + at, mask=inside) - threshold
        scaled = slope * over
        kept = tl.where(over < 0, keep * later, 0.0)
        later = kept + weight * g * tl.div_rn(height, 1 + scaled * scaled)
        tl.store(to_current + at, later, mask=inside)
        at -= columns


def check(device: torch.device) -> None:
    """Run both kernels on a small case, and compare with the scans that are compiled for CPUs.

    Raises
    ------
    TrainingError
        They differ. What Triton raises where it cannot build or run a kernel passes through.
    """
    random = torch.Generator().manual_seed(0)  # the run's own generator stays where it is
    # In quarters: many potentials are exactly at the threshold.
    current = torch.randint(-4, 7, (8, 130), generator=random) / 4
    grad, gain = torch.randn(8, 130, generator=random), torch.rand(130, generator=random)
    ours = _results(forward, backward, *(tensor.to(device) for tensor in (current, grad, gain)))
    exact = _results(compiled_lif.forward, compiled_lif.backward, current, grad, gain)
    for mine, other, tolerance in zip(ours, exact, (0, 0, 1e-5), strict=True):
        if not torch.allclose(mine, other, rtol=tolerance, atol=tolerance):
            raise TrainingError(f"the Triton kernels of LIF neurons compute other values on {device}")


def _results(
    forward: Callable[..., None], backward: Callable[..., None], current: Tensor, grad: Tensor, gain: Tensor
) -> list[Tensor]:
    """Potentials, spikes, and the gradient of `current`, of neurons with tau 4 and threshold 1."""
    potential, spikes, to_current = (torch.full_like(current, math.nan) for _ in range(3))
    forward(current, gain, potential, spikes, 4.0, 1.0)
    backward(grad, gain, potential, to_current, 4.0, 1.0, 5.0)
    return [potential.cpu(), spikes.cpu(), to_current.cpu()]
