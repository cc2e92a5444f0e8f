"""Delay kernels: a Gaussian or a triangle over the taps of each synapse, or a single tap.

The Gaussian is DCLS's (`Dcls1d(version="gauss")`): with c = P + T_d // 2 and s = |SIG| + 0.27,
`K[n] = w g[n] / (1e-7 + sum g)`, `g[n] = exp(-((n - c) / s)^2 / 2)`. The triangle is DCLS's, too
(`version="max"`): `g[n] = max(0, s - |n - c|)` with s = |SIG| + 1, half of its base. With s = 1 it is linear
interpolation between two taps (`version="v1"`). Both are written here anew with gradients of their own,
because the library's construction takes several times as long.

Kernels are stored tap first, as the convolution engines read them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from snnc.stages.trained import DCLS_SIGMA_FLOOR, GAUSS, TRIANGLE
from snnc.trainer import compiled_kernel
from snnc.trainer.buffers import empty
from snnc.trainer.compiled_kernel import EPSILON, FARTHEST, NEGLIGIBLE


def gaussian_kernel(weight: Tensor, position: Tensor, sigma: float, taps: int) -> Tensor:
    """[neurons, inputs, T_d] of weights and positions [neurons, inputs] and the width in steps.

    Differentiable in both tensors. The result is a view of a [T_d, neurons, inputs] array.
    """
    kernel: Tensor = _Gaussian.apply(weight, position, sigma, taps)
    return kernel.permute(1, 2, 0)


def triangular_kernel(weight: Tensor, position: Tensor, sigma: float, taps: int) -> Tensor:
    """As `gaussian_kernel`; `sigma` is half of the triangle's base, at least 1."""
    kernel: Tensor = _Triangle.apply(weight, position, sigma, taps)
    return kernel.permute(1, 2, 0)


@dataclass(frozen=True, slots=True)
class Kernel:
    """A form of kernels: `make` as `gaussian_kernel`; the width is `floor` more than a connection's `sig`."""

    name: str
    make: Callable[[Tensor, Tensor, float, int], Tensor]
    floor: float


KERNELS = {
    GAUSS: Kernel(GAUSS, gaussian_kernel, DCLS_SIGMA_FLOOR),
    TRIANGLE: Kernel(TRIANGLE, triangular_kernel, 0.0),
}


def one_hot_kernel(weight: Tensor, tap: Tensor, taps: int) -> Tensor:
    """[neurons, inputs, T_d]: each weight at its tap, int64 [neurons, inputs]; differentiable in `weight`."""
    kernel = weight.new_zeros(taps, *weight.shape).scatter(0, tap[None], weight[None])
    return kernel.permute(1, 2, 0)


class _Gaussian(torch.autograd.Function):
    """Compiled on a CPU, for float32."""

    @staticmethod
    def forward(ctx, weight: Tensor, position: Tensor, sigma: float, taps: int) -> Tensor:  # type: ignore[no-untyped-def]
        ctx.save_for_backward(weight, position)
        ctx.sigma = sigma
        if not compiled_kernel.supports(weight):
            return _bells(position, sigma, taps) * weight
        kernel = empty((taps, *weight.shape), like=weight)
        compiled_kernel.forward(weight, position, sigma, kernel)
        return kernel

    @staticmethod
    @once_differentiable
    def backward(ctx, grad: Tensor) -> tuple[Tensor | None, ...]:  # type: ignore[no-untyped-def]
        weight, position = ctx.saved_tensors
        to_weight, to_position = (weight.new_empty(weight.shape) for _ in range(2))
        write = compiled_kernel.backward if compiled_kernel.supports(weight) else _backward
        write(weight, position, ctx.sigma, grad, to_weight, to_position)
        return to_weight, to_position, None, None


def _backward(
    weight: Tensor, position: Tensor, sigma: float, grad: Tensor, to_weight: Tensor, to_position: Tensor
) -> None:
    """With the normalised bell b and u = n - c: dK/dw = b and dK/dP = w b (u - sum b u) / s^2.

    u counts from the centre of the bell, not of the kernel: the sums would lose digits otherwise.
    """
    bell = _bells(position, sigma, len(grad))
    through = grad * bell
    torch.sum(through, 0, out=to_weight)
    distance = _distance(position, len(grad))
    distance -= (bell * distance).sum(0)
    torch.sum(through.mul_(distance), 0, out=to_position).mul_(weight).div_(sigma**2)


def _bells(position: Tensor, sigma: float, taps: int) -> Tensor:
    """Normalised ones, [T_d, neurons, inputs]."""
    bell = _distance(position, taps).div_(sigma).square_().mul_(-0.5).clamp_(min=FARTHEST).exp_()
    torch.threshold_(bell, NEGLIGIBLE, 0.0)
    return bell.div_(bell.sum(0).add_(EPSILON))


class _Triangle(torch.autograd.Function):
    @staticmethod
    def forward(ctx, weight: Tensor, position: Tensor, sigma: float, taps: int) -> Tensor:  # type: ignore[no-untyped-def]
        roof = _distance(position, taps).abs_().neg_().add_(sigma).relu_()
        height = roof.sum(0).add_(EPSILON)
        roof.div_(height)
        ctx.save_for_backward(weight, position, roof, height)
        return roof * weight

    @staticmethod
    @once_differentiable
    def backward(ctx, grad: Tensor) -> tuple[Tensor | None, ...]:  # type: ignore[no-untyped-def]
        """With the normalised triangle b, the sum h before that, and z = sign(n - c) where b > 0:
        dK/dw = b and dK/dP = w (z - b sum z) / h. In the middle z is 0, as in torch's `abs`.
        """
        weight, position, roof, height = ctx.saved_tensors
        to_weight = (grad * roof).sum(0)
        if not ctx.needs_input_grad[1]:
            return to_weight, None, None, None
        side = _distance(position, roof.shape[0]).sign_().mul_(roof > 0)
        to_position = (grad * side).sum(0).sub_(to_weight * side.sum(0)).mul_(weight).div_(height)
        return to_weight, to_position, None, None


def _distance(position: Tensor, taps: int) -> Tensor:
    """u [T_d, neurons, inputs]: each tap's distance to the centre of the kernel, in steps."""
    tap = torch.arange(taps, device=position.device, dtype=position.dtype)
    return (tap - taps // 2)[:, None, None] - position
