"""Choices of a user's neurons by a condition that depends on what arrives: which of them no Cell says."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

import torch

CHOOSES = "chooses by what depends on what arrives"
SAME = 1e-5
"""Up to this share of the largest, what a spike subtracts is the same."""


def chooses(
    name: str,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    moving: Container[int],
) -> bool:
    """Whether the function `name` chooses by one of `moving` tensors, by id, and it is no spike or reset.

    A spike is one of two constants; a reset makes zeros, or subtracts the same everywhere.
    """
    if name == "where":
        mask, inside, outside = _parts(args, kwargs)
    elif name in ("masked_fill", "masked_fill_", "__setitem__") and len(args) == 3:
        outside, mask, inside = args
    else:
        return False
    if not (isinstance(mask, torch.Tensor) and mask.dtype is torch.bool and id(mask) in moving):
        return False
    if not any(isinstance(each, torch.Tensor) and id(each) in moving for each in (inside, outside)):
        return False
    return not (_is_zero(inside, mask) or _is_zero(outside, ~mask) or _is_less(name, mask, inside, outside))


def _parts(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    """The condition, what is chosen where it holds, and where not, of torch.where, or of the method."""
    given = [*args, *(kwargs[key] for key in ("condition", "input", "self", "other") if key in kwargs)]
    if len(given) != 3:
        return None, None, None
    first, second, other = given
    is_mask = isinstance(first, torch.Tensor) and first.dtype is torch.bool
    return (first, second, other) if is_mask else (second, first, other)


def _is_zero(chosen: Any, where: torch.Tensor) -> bool:
    """Whether `chosen` is 0 in all places of `where`."""
    tensor = torch.as_tensor(chosen)
    return not bool((tensor.broadcast_to(where.shape) if tensor.ndim <= where.ndim else tensor)[where].any())


def _is_less(name: str, mask: torch.Tensor, inside: Any, outside: Any) -> bool:
    """Whether both differ by the same number in all places of `mask`."""
    if name != "where" or not bool(mask.any()):
        return name == "where"
    less = (torch.as_tensor(inside) - torch.as_tensor(outside)).broadcast_to(mask.shape)[mask]
    return bool(less.max() - less.min() <= SAME * less.abs().max())
