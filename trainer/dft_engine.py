"""Delayed connection by the convolution theorem, with the Fourier transform as matrix products.

`y = Ay^T ((Ax x) * (Ak K))`, where `*` is a product of matrices at each frequency. Signals in time are real,
so half of the frequencies suffice, and Gauss's trick multiplies complex numbers by three real products:

    (a + ib)(c + id) = (q0 - q2) + i (q0 + q1),   q0 = (a + b) c,  q1 = a (d - c),  q2 = b (c + d).

The three factors of x and of K are themselves linear in time, so they are rows of Ax and Ak; the sums and
the inverse transform are Ay. Everything that remains is real matrix products: on T + T_d - 1 steps, the
fewest on which the convolution does not wrap around, they number 1.5 a step instead of T_d.

The form is linear in x, K and the gradient g of y, so the same three matrices give the gradients:
`x' = Ax^T ((Ay g) * (Ak K))` and `K' = Ak^T ((Ax x) * (Ay g))`.
"""

from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

from snnc.trainer.buffers import empty

_BLOCK = 256
"""Longest stretch of steps to transform as a whole: the work for a step grows with it."""


def dft(x: Tensor, kernel: Tensor) -> Tensor:
    """The delayed connection, see `Engine`. Long signals are cut into blocks that overlap by the delays."""
    (steps, batch, inputs), (neurons, _, taps) = x.shape, kernel.shape
    kernel = kernel.permute(2, 0, 1)
    blocks = -(-steps // max(_BLOCK, 2 * taps))
    if blocks == 1:
        whole: Tensor = _Convolution.apply(x, kernel)
        return whole
    length = -(-steps // blocks)
    padded = F.pad(x, (0, 0, 0, 0, taps - 1, blocks * length - steps))
    windows = padded.unfold(0, length + taps - 1, length).permute(3, 0, 1, 2)
    out: Tensor = _Convolution.apply(windows.reshape(-1, blocks * batch, inputs), kernel)
    by_block = out[taps - 1 :].unflatten(1, (blocks, batch)).transpose(0, 1)
    return by_block.reshape(-1, batch, neurons)[:steps]


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x: Tensor, kernel: Tensor) -> Tensor:  # type: ignore[no-untyped-def]
        """x [T, B, inputs], kernel [T_d, neurons, inputs]."""
        of_x, of_kernel, of_y = _matrices(len(x), len(kernel), x.device, x.dtype)
        x_planes, kernel_planes = _product(of_x, x), _product(of_kernel, kernel)
        ctx.save_for_backward(x_planes, kernel_planes, of_x, of_kernel, of_y)
        return _product(of_y.T, _at_each_frequency(x_planes, kernel_planes.transpose(1, 2)))

    @staticmethod
    @once_differentiable
    def backward(ctx, grad: Tensor):  # type: ignore[no-untyped-def]
        x_planes, kernel_planes, of_x, of_kernel, of_y = ctx.saved_tensors
        planes = _product(of_y, grad)
        to_x = to_kernel = None
        if ctx.needs_input_grad[0]:
            to_x = _product(of_x.T, _at_each_frequency(planes, kernel_planes))
        if ctx.needs_input_grad[1]:
            to_kernel = _product(of_kernel.T, _at_each_frequency(planes.transpose(1, 2), x_planes))
        return to_x, to_kernel


def _product(matrix: Tensor, signal: Tensor) -> Tensor:
    """`matrix` [rows, n] along the first axis of `signal` [n, ...]."""
    out = empty((len(matrix), *signal.shape[1:]), like=signal)
    torch.mm(matrix, signal.reshape(len(signal), -1), out=out.view(len(matrix), -1))
    return out


def _at_each_frequency(left: Tensor, right: Tensor) -> Tensor:
    return torch.bmm(left, right, out=empty((*left.shape[:2], right.shape[2]), like=left))


@lru_cache(maxsize=64)
def _matrices(steps: int, taps: int, device: torch.device, dtype: torch.dtype) -> tuple[Tensor, ...]:
    """Ax [P, T], Ak [P, T_d], Ay [P, T]: P planes, three for each frequency or, if it is real, one."""
    length = steps + taps - 1
    frequency = np.arange(length // 2 + 1)
    is_complex = (frequency > 0) & (2 * frequency < length)
    delay = taps - 1 - np.arange(taps)

    def transform(times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        angle = -2 * np.pi / length * (frequency[:, None] * times % length)
        return np.cos(angle), np.sin(angle)

    a, b = transform(np.arange(steps))
    c, d = transform(delay)
    share = np.where(is_complex, 2, 1)[:, None] / length  # a complex frequency stands for its mirror too
    real, imaginary = share * a, share * b  # the inverse takes re * cos - im * sin of the positive angle
    planes = (
        np.stack([a + b, a, b]),
        np.stack([c, d - c, c + d]),
        np.stack([real + imaginary, imaginary, -real]),
    )
    needed = np.stack([np.ones_like(is_complex), is_complex, is_complex])
    with torch.inference_mode(False):  # kept for training too
        return tuple(torch.tensor(p[needed], device=device, dtype=dtype) for p in planes)
