"""The scan of spiking populations as torch operations: for GPUs, and for other numbers than float32.

What it computes is said in `scan`; `compiled_scan` has the same two functions. Forward, each product is
rounded before it is added, as there (`addcmul` may not).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from snnc.trainer.graph_network.compiled_scan import Values
from snnc.trainer.graph_network.loops import Loop


def forward(current: Tensor, values: Values, soft: bool, loop: Loop | None) -> tuple[Tensor, ...]:
    """Potentials before the reset, spikes and, with adaptation, w, each as `current`: [T, B, neurons]."""
    keep_v, threshold = values[:2]
    keep_w, ka, kb = values[2:] or (keep_v,) * 3  # not looked at without adaptation
    potential, spikes = torch.empty_like(current), torch.empty_like(current)
    adaptation = torch.empty_like(current) if len(values) > 2 else None
    v = w = s = torch.zeros_like(current[0])
    for t in range(len(current)):
        charged = torch.mul(keep_v, v, out=potential[t]).add_(current[t])
        if loop is not None:
            charged += loop.arriving(t)
        if adaptation is not None:
            w = torch.mul(w, keep_w, out=adaptation[t]).add_(ka * v).add_(kb * s)
            charged -= w
        s = spikes[t].copy_(charged >= threshold)
        v = torch.addcmul(charged, threshold if soft else charged, s, value=-1)
        if loop is not None:
            loop.send(t, s)
    return (potential, spikes) if adaptation is None else (potential, spikes, adaptation)


def backward(
    grad: Tensor, kept: tuple[Tensor, ...], values: Values, soft: bool, alpha: float, loop: Loop | None
) -> tuple[Tensor, list[Tensor]]:
    """The gradients of the current and of `values`; `kept` is what `forward` returned."""
    keep_v, threshold = values[:2]
    keep_w, ka, kb = values[2:] or (keep_v,) * 3
    potential, spikes = kept[:2]
    adaptation = kept[2] if len(kept) > 2 else None
    surrogate = (potential - threshold).mul_(math.pi / 2 * alpha).square_().add_(1).reciprocal_()
    surrogate.mul_(alpha / 2)
    unfired = None if soft else 1 - spikes
    to_charged = torch.empty_like(potential)
    to_w = None if adaptation is None else torch.empty_like(potential)
    if loop is not None:
        loop.begin_back()
    later_v = later_w = torch.zeros_like(potential[0])
    for t in range(len(grad) - 1, -1, -1):
        to_v, to_spikes = keep_v * later_v, grad[t]
        if loop is not None:
            to_spikes = to_spikes + loop.told(t)
        if to_w is not None:
            to_v.addcmul_(ka, later_w)
            to_spikes = torch.addcmul(to_spikes, kb, later_w)
        if unfired is not None:
            to_v.mul_(unfired[t])
        later_v = torch.addcmul(to_v, to_spikes, surrogate[t], out=to_charged[t])
        if to_w is not None:
            later_w = torch.mul(keep_w, later_w, out=to_w[t]).sub_(later_v)
        if loop is not None:
            loop.tell(t, later_v)
    # What follows is over all steps at once.
    after = torch.addcmul(potential, threshold if soft else potential, spikes, value=-1)
    to_keep_v = _over_time(to_charged, after)
    to_after = torch.zeros_like(after)
    to_after[:-1] = keep_v * to_charged[1:]
    adapted: list[Tensor] = []
    if to_w is not None and adaptation is not None:
        to_after[:-1] += ka * to_w[1:]
        adapted = [_over_time(to_w, each) for each in (adaptation, after, spikes)]
    # A threshold shifts the surrogate; at a spike it is subtracted too, or v becomes 0 whatever it was.
    to_threshold = -(to_charged - to_after * (1 - spikes)).sum((0, 1))
    return to_charged, [to_keep_v, to_threshold, *adapted]


def _over_time(gradient: Tensor, before: Tensor) -> Tensor:
    """[neurons]: the sum of `gradient` of a step times what was `before` it."""
    return (gradient[1:] * before[:-1]).sum((0, 1))
