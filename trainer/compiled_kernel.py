"""Gaussian delay kernels and their gradients compiled for CPUs: each tap goes through memory once.

Some synapses at a time, with all their taps in the cache; the backward pass makes the bells again. Synapses
are independent, so the result does not depend on the number of threads.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from snnc.compiled import floats
from snnc.trainer.threads import share

EPSILON = 1e-7  # DCLS's, keeps the division finite
NEGLIGIBLE = 1e-30  # Taps below become zero: products with denormal numbers are slow
FARTHEST = -70.0  # Its exponential is negligible; 2^n of numbers far below is no float

_SYNAPSES = 256
"""Synapses at a time."""
_SHIFTER = 12582912.0
"""1.5 x 2^23: a float of this size has no places after the point, and its last bits are a whole number."""
_SHIFTER_BITS = int(np.float32(_SHIFTER).view(np.int32))
_LOG2E, _LN2, _LN2_REST = 1.4426950408889634, 0.693359375, -2.12194440054690583e-4
_TAYLOR = tuple(np.float32(1 / number) for number in (5040, 720, 120, 24, 6, 2))


def supports(signal: Tensor) -> bool:
    return signal.device.type == "cpu" and signal.dtype == torch.float32


def forward(weight: Tensor, position: Tensor, sigma: float, kernel: Tensor) -> None:
    """Write the kernel [T_d, ...] of weights and positions [...]."""
    _share(_forward, weight, (weight, position), (kernel,), sigma)


def backward(
    weight: Tensor, position: Tensor, sigma: float, grad: Tensor, to_weight: Tensor, to_position: Tensor
) -> None:
    """Write the gradients of weights and positions of the gradient of their kernel."""
    _share(_backward, weight, (weight, position, to_weight, to_position), (grad,), sigma)


def _share(
    loop: Any, like: Tensor, flat: tuple[Tensor, ...], kernels: tuple[Tensor, ...], sigma: float
) -> None:
    arrays: list[Any] = [tensor.detach().numpy().reshape(-1) for tensor in flat]
    arrays += [tensor.detach().numpy().reshape(len(tensor), -1) for tensor in kernels]
    share(lambda first, last: loop(first, last, *arrays, np.float32(sigma)), like.numel(), _SYNAPSES)


@floats
def _forward(first, last, weight, position, kernel, sigma):  # type: ignore[no-untyped-def]
    bells = np.empty((len(kernel), _SYNAPSES), np.float32)
    for begin in range(first, last, _SYNAPSES):
        end = min(begin + _SYNAPSES, last)
        _bells(position[begin:end], sigma, bells)
        weights = weight[begin:end]
        for n in range(len(kernel)):
            bell, out = bells[n], kernel[n, begin:end]
            for i in range(len(out)):
                out[i] = bell[i] * weights[i]


@floats
def _backward(first, last, weight, position, to_weight, to_position, grad, sigma):  # type: ignore[no-untyped-def]
    """With the normalised bell b and u = n - c: dK/dw = b and dK/dP = w b (u - sum b u) / s^2.

    u counts from the centre of the bell, not of the kernel: the sums would lose digits otherwise.
    """
    taps = len(grad)
    bells, mean = np.empty((taps, _SYNAPSES), np.float32), np.empty(_SYNAPSES, np.float32)
    for begin in range(first, last, _SYNAPSES):
        end = min(begin + _SYNAPSES, last)
        places, weights = position[begin:end], weight[begin:end]
        of_weight, of_position = to_weight[begin:end], to_position[begin:end]
        _bells(places, sigma, bells)
        mean[:] = 0
        of_weight[:] = 0
        of_position[:] = 0
        for n in range(taps):
            bell, tap = bells[n], np.float32(n - taps // 2)
            for i in range(len(places)):
                mean[i] += bell[i] * (tap - places[i])
        for n in range(taps):
            bell, tap, g = bells[n], np.float32(n - taps // 2), grad[n, begin:end]
            for i in range(len(places)):
                through = g[i] * bell[i]
                of_weight[i] += through
                of_position[i] += through * (tap - places[i] - mean[i])
        for i in range(len(places)):
            of_position[i] = of_position[i] * weights[i] / (sigma * sigma)


@floats
def _bells(places, sigma, bells):  # type: ignore[no-untyped-def]
    """Normalised ones, [T_d, synapses], around these places."""
    taps, count = len(bells), len(places)
    total, powers = np.zeros(_SYNAPSES, np.float32), np.empty(_SYNAPSES, np.float32)
    bits = powers.view(np.int32)
    half, zero, farthest = np.float32(-0.5), np.float32(0), np.float32(FARTHEST)
    for n in range(taps):
        bell, tap = bells[n], np.float32(n - taps // 2)
        for i in range(count):
            u = (tap - places[i]) / sigma
            x = half * (u * u)
            x = farthest if x < farthest else x
            # exp(x) = 2^k exp(x - k ln 2), with the whole number k next to x / ln 2.
            shifted = x * np.float32(_LOG2E) + np.float32(_SHIFTER)
            powers[i] = shifted
            k = shifted - np.float32(_SHIFTER)
            r = x - k * np.float32(_LN2) - k * np.float32(_LN2_REST)
            sum_ = _TAYLOR[0]
            sum_ = sum_ * r + _TAYLOR[1]
            sum_ = sum_ * r + _TAYLOR[2]
            sum_ = sum_ * r + _TAYLOR[3]
            sum_ = sum_ * r + _TAYLOR[4]
            sum_ = sum_ * r + _TAYLOR[5]
            bell[i] = (sum_ * r) * r + r + np.float32(1)
        for i in range(count):
            bits[i] = (bits[i] - np.int32(_SHIFTER_BITS - 127)) << np.int32(23)
        for i in range(count):
            value = bell[i] * powers[i]
            value = zero if value < np.float32(NEGLIGIBLE) else value
            bell[i] = value
            total[i] += value
    for i in range(count):
        total[i] += np.float32(EPSILON)
    for n in range(taps):
        bell = bells[n]
        for i in range(count):
            bell[i] /= total[i]
