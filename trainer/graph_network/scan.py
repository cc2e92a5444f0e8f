"""A spiking population over time, with surrogate gradients; its spikes may return to it.

In each step, of what arrives (x, and what returns) and with values for each neuron,

    w = keep_w w + ka v + kb S                       (adaptation)
    v = keep_v v + x - w;    S = 1 if v >= threshold
    then v := 0, or v := v - threshold, where S = 1

from rest, as the contract computes it in integers. Backward, a spike counts as
`arctan(pi / 2 alpha (v - threshold)) / pi + 1 / 2`, as in `snnc.trainer.lif`. In the reset a spike is a
constant.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from snnc.trainer.graph_network.loops import Loop


@dataclass(frozen=True, slots=True)
class Constants:
    """Values of the neurons, each [neurons]; `gain` multiplies all that arrives.

    `gain` None: 1. `keep_w`, `ka`, `kb` None: no adaptation. `soft`: the threshold is subtracted at a spike.
    """

    keep_v: Tensor
    threshold: Tensor
    soft: bool
    gain: Tensor | None = None
    keep_w: Tensor | None = None
    ka: Tensor | None = None
    kb: Tensor | None = None


def scan(
    current: Tensor,
    constants: Constants,
    alpha: float,
    loop: type[Loop] | None = None,
    tensors: tuple[Tensor, ...] = (),
) -> Tensor:
    """Spikes [T, B, neurons] of what arrives from elsewhere, of the same shape; gains are in it already.

    `alpha`: sharpness of the surrogate, per unit of potential. `loop` of `tensors` is what returns. All
    numbers are computed as the precision of `current` has them, whatever autocast says.
    """
    of = constants
    with torch.autocast(current.device.type, enabled=False):
        spikes: Tensor = _Scan.apply(
            loop, of.soft, alpha, current, of.keep_v, of.threshold, of.keep_w, of.ka, of.kb, *tensors
        )
    return spikes


class _Scan(torch.autograd.Function):
    @staticmethod
    def forward(  # type: ignore[no-untyped-def]
        ctx,
        kind: type[Loop] | None,
        soft: bool,
        alpha: float,
        current: Tensor,
        keep_v: Tensor,
        threshold: Tensor,
        keep_w: Tensor | None,
        ka: Tensor | None,
        kb: Tensor | None,
        *tensors: Tensor,
    ) -> Tensor:
        steps, samples, _ = current.shape
        loop = None if kind is None else kind(steps, samples, *tensors)
        potential, spikes = torch.empty_like(current), torch.empty_like(current)
        adaptation = None if keep_w is None else torch.empty_like(current)
        v = w = s = torch.zeros_like(current[0])
        for t in range(steps):
            charged = torch.addcmul(current[t], keep_v, v, out=potential[t])
            if loop is not None:
                charged += loop.arriving(t)
            if adaptation is not None:
                assert keep_w is not None  # with ka and kb
                assert ka is not None
                assert kb is not None
                w = torch.mul(w, keep_w, out=adaptation[t]).addcmul_(ka, v).addcmul_(kb, s)
                charged -= w
            s = spikes[t].copy_(charged >= threshold)
            v = torch.addcmul(charged, threshold if soft else charged, s, value=-1)
            if loop is not None:
                loop.send(t, s)
        ctx.loop, ctx.soft, ctx.alpha = loop, soft, alpha
        ctx.save_for_backward(potential, spikes, adaptation, keep_v, threshold, keep_w, ka, kb)
        return spikes

    @staticmethod
    @once_differentiable
    def backward(ctx, grad: Tensor) -> tuple[Any, ...]:  # type: ignore[no-untyped-def]
        potential, spikes, adaptation, keep_v, threshold, keep_w, ka, kb = ctx.saved_tensors
        loop, soft = ctx.loop, ctx.soft
        surrogate = (potential - threshold).mul_(math.pi / 2 * ctx.alpha).square_().add_(1).reciprocal_()
        surrogate.mul_(ctx.alpha / 2)
        kept = None if soft else 1 - spikes
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
            if kept is not None:
                to_v.mul_(kept[t])
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
        adapted: tuple[Any, ...] = (None, None, None)
        if to_w is not None:
            to_after[:-1] += ka * to_w[1:]
            adapted = _over_time(to_w, adaptation), _over_time(to_w, after), _over_time(to_w, spikes)
        # A threshold shifts the surrogate; at a spike it is subtracted too, or v becomes 0 whatever it was.
        to_threshold = -(to_charged - to_after * (1 - spikes)).sum((0, 1))
        returned = () if loop is None else loop.gradients()
        return None, None, None, to_charged, to_keep_v, to_threshold, *adapted, *returned


def _over_time(gradient: Tensor, before: Tensor | None) -> Tensor:
    """[neurons]: the sum of `gradient` of a step times what was `before` it."""
    assert before is not None
    return (gradient[1:] * before[:-1]).sum((0, 1))
