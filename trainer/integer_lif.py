"""Neurons in the contract's integers (`docs/semantics.md`, clauses 4 to 7), with surrogate gradients.

Forward is what the chip computes, to the bit; backward is that of `lif` at the same potentials, as if the
rounding of every step were the identity: the straight-through estimator of Bengio, Leonard & Courville,
"Estimating or Propagating Gradients Through Stochastic Neurons for Conditional Computation",
arXiv:1308.3432. Two things are left to the range proof: the wrap of u, and that currents stay below 2^24,
where float32 holds every integer.
"""

import math
from functools import partial

import numpy as np
import torch
from torch import Tensor

from snnc import formats
from snnc.compiled import floats
from snnc.trainer import compiled_lif
from snnc.trainer.buffers import empty
from snnc.trainer.lif import Scan

_NEVER = 1 << 24  # above every potential


def integer_lif(
    current: Tensor, decay: int, threshold: int, alpha: float, unit: float, gain: Tensor | None = None
) -> Tensor:
    """Spikes of integer currents, float32 [T, ...], time first.

    Parameters
    ----------
    current : what is added to v in each step, bias included, in steps of v.
    decay : clause 4's `k`, 0 .. 4096.
    threshold : in steps of v; a neuron fires above it.
    alpha : sharpness of the surrogate, per unit of real potential.
    unit : steps of v to 1 of the real potential.
    gain : [...], what a spike of each neuron counts; 1 if not given. It gets no gradient.
    """
    gain = torch.ones_like(current[0]) if gain is None else gain
    tau = formats.DECAY_ONE / decay if decay else math.inf
    forward = partial(_forward, decay=decay, threshold=threshold)
    # Half a step above: a neuron at its threshold has not fired, and is not reset.
    spikes: Tensor = Scan.apply(current, gain, forward, tau, threshold + 0.5, alpha / unit)
    return spikes


def integer_integrator(current: Tensor, decay: int) -> Tensor:
    """Potential [T, ...] of the readout, in steps of v; its gradient is that of the leaky sum."""
    with torch.no_grad():
        exact, spikes = (empty(current.shape, like=current) for _ in range(2))
        _forward(current.contiguous(), torch.ones_like(current[0]), exact, spikes, decay, _NEVER)
    step = torch.arange(len(current), device=current.device)
    age = step[:, None] - step
    keep = 1 - decay / formats.DECAY_ONE
    response = torch.where(age >= 0, keep ** age.clamp(min=0), 0.0).to(current.dtype)
    smooth = torch.tensordot(response, current, dims=1)
    return straight_through(smooth, exact)


def straight_through(value: Tensor, exact: Tensor) -> Tensor:
    """`exact`, to the bit, with the gradient of `value`; both of one shape."""
    out: Tensor = _Through.apply(value, exact)
    return out


class _Through(torch.autograd.Function):
    @staticmethod
    def forward(ctx, value: Tensor, exact: Tensor) -> Tensor:  # type: ignore[no-untyped-def]
        return exact.clone()

    @staticmethod
    def backward(ctx, grad: Tensor) -> tuple[Tensor, None]:  # type: ignore[no-untyped-def]
        return grad, None


def _forward(
    current: Tensor, gain: Tensor, potential: Tensor, spikes: Tensor, decay: int, threshold: int
) -> None:
    if compiled_lif.supports(current):
        keep = formats.DECAY_ONE - decay
        compiled_lif.share_columns(_columns, gain, (current, potential, spikes), (keep, threshold))
    else:
        scan_forward(current, gain, potential, spikes, decay, threshold)


def scan_forward(
    current: Tensor, gain: Tensor, potential: Tensor, spikes: Tensor, decay: int, threshold: int
) -> None:
    """Write `potential` before the reset, and `spikes`, in torch operations."""
    after = torch.zeros_like(current[0], dtype=torch.int64)
    limit = formats.V_LIMIT
    for x, v, s in zip(current, potential, spikes, strict=True):
        kept = after.sign() * ((after.abs() * (formats.DECAY_ONE - decay)) >> formats.DECAY_BITS)
        charged = (kept + x.round().to(torch.int64)).clamp(-limit, limit)
        fires = charged > threshold
        v.copy_(charged)
        torch.mul(fires, gain, out=s)
        after = charged.masked_fill(fires, 0)


_BITS, _LIMIT = formats.DECAY_BITS, formats.V_LIMIT


@floats
def _columns(first, last, gain, current, potential, spikes, keep, threshold):  # type: ignore[no-untyped-def]
    after, zero = np.zeros(last - first, np.int64), np.float32(0)
    weight, kept_share, top = gain[first:last], np.int64(keep), np.int64(threshold)
    for t in range(len(current)):
        x, v, s = current[t, first:last], potential[t, first:last], spikes[t, first:last]
        for i in range(len(after)):
            before = after[i]
            kept = (abs(before) * kept_share) >> _BITS
            charged = (kept if before >= 0 else -kept) + np.int64(np.rint(x[i]))
            charged = min(max(charged, -_LIMIT), _LIMIT)
            fires = charged > top
            v[i] = charged
            s[i] = weight[i] if fires else zero
            after[i] = 0 if fires else charged
