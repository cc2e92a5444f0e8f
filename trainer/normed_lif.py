"""Batch norm and the LIF neurons behind it, compiled for CPUs: the normed current is never written.

What `data_parallel.batch_norm` and then `lif` compute, in fewer passes over memory. Forward, one for the
statistics and one for the rest; backward, the potentials are computed again, some columns at a time, and stay
in the cache. Columns [B, neurons] are independent, and the result does not depend on the number of threads.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from snnc.compiled import floats
from snnc.trainer import compiled_lif
from snnc.trainer.buffers import empty
from snnc.trainer.data_parallel import Share, add_up, keep_statistics
from snnc.trainer.threads import share as share_out

_COLUMNS = 512
"""Columns at a time: their potentials of all steps stay in the cache."""


def supports(norm: nn.BatchNorm1d, current: Tensor) -> bool:
    """Whether the statistics are of `current` [T, B, neurons], and more than one value has them."""
    return norm.training and compiled_lif.supports(current) and len(current) * current.shape[1] > 1


def normed_lif(
    norm: nn.BatchNorm1d,
    current: Tensor,
    tau: float,
    threshold: float,
    alpha: float,
    gain: Tensor | None,
    share: Share | None,
) -> Tensor:
    """Spikes [T, B, neurons] of `lif` to what `norm` makes of `current`, in training; see both."""
    current = current.contiguous()
    steps, batch, neurons = current.shape
    total, square = (np.empty(batch * neurons) for _ in range(2))
    _share(_sums, current, total, square)
    sums = torch.from_numpy(np.stack([total, square]).reshape(2, batch, neurons).sum(1))
    count = steps * (batch if share is None else share.count)
    mean, square_mean = (sums if share is None else add_up(sums)) / count
    variance = (square_mean - mean.square()).clamp(min=0)
    spikes: Tensor = NormedScan.apply(
        current,
        norm.weight,
        norm.bias,
        mean.float(),
        (variance + norm.eps).rsqrt().float(),
        torch.ones_like(current[0]) if gain is None else gain.contiguous(),
        (tau, threshold, alpha),
        count,
        share,
    )
    keep_statistics(norm, mean.float(), (variance * count / (count - 1)).float())
    return spikes


class NormedScan(torch.autograd.Function):
    """`count` values in all processes gave the mean and the reciprocal deviation `scale`, [neurons]."""

    @staticmethod
    def forward(  # type: ignore[no-untyped-def]
        ctx,
        current: Tensor,
        weight: Tensor,
        bias: Tensor,
        mean: Tensor,
        scale: Tensor,
        gain: Tensor,
        constants: tuple[float, float, float],
        count: int,
        share: Share | None,
    ) -> Tensor:
        spikes = empty(current.shape, like=current)
        columns = [*_over_batch(current, mean, weight * scale, bias), gain.numpy().reshape(-1)]
        _share(_forward, current, _rows(spikes), *columns, *map(np.float32, constants[:2]))
        ctx.save_for_backward(current, weight, mean, scale, bias, gain)
        ctx.constants, ctx.count, ctx.share = constants, count, share
        return spikes

    @staticmethod
    @once_differentiable
    def backward(ctx, grad: Tensor) -> tuple[Tensor | None, ...]:  # type: ignore[no-untyped-def]
        """dx = w s (g - mean(g) - n mean(g n)), with g behind the norm and n = s (x - m)."""
        current, weight, mean, scale, bias, gain = ctx.saved_tensors
        tau, threshold, alpha = ctx.constants
        to_current = empty(current.shape, like=current)
        columns = [*_over_batch(current, mean, weight * scale, bias), gain.numpy().reshape(-1)]
        sums = [np.empty(gain.numel(), np.float32) for _ in range(2)]
        constants = tau, threshold, 1 - 1 / tau, math.pi / 2 * alpha, alpha / 2
        ends = _rows(grad.contiguous()), _rows(to_current)
        _share(_backward, current, *ends, *columns, *sums, *map(np.float32, constants))
        both = np.stack(sums).reshape(2, *gain.shape).sum(1, dtype=np.float64)
        to_bias, product = torch.from_numpy(both)
        to_weight = product * scale
        of_all = torch.stack([to_bias, to_weight])
        mean_grad, mean_product = (of_all if ctx.share is None else add_up(of_all)) / ctx.count
        factor = weight * scale
        parts = factor, (-factor * scale * mean_product).float(), (-factor * mean_grad).float()
        _share(_norm_back, current, _rows(to_current), *_over_batch(current, mean, *parts))
        return to_current, to_weight.float(), to_bias.float(), *[None] * 6


def _share(loop: Any, current: Tensor, *arguments: Any) -> None:
    """Run `loop` on all columns of `current`, shared out to the threads."""
    rows = _rows(current)
    share_out(lambda first, last: loop(first, last, rows, *arguments), rows.shape[1], _COLUMNS)


def _rows(signal: Tensor) -> np.ndarray:
    return signal.detach().numpy().reshape(len(signal), -1)


def _over_batch(current: Tensor, *of_neurons: Tensor) -> Sequence[np.ndarray]:
    """Of each column what is of its neuron."""
    return [np.tile(each.detach().numpy(), current.shape[1]) for each in of_neurons]


@floats
def _sums(first, last, current, total, square):  # type: ignore[no-untyped-def]
    """Of each column's values, and of their squares: float64 loses nothing in the variance."""
    for begin in range(first, last, _COLUMNS):
        end = min(begin + _COLUMNS, last)
        one, two = total[begin:end], square[begin:end]
        one[:] = 0
        two[:] = 0
        for t in range(len(current)):
            x = current[t, begin:end]
            for i in range(len(x)):
                value = np.float64(x[i])
                one[i] += value
                two[i] += value * value


