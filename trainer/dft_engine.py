"""Delayed connection by the convolution theorem, with the Fourier transform as matrix products.

`y = Ay^T ((Ax x) * (Ak K))`, where `*` is a product of matrices at each frequency. Signals in time are real,
so half of the frequencies suffice, and Gauss's trick multiplies complex numbers by three real products:

    (a + ib)(c + id) = (q0 - q2) + i (q0 + q1),   q0 = (a + b) c,  q1 = a (d - c),  q2 = b (c + d).

The three factors of x and of K are themselves linear in time, so they are rows of Ax and Ak; the sums and
the inverse transform are Ay. Everything that remains is real matrix products: on T + T_d - 1 steps, the
fewest on which the convolution does not wrap around (or one more), they number 1.5 a step instead of T_d.

Ax and Ak are never written out. The even part of a signal about its middle gives the real part of its
transform, the odd part the imaginary one: half of the values for each, and sums come after, a third of the
work in all. x counts from its middle and a kernel from its middle tap, so Ay counts from both.

The form is linear in x, K and the gradient g of y, so the same three matrices give the gradients:
`x' = Ax^T ((Ay g) * (Ak K))` and `K' = Ak^T ((Ax x) * (Ay g))`.
"""

from collections.abc import Callable, Sequence
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
    (y,) = _in_blocks([x], kernel, lambda signals, kernel: [_Convolution.apply(signals[0], kernel)])
    return y


def dft_in_parts(batches: Sequence[Tensor], kernel: Tensor, neurons: int) -> list[Tensor]:
    """`dft` of each of `batches`, which have equally many steps, without gradients.

    The kernel is transformed once for all, for so many `neurons` at a time: that takes some ten times its
    memory.
    """

    def convolve(signals: list[Tensor], kernel: Tensor) -> list[Tensor]:
        of_x, of_kernel, of_y = _matrices(len(signals[0]), len(kernel), kernel.device, kernel.dtype)
        x_planes = [_planes_of_x(x, *of_x) for x in signals]
        found: list[list[Tensor]] = [[] for _ in signals]
        for part in kernel.split(neurons, dim=1):
            planes = _planes_of_kernel(part, *of_kernel).transpose(1, 2)
            for y, of_one in zip(found, x_planes, strict=True):
                y.append(_product(of_y.T, _at_each_frequency(of_one, planes)))
        return [torch.cat(y, dim=2) for y in found]

    with torch.no_grad():
        return _in_blocks(batches, kernel, convolve)


