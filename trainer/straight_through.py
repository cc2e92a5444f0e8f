"""The straight-through estimator: one value forward, the gradient of another backward.

Bengio, Leonard & Courville, "Estimating or Propagating Gradients Through Stochastic Neurons for Conditional
Computation", arXiv:1308.3432.
"""

import torch
from torch import Tensor


def straight_through(value: Tensor, exact: Tensor) -> Tensor:
    """`exact`, to the bit, with the gradient of `value`; both of one shape."""
    out: Tensor = _Through.apply(value, exact)
    return out


class _Through(torch.autograd.Function):
    @staticmethod
    def forward(ctx, value: Tensor, exact: Tensor) -> Tensor:  # type: ignore[no-untyped-def]
        return exact.clone()

    @staticmethod
    def backward(ctx, grad: Tensor) -> tuple[Tensor, None]:  # type: ignore[no-untyped-def]
        return grad, None
