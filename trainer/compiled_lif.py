"""The scans of `lif` compiled for CPUs: one pass over memory, state in the cache.

Columns are independent, and are shared among as many threads as torch uses; the result does not depend on
their number. Forward rounds as torch does, so spikes are the same to the bit.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from snnc.compiled import floats
from snnc.trainer.threads import share

_COLUMNS = 1024
"""Columns scanned at a time: their state stays in the cache."""


def supports(signal: Tensor) -> bool:
    return signal.device.type == "cpu" and signal.dtype == torch.float32


def forward(
    current: Tensor, gain: Tensor, potential: Tensor, spikes: Tensor, tau: float, threshold: float
) -> None:
    """As `lif.scan_forward`."""
    share_columns(_forward_columns, gain, (current, potential, spikes), (tau, threshold))


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
    constants = (1 - 1 / tau, threshold, math.pi / 2 * alpha, alpha / 2)
    share_columns(_backward_columns, gain, (grad, potential, to_current), constants)


def share_columns(scan: Any, gain: Tensor, signals: Sequence[Tensor], constants: Sequence[float]) -> None:
    """Run `scan` on all columns of [T, ...] signals, in blocks that are shared out to the threads."""
    gains = gain.detach().numpy().reshape(-1)
    arrays = [signal.detach().numpy().reshape(len(signal), -1) for signal in signals]
    scalars = [np.float32(constant) for constant in constants]

    def work(begin: int, end: int) -> None:
        for first in range(begin, end, _COLUMNS):
            scan(first, min(first + _COLUMNS, end), gains, *arrays, *scalars)

    share(work, gains.size, _COLUMNS)


@floats
def _forward_columns(first, last, gain, current, potential, spikes, tau, threshold):  # type: ignore[no-untyped-def]
    after, zero = np.zeros(last - first, np.float32), np.float32(0)
    weight = gain[first:last]
    for t in range(len(current)):
        x, v, s = current[t, first:last], potential[t, first:last], spikes[t, first:last]
        for i in range(len(x)):
            charged = after[i] - after[i] / tau + x[i]
            fires = charged >= threshold
            v[i] = charged
            s[i] = weight[i] if fires else zero
            after[i] = zero if fires else charged


@floats
def _backward_columns(first, last, gain, grad, potential, to_current, keep, threshold, slope, height):  # type: ignore[no-untyped-def]
    later, zero, one = np.zeros(last - first, np.float32), np.float32(0), np.float32(1)
    weight = gain[first:last]
    for t in range(len(grad) - 1, -1, -1):
        g, v, out = grad[t, first:last], potential[t, first:last], to_current[t, first:last]
        for i in range(len(g)):
            over = v[i] - threshold
            scaled = slope * over
            kept = keep * later[i] if over < zero else zero
            now = kept + weight[i] * g[i] * (height / (one + scaled * scaled))
            out[i] = now
            later[i] = now