@floats
def _forward(first, last, current, spikes, mean, scale, shift, gain, tau, threshold):  # type: ignore[no-untyped-def]
    after, zero = np.empty(_COLUMNS, np.float32), np.float32(0)
    for begin in range(first, last, _COLUMNS):
        end = min(begin + _COLUMNS, last)
        m, a, b, weight = mean[begin:end], scale[begin:end], shift[begin:end], gain[begin:end]
        after[:] = 0
        for t in range(len(current)):
            x, s = current[t, begin:end], spikes[t, begin:end]
            for i in range(len(x)):
                charged = after[i] - after[i] / tau + ((x[i] - m[i]) * a[i] + b[i])
                fires = charged >= threshold
                s[i] = weight[i] if fires else zero
                after[i] = zero if fires else charged


@floats
def _backward(  # type: ignore[no-untyped-def]
    first,
    last,
    current,
    grad,
    out,
    mean,
    scale,
    shift,
    gain,
    total,
    product,
    tau,
    threshold,
    keep,
    slope,
    height,
):
    """The gradient behind the norm, its sums, and those of its products with x - m."""
    steps, zero, one = len(current), np.float32(0), np.float32(1)
    potential, state = np.empty((steps, _COLUMNS), np.float32), np.empty(_COLUMNS, np.float32)
    for begin in range(first, last, _COLUMNS):
        end = min(begin + _COLUMNS, last)
        m, a, b, weight = mean[begin:end], scale[begin:end], shift[begin:end], gain[begin:end]
        state[:] = 0
        for t in range(steps):
            x, v = current[t, begin:end], potential[t]
            for i in range(len(x)):
                charged = state[i] - state[i] / tau + ((x[i] - m[i]) * a[i] + b[i])
                v[i] = charged
                state[i] = zero if charged >= threshold else charged
        of_bias, of_weight = total[begin:end], product[begin:end]
        state[:] = 0
        of_bias[:] = 0
        of_weight[:] = 0
        for t in range(steps - 1, -1, -1):
            x, v, g, o = current[t, begin:end], potential[t], grad[t, begin:end], out[t, begin:end]
            for i in range(len(g)):
                over = v[i] - threshold
                scaled = slope * over
                kept = keep * state[i] if over < zero else zero
                now = kept + weight[i] * g[i] * (height / (one + scaled * scaled))
                o[i] = now
                state[i] = now
            for i in range(len(x)):
                of_bias[i] += o[i]
                of_weight[i] += o[i] * (x[i] - m[i])


@floats
def _norm_back(first, last, current, grad, mean, factor, of_current, rest):  # type: ignore[no-untyped-def]
    """`factor` times the gradient, `of_current` times x - m, and the `rest`, in place of the gradient."""
    for begin in range(first, last, _COLUMNS):
        end = min(begin + _COLUMNS, last)
        m, a, b, c = mean[begin:end], factor[begin:end], of_current[begin:end], rest[begin:end]
        for t in range(len(current)):
            x, g = current[t, begin:end], grad[t, begin:end]
            for i in range(len(x)):
                g[i] = g[i] * a[i] + (x[i] - m[i]) * b[i] + c[i]
