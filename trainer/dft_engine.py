"""Delayed connection by the convolution theorem, with the Fourier transform as matrix products.

`y = Ay^T ((Ax x) * (Ak K))`, where `*` is a product of matrices at each frequency. Signals in time are real,
so half of the frequencies suffice, and Gauss's trick multiplies complex numbers by three real products:

    (a + ib)(c + id) = (q0 - q2) + i (q0 + q1),   q0 = (a + b) c,  q1 = a (d - c),  q2 = b (c + d).

The three factors of x and of K are themselves linear in time, so they are rows of Ax and Ak; the sums and
the inverse transform are Ay. Everything that remains is real matrix products: on T + T_d - 1 steps, the
fewest on which the convolution does not wrap around (or one more), they number 1.5 a step instead of T_d.

Ax, Ak and Ay are never written out. The even part of a signal about its middle gives the real part of its
transform, the odd part the imaginary one: half of the values for each, and sums come after, a third of the
work in all; `products.compiled_transform` halves it again. x and a kernel count from their middles, so what
they give counts from its own; y is its first T steps.

The form is linear in x, K and the gradient g of y, so the same three matrices give the gradients:
`x' = Ax^T ((Ay g) * (Ak K))` and `K' = Ak^T ((Ax x) * (Ay g))`.
"""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

from snnc.trainer.products.candidates import Product, product_for
from snnc.trainer.products.transform import Transform, transforms

_BLOCK = 256
"""Longest stretch of steps to transform as a whole: the work for a step grows with it."""
_FOUR = 4
"""Silent steps are left out by so many, so that batches have the same few transforms."""


def dft(x: Tensor, kernel: Tensor) -> Tensor:
    """The delayed connection, see `Engine`. Long signals are cut into blocks that overlap by the delays."""

    def convolve(signals: list[Tensor], kernel: Tensor) -> list[Tensor]:
        (x,) = signals
        return [_Convolution.apply(x[: _heard(x)], kernel, len(x))]

    (y,) = _in_blocks([x], kernel, convolve)
    return y


def dft_in_parts(batches: Sequence[Tensor], kernel: Tensor, neurons: int) -> list[Tensor]:
    """`dft` of each of `batches`, which have equally many steps, without gradients.

    The kernel is transformed once for all, for so many `neurons` at a time: that takes some ten times its
    memory.
    """

    def convolve(signals: list[Tensor], kernel: Tensor) -> list[Tensor]:
        product, (of_x, of_kernel, of_y) = _means(signals[0], kernel, len(signals[0]))
        x_planes = [product.analyse(x, of_x) for x in signals]
        found: list[list[Tensor]] = [[] for _ in signals]
        for part in kernel.split(neurons, dim=1):
            planes = product.analyse(part, of_kernel).transpose(1, 2)
            for y, of_one in zip(found, x_planes, strict=True):
                y.append(product.synthesise(product.multiply(of_one, planes), of_y))
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
    def forward(ctx, x: Tensor, kernel: Tensor, steps: int) -> Tensor:  # type: ignore[no-untyped-def]
        """x [T, B, inputs] or its first steps, if the others are silent; kernel [T_d, neurons, inputs]."""
        kept = min(steps, len(x) + len(kernel) - 1)
        product, (of_x, of_kernel, of_y) = _means(x, kernel, kept)
        x_planes, kernel_planes = product.analyse(x, of_x), product.analyse(kernel, of_kernel)
        ctx.save_for_backward(x_planes, kernel_planes)
        ctx.product, ctx.transforms = product, (of_x, of_kernel, of_y)
        y = product.synthesise(product.multiply(x_planes, kernel_planes.transpose(1, 2)), of_y)
        return y if kept == steps else F.pad(y, (0, 0, 0, 0, 0, steps - kept))

    @staticmethod
    @once_differentiable
    def backward(ctx, grad: Tensor):  # type: ignore[no-untyped-def]
        product, (of_x, of_kernel, of_y) = ctx.product, ctx.transforms
        x_planes, kernel_planes = ctx.saved_tensors
        planes = product.analyse(grad[: of_y.length], of_y)
        to_x = to_kernel = None
        if ctx.needs_input_grad[0]:
            of_planes = product.multiply(planes, kernel_planes, conjugate=True)
            to_x = product.synthesise(of_planes, of_x)
        if ctx.needs_input_grad[1]:
            of_planes = product.multiply(planes.transpose(1, 2), x_planes, conjugate=True)
            to_kernel = product.synthesise(of_planes, of_kernel)
        return to_x, to_kernel, None


def _heard(x: Tensor) -> int:
    """In training, the steps of the network's input up to its last event, in whole fours; otherwise all.

    The fewer they are, the fewer frequencies there are. Recordings end in silence, in which spikes arrive.
    """
    steps = len(x)
    if x.requires_grad or not torch.is_grad_enabled() or x.device.type != "cpu":
        return steps
    while steps > _FOUR and not x[steps - _FOUR : steps].any():
        steps -= _FOUR
    return steps


def _means(x: Tensor, kernel: Tensor, steps: int) -> tuple[Product, tuple[Transform, Transform, Transform]]:
    """Who multiplies, and the transforms of x, kernel (tap first) and `steps` of y."""
    return product_for(x), transforms(len(x), len(kernel), steps, x.device, x.dtype)
