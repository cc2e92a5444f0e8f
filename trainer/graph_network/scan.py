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

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from snnc.trainer.compiled_lif import supports
from snnc.trainer.graph_network import compiled_scan, scan_steps
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
        values = tuple(each for each in (keep_v, threshold, keep_w, ka, kb) if each is not None)
        of = compiled_scan if supports(current) else scan_steps
        kept = of.forward(current, values, soft, loop)
        ctx.loop, ctx.soft, ctx.alpha, ctx.values = loop, soft, alpha, len(values)
        ctx.save_for_backward(*values, *kept)
        return kept[1]

    @staticmethod
    @once_differentiable
    def backward(ctx, grad: Tensor) -> tuple[Any, ...]:  # type: ignore[no-untyped-def]
        values, kept = ctx.saved_tensors[: ctx.values], ctx.saved_tensors[ctx.values :]
        of = compiled_scan if supports(grad) else scan_steps
        to_current, to_values = of.backward(grad, kept, values, ctx.soft, ctx.alpha, ctx.loop)
        to_values += [None] * (5 - len(values))  # there is no adaptation
        returned = () if ctx.loop is None else ctx.loop.gradients()
        return None, None, None, to_current, *to_values, *returned
