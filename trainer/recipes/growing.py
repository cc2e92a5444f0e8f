"""Kernels that grow where delays press against the longest one, and shrink where nobody has the longest ones.

So the longest delay of a layer need not be known beforehand. A kernel grows if more of the layer's weight has
the longest delay than a delay has on average. That changes no delay: positions count from the middle of the
kernel, and move with it. (A position exactly between two steps, rounded to the even one, may change sides.)
"""

from typing import Any

import torch
from torch import nn

from snnc.stages.trained import MAX_STEPS
from snnc.trainer.network import DelayedConnection


def remember_size(connection: DelayedConnection) -> None:
    """From now on the states of `connection` hold its kernel size, and those that are loaded set it."""
    connection.register_buffer("kernel_taps", torch.tensor(connection.kernel_size))
    connection.register_load_state_dict_post_hook(_take_size)


def _take_size(module: nn.Module, keys: Any) -> None:
    """Raises `ValueError` if the state of `module` has no possible size."""
    size = int(module.kernel_taps)  # type: ignore[arg-type]
    if not (1 <= size <= MAX_STEPS and size % 2):
        raise ValueError(f"a kernel has {size} taps, expected an odd number")
    module.kernel_size = size  # type: ignore[assignment]


@torch.no_grad()
def change_of_size(connection: DelayedConnection, steps: int, longest: int) -> int:
    """By how many taps the kernel grows or, below 0, shrinks: an even number, `steps` at most.

    `longest` is the largest size; a larger kernel than that does not grow.
    """
    size, weight = connection.kernel_size, connection.weight.abs()
    delay = (size // 2 - connection.position).expand(weight.shape)  # axons have one position a line
    at_end = float(weight[delay > size - 1.5].sum())
    if at_end * size > float(weight.sum()):
        return max(0, min(steps, (longest - size) // 2 * 2))
    used = float(delay[weight != 0].max()) if weight.any() else 0.0
    return -max(0, min(steps, int(size - 1 - used) // 2 * 2))


@torch.no_grad()
def resize(connection: DelayedConnection, change: int) -> None:
    """Add `change` taps, an even number, behind the longest delay; delays stay what they are."""
    connection.kernel_size += change
    connection.kernel_taps.fill_(connection.kernel_size)  # type: ignore[operator]
    connection.position.add_(change // 2)
    connection.clamp_positions()  # of weights of 0 alone
