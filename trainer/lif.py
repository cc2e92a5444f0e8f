"""Leaky integrate-and-fire neurons over time, with surrogate gradients.

What SpikingJelly's `LIFNode(tau, decay_input=False, v_reset=0.0, surrogate_function=ATan(alpha),
detach_reset=True)` computes from rest: `v = v - v / tau + x`; a neuron fires at `v >= threshold` and starts
again at 0. Backward, a spike counts as `arctan(pi / 2 alpha (v - threshold)) / pi + 1 / 2`, and the reset as
a constant. Only the potentials before the reset are kept for it.
"""

import importlib.util
import math
import warnings
from collections.abc import Callable
from functools import lru_cache, partial
from types import ModuleType

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from snnc.trainer import compiled_lif
from snnc.trainer.buffers import empty


def lif(current: Tensor, tau: float, threshold: float, alpha: float, gain: Tensor | None = None) -> Tensor:
    """Spikes of input currents; both [T, ...], time first.

    The scan over time is compiled: on a CPU by numba, on a GPU by Triton. Without Triton, or if `current` is
    not float32, it is a loop over torch operations.

    Parameters
    ----------
    tau : membrane time constant in steps.
    alpha : sharpness of the surrogate, per unit of potential.
    gain : [...], what a spike of each neuron counts; 1 if not given. It gets no gradient.
    """
    gain = torch.ones_like(current[0]) if gain is None else gain
    compiled = compiled_scans(current)
    scan = compiled.forward if compiled else scan_forward
    forward = partial(scan, tau=tau, threshold=threshold)
    spikes: Tensor = Scan.apply(current, gain, forward, tau, threshold, alpha)
    return spikes


class Scan(torch.autograd.Function):
    """Spikes and potentials as `scan` writes them; the gradient is that of `lif` with these constants."""

    @staticmethod
    def forward(  # type: ignore[no-untyped-def]
        ctx,
        current: Tensor,
        gain: Tensor,
        scan: Callable[[Tensor, Tensor, Tensor, Tensor], None],
        tau: float,
        threshold: float,
        alpha: float,
    ) -> Tensor:
        current, gain = current.contiguous(), gain.contiguous()
        potential, spikes = (empty(current.shape, like=current) for _ in range(2))
        scan(current, gain, potential, spikes)
        ctx.save_for_backward(potential, gain)
        ctx.constants = tau, threshold, alpha
        return spikes

    @staticmethod
    @once_differentiable
    def backward(ctx, grad: Tensor):  # type: ignore[no-untyped-def]
        potential, gain = ctx.saved_tensors
        grad = grad.contiguous()
        to_current = empty(grad.shape, like=grad)
        compiled = compiled_scans(grad)
        scan = compiled.backward if compiled else scan_backward
        scan(grad, gain, potential, to_current, *ctx.constants)
        return to_current, None, None, None, None, None


def compiled_scans(signal: Tensor) -> ModuleType | None:
    """The module whose `forward` and `backward` are compiled for the device and the dtype of `signal`."""
    if compiled_lif.supports(signal):
        return compiled_lif
    return triton_scans(signal.device) if signal.dtype == torch.float32 else None


@lru_cache
def triton_scans(device: torch.device) -> ModuleType | None:
    """`triton_lif`, if Triton is installed and its kernels compute on `device` what they should."""
    if device.type != "cuda" or importlib.util.find_spec("triton") is None:
        return None
    try:
        from snnc.trainer import triton_lif

        triton_lif.check(device)
    except Exception as error:  # of Triton, of the C compiler that it calls, of a driver
        reason = str(error).strip().partition("\n")[0]
        warnings.warn(f"neurons on {device} are slower, as Triton fails there: {reason}", stacklevel=2)
        return None
    return triton_lif


def scan_forward(
    current: Tensor, gain: Tensor, potential: Tensor, spikes: Tensor, tau: float, threshold: float
) -> None:
    """Write `potential` before the reset, and `spikes`, in torch operations."""
    after = torch.zeros_like(current[0])
    for x, v, s in zip(current, potential, spikes, strict=True):
        torch.sub(after, after / tau, out=v).add_(x)
        fires = v >= threshold
        torch.mul(fires, gain, out=s)
        torch.mul(v, ~fires, out=after)


def scan_backward(
    grad: Tensor,
    gain: Tensor,
    potential: Tensor,
    to_current: Tensor,
    tau: float,
    threshold: float,
    alpha: float,
) -> None:
    """Write the gradient `to_current` of the gradient of the spikes, in torch operations."""
    later = torch.zeros_like(grad[0])
    for t in range(len(grad) - 1, -1, -1):
        over = potential[t] - threshold
        later = later * (1 - 1 / tau) * (over < 0)
        surrogate = over.mul_(math.pi / 2 * alpha).square_().add_(1).reciprocal_().mul_(alpha / 2)
        later = torch.addcmul(later, grad[t] * gain, surrogate, out=to_current[t])
