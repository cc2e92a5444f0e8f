"""The scan of spiking populations compiled for CPUs: one pass over memory, all sums over time on the way.

Forward rounds as the torch operations of `scan_steps` do, so spikes are the same to the bit. Samples are
independent within a step. Without a loop, a block of samples goes through all steps while its state is in the
cache; with one, all samples go step by step. Signals are [steps, samples, neurons] here, too.
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from snnc.compiled import floats
from snnc.trainer.buffers import empty
from snnc.trainer.graph_network.loops import Loop
from snnc.trainer.threads import share

_COLUMNS = 1024
"""Neurons of samples scanned at a time, about, where nothing returns: their state stays in the cache."""

Floats = npt.NDArray[np.float32]
Values = tuple[Tensor, ...]
"""keep_v, threshold and, with adaptation, keep_w, ka and kb, each [neurons]."""


def forward(current: Tensor, values: Values, soft: bool, loop: Loop | None) -> tuple[Tensor, ...]:
    """Potentials before the reset, spikes and, with adaptation, w, each as `current`: [T, B, neurons]."""
    current = current.contiguous()
    adapts = len(values) > 2
    potential, spikes = (empty(current.shape, like=current) for _ in range(2))
    adaptation = empty(current.shape, like=current) if adapts else current  # else it is not looked at
    signals = [each.detach().numpy() for each in (current, potential, spikes, adaptation)]
    shape = signals[0].shape[1:]
    state = np.zeros((3, *shape), np.float32)  # v after the reset, w, the last spikes
    common = (_of_neurons(values), soft, adapts, *signals, state)

    def step(first: int, last: int, returning: Floats) -> None:
        _run(_forward_samples, shape, loop is None, (first, last, *common, returning))

    if loop is None:
        step(0, len(current), np.zeros(shape, np.float32))
    else:
        for t in range(len(current)):
            step(t, t + 1, loop.arriving(t).detach().contiguous().numpy())
            loop.send(t, spikes[t])
    return (potential, spikes, adaptation) if adapts else (potential, spikes)


def backward(
    grad: Tensor, kept: tuple[Tensor, ...], values: Values, soft: bool, alpha: float, loop: Loop | None
) -> tuple[Tensor, list[Tensor]]:
    """The gradients of the current and of `values`; `kept` is what `forward` returned."""
    grad = grad.contiguous()
    adapts = len(values) > 2
    potential, spikes, adaptation = (*kept, kept[0])[:3]
    to_charged = empty(grad.shape, like=grad)
    signals = [each.detach().numpy() for each in (grad, potential, spikes, adaptation, to_charged)]
    shape = signals[0].shape[1:]
    later, sums = np.zeros((2, *shape), np.float32), np.zeros((5, *shape), np.float32)
    slopes = np.float32(math.pi / 2 * alpha), np.float32(alpha / 2)
    common = (_of_neurons(values), soft, adapts, *slopes, *signals, later, sums)

    def step(first: int, last: int, told: Floats) -> None:
        _run(_backward_samples, shape, loop is None, (first, last, *common, told))

    if loop is None:
        step(0, len(grad), np.zeros(shape, np.float32))
    else:
        loop.begin_back()
        for t in range(len(grad) - 1, -1, -1):
            step(t, t + 1, loop.told(t).detach().contiguous().numpy())
            loop.tell(t, to_charged[t])
    return to_charged, list(torch.from_numpy(sums[: len(values)]).sum(1))


def _run(scan: Any, shape: tuple[int, ...], in_blocks: bool, arguments: tuple[Any, ...]) -> None:
    """`scan` of all samples, in blocks that are shared out to the threads."""
    samples, neurons = shape
    block = _COLUMNS // neurons if in_blocks else -(-samples // torch.get_num_threads())
    block = max(1, block)

    def work(begin: int, end: int) -> None:
        for first in range(begin, end, block):
            scan(first, min(first + block, end), *arguments)

    share(work, samples, block)


def _of_neurons(values: Values) -> Floats:
    """[5, neurons]; without adaptation three are 0, and not looked at."""
    found = np.zeros((5, len(values[0])), np.float32)
    found[: len(values)] = torch.stack(values).detach()
    return found


@floats
def _forward_samples(  # type: ignore[no-untyped-def]
    first, last, begin, end, values, soft, adapts, current, potential, spikes, adaptation, state, returning
):
    keep_v, threshold, keep_w, ka, kb = values[0], values[1], values[2], values[3], values[4]
    zero, one = np.float32(0), np.float32(1)
    for t in range(begin, end):
        for b in range(first, last):
            x, v, s, slow = current[t, b], potential[t, b], spikes[t, b], adaptation[t, b]
            after, w, fired, back = state[0, b], state[1, b], state[2, b], returning[b]
            if adapts:
                for n in range(len(x)):
                    now = w[n] * keep_w[n] + ka[n] * after[n] + kb[n] * fired[n]
                    slow[n] = w[n] = now
                    v[n] = x[n] + keep_v[n] * after[n] + back[n] - now
            else:
                for n in range(len(x)):
                    v[n] = x[n] + keep_v[n] * after[n] + back[n]
            for n in range(len(x)):
                charged, floor = v[n], threshold[n]
                fires = charged >= floor
                s[n] = fired[n] = one if fires else zero
                reset = charged - floor if soft else zero
                after[n] = reset if fires else charged


@floats
def _backward_samples(  # type: ignore[no-untyped-def]
    first, last, begin, end, values, soft, adapts, slope, height, grad, potential, spikes, adaptation,
    to_charged, later, sums, told,
):  # fmt: skip
    keep_v, threshold, keep_w, ka, kb = values[0], values[1], values[2], values[3], values[4]
    one = np.float32(1)
    for t in range(end - 1, begin - 1, -1):
        for b in range(first, last):
            g, out, extra = grad[t, b], to_charged[t, b], told[b]
            v, s, slow = potential[t, b], spikes[t, b], adaptation[t, b]
            later_v, later_w = later[0, b], later[1, b]
            to_keep_v, to_threshold = sums[0, b], sums[1, b]
            to_keep_w, to_ka, to_kb = sums[2, b], sums[3, b], sums[4, b]
            for n in range(len(g)):
                over = v[n] - threshold[n]
                kept = one - s[n]
                after = v[n] - threshold[n] * s[n] if soft else v[n] * kept
                to_after, to_spike = keep_v[n] * later_v[n], g[n] + extra[n]
                to_keep_v[n] += later_v[n] * after
                if adapts:
                    to_after += ka[n] * later_w[n]
                    to_spike += kb[n] * later_w[n]
                    to_keep_w[n] += later_w[n] * slow[n]
                    to_ka[n] += later_w[n] * after
                    to_kb[n] += later_w[n] * s[n]
                scaled = over * slope
                now = to_spike * (height / (one + scaled * scaled))
                now += to_after if soft else to_after * kept
                # A threshold shifts the surrogate; at a spike it is subtracted too, or v becomes 0.
                to_threshold[n] -= now - to_after * kept
                later_w[n] = keep_w[n] * later_w[n] - now
                later_v[n] = out[n] = now