def _in_blocks(
    batches: Sequence[Tensor], kernel: Tensor, convolve: Callable[[list[Tensor], Tensor], list[Tensor]]
) -> list[Tensor]:
    """`convolve` takes kernels tap first."""
    steps, (neurons, _, taps) = len(batches[0]), kernel.shape
    kernel = kernel.permute(2, 0, 1)
    blocks = -(-steps // max(_BLOCK, 2 * taps))
    if blocks == 1:
        return convolve(list(batches), kernel)
    length = -(-steps // blocks)

    def windows(x: Tensor) -> Tensor:
        padded = F.pad(x, (0, 0, 0, 0, taps - 1, blocks * length - steps))
        cut = padded.unfold(0, length + taps - 1, length).permute(3, 0, 1, 2)
        return cut.reshape(-1, blocks * x.shape[1], x.shape[2])

    def joined(y: Tensor) -> Tensor:
        by_block = y[taps - 1 :].unflatten(1, (blocks, -1)).transpose(0, 1)
        return by_block.reshape(blocks * length, -1, neurons)[:steps]

    return [joined(y) for y in convolve([windows(x) for x in batches], kernel)]


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x: Tensor, kernel: Tensor) -> Tensor:  # type: ignore[no-untyped-def]
        """x [T, B, inputs], kernel [T_d, neurons, inputs]."""
        of_x, of_kernel, of_y = _matrices(len(x), len(kernel), x.device, x.dtype)
        x_planes, kernel_planes = _planes_of_x(x, *of_x), _planes_of_kernel(kernel, *of_kernel)
        ctx.save_for_backward(x_planes, kernel_planes, *of_x, *of_kernel, of_y)
        ctx.steps, ctx.taps = len(x), len(kernel)
        return _product(of_y.T, _at_each_frequency(x_planes, kernel_planes.transpose(1, 2)))

    @staticmethod
    @once_differentiable
    def backward(ctx, grad: Tensor):  # type: ignore[no-untyped-def]
        x_planes, kernel_planes, x_cosine, x_sine, cosine, sine, of_y = ctx.saved_tensors
        planes = _product(of_y, grad)
        to_x = to_kernel = None
        if ctx.needs_input_grad[0]:
            of_planes = _at_each_frequency(planes, kernel_planes)
            to_x = _gradient_of_x(of_planes, x_cosine, x_sine, ctx.steps)
        if ctx.needs_input_grad[1]:
            of_planes = _at_each_frequency(planes.transpose(1, 2), x_planes)
            to_kernel = _gradient_of_kernel(of_planes, cosine, sine, ctx.taps)
        return to_x, to_kernel


def _planes_of_x(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """The planes [P, B, inputs] a + b, a and b of x [T, B, inputs]."""
    planes, (a, copy, b) = _new_planes(x, cosine, sine)
    even, odd = _even_and_odd(x)
    torch.mm(cosine, even.flatten(1), out=a.flatten(1))
    torch.mm(sine, odd.flatten(1), out=b.flatten(1))
    complexes = a[1 : 1 + len(sine)]
    copy.copy_(complexes)
    complexes.add_(b)
    return planes


def _gradient_of_x(planes: Tensor, cosine: Tensor, sine: Tensor, steps: int) -> Tensor:
    """The gradient of x, of that of `_planes_of_x`, which is overwritten."""
    a, copy, b = planes.split([len(cosine), len(sine), len(sine)])
    complexes = a[1 : 1 + len(sine)]
    b.add_(complexes)
    complexes.add_(copy)
    return _joined(_product(cosine.T, a), _product(sine.T, b), steps)


def _planes_of_kernel(kernel: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """The planes [P, neurons, inputs] c, d - c and c + d of a kernel [T_d, neurons, inputs]."""
    planes, (c, minus, plus) = _new_planes(kernel, cosine, sine)
    even, odd = _even_and_odd(kernel)
    torch.mm(cosine, even.flatten(1), out=c.flatten(1))
    d, complexes = _product(sine, odd), c[1 : 1 + len(sine)]
    torch.sub(d, complexes, out=minus)
    torch.add(d, complexes, out=plus)
    return planes


def _gradient_of_kernel(planes: Tensor, cosine: Tensor, sine: Tensor, taps: int) -> Tensor:
    """The gradient of the kernel, of that of `_planes_of_kernel`, which is overwritten."""
    c, minus, plus = planes.split([len(cosine), len(sine), len(sine)])
    c[1 : 1 + len(sine)].add_(plus).sub_(minus)
    return _joined(_product(cosine.T, c), _product(sine.T, minus.add_(plus)), taps)


def _new_planes(signal: Tensor, cosine: Tensor, sine: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Room for all planes, and its parts: that of every frequency, and two of the complex ones."""
    planes = empty((len(cosine) + 2 * len(sine), *signal.shape[1:]), like=signal)
    return planes, planes.split([len(cosine), len(sine), len(sine)])


def _even_and_odd(signal: Tensor) -> tuple[Tensor, Tensor]:
    """Parts of `signal` [n, ...] about its middle, from there outwards: [n - n // 2, ...], [n // 2, ...].

    A middle value, for odd n, is the first of the even part.
    """
    half = len(signal) // 2
    earlier, later = signal[:half].flip(0), signal[len(signal) - half :]
    even = empty((len(signal) - half, *signal.shape[1:]), like=signal)
    even[: len(even) - half] = signal[half : len(signal) - half]
    torch.add(earlier, later, out=even[len(even) - half :])
    return even, later - earlier


def _joined(even: Tensor, odd: Tensor, length: int) -> Tensor:
    """What `_even_and_odd` hands back for a gradient of its parts."""
    half = length // 2
    signal = empty((length, *even.shape[1:]), like=even)
    signal[half : length - half] = even[: len(even) - half]
    even = even[len(even) - half :]
    torch.add(even, odd, out=signal[length - half :])
    signal[:half] = (even - odd).flip(0)
    return signal


def _product(matrix: Tensor, signal: Tensor) -> Tensor:
    """`matrix` [rows, n] along the first axis of `signal` [n, ...]."""
    out = empty((len(matrix), *signal.shape[1:]), like=signal)
    torch.mm(matrix, signal.flatten(1), out=out.flatten(1))
    return out


def _at_each_frequency(left: Tensor, right: Tensor) -> Tensor:
    return torch.bmm(left, right, out=empty((*left.shape[:2], right.shape[2]), like=left))


@lru_cache(maxsize=64)
def _matrices(
    steps: int, taps: int, device: torch.device, dtype: torch.dtype
) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor], Tensor]:
    """Cosines [F, ...] and sines [C, ...] of x's and of the kernel's halves, and Ay [P, T].

    P planes, three for each of the C complex frequencies and one for frequency 0.
    """
    length = (steps + taps - 1) | 1  # odd: about a middle between two steps, half of an even one is not real
    frequency = np.arange(length // 2 + 1)
    is_complex = frequency > 0

    def transform(times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        angle = -2 * np.pi / length * (frequency[:, None] * times % length)
        return np.cos(angle), np.sin(angle)

    def tensor(matrix: np.ndarray) -> Tensor:
        return torch.tensor(matrix, device=device, dtype=dtype)

    def halves(n: int, sign: int) -> tuple[Tensor, Tensor]:
        """Of a signal of n values, counted from its middle."""
        cosine, sine = transform(np.arange(n - n // 2) + (0 if n % 2 else 0.5))
        return tensor(cosine), tensor(sign * sine[is_complex, n % 2 :])

    # x counts from its middle and delays from theirs: y is as much later.
    real, imaginary = transform(np.arange(steps) - (steps - 1) / 2 - (taps - 1) / 2)
    share = np.where(is_complex, 2, 1)[:, None] / length  # a complex frequency stands for its mirror too
    real, imaginary = share * real, share * imaginary  # re * cos - im * sin of the positive angle
    needed = np.stack([np.ones_like(is_complex), is_complex, is_complex])
    with torch.inference_mode(False):  # kept for training too
        of_y = tensor(np.stack([real + imaginary, imaginary, -real])[needed])
        return halves(steps, 1), halves(taps, -1), of_y  # the first tap has the longest delay
