"""Choices of a user's neurons by a condition that depends on what arrives: which of them no Cell says."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from snnc.conversion.calls import NeuronCall
from snnc.conversion.neurons import Cell

CHOOSES = "chooses by what depends on what arrives"
SAME = 1e-5
"""Up to this share of the largest, what a spike subtracts is the same."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice by `mask` in the call of neurons of this number, in words `said`.

    `like_reset`: a spike or a reset, if the mask is that of spikes: what is chosen is 0, or less by the same
    number everywhere.
    """

    call: int
    mask: torch.Tensor
    said: str
    like_reset: bool

    def is_reset(self, calls: Sequence[NeuronCall], cell: Cell) -> bool:
        """Whether it chooses by spikes that the neurons give in this call, or gave in the one before.

        So it may be, too, where no spikes have the shape of the mask.
        """
        if not self.like_reset:
            return False
        given = [each.spikes for each in calls[max(0, self.call - 1) : self.call + 1]]
        fired = [
            spikes != 0
            for each in given
            if each is not None
            for spikes in (each, *(() if cell.time_dim is None else each.unbind(cell.time_dim)))
        ]
        alike = [each.reshape(self.mask.shape) for each in fired if each.numel() == self.mask.numel()]
        return bool(fired) and (
            not alike or any(torch.equal(each, self.mask) or torch.equal(each, ~self.mask) for each in alike)
        )


def others(choices: Sequence[Choice], calls: Sequence[NeuronCall], cell: Cell) -> Iterator[str]:
    """In words, those that are no spike or reset."""
    return (each.said for each in choices if not each.is_reset(calls, cell))


def mask_of(
    name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], moving: Container[int]
) -> tuple[torch.Tensor, bool] | None:
    """The mask by which the function `name` chooses, if it is one of `moving` tensors, by id.

    And whether it is like a spike, one of two constants, or like a reset.
    """
    if name == "where":
        mask, inside, outside = _parts(args, kwargs)
    elif name in ("masked_fill", "masked_fill_", "__setitem__") and len(args) == 3:
        outside, mask, inside = args
    else:
        return None
    if not (isinstance(mask, torch.Tensor) and mask.dtype is torch.bool and id(mask) in moving):
        return None
    if not any(isinstance(each, torch.Tensor) and id(each) in moving for each in (inside, outside)):
        return None
    alike = _is_zero(inside, mask) or _is_zero(outside, ~mask) or _is_less(name, mask, inside, outside)
    return mask.clone(), alike


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
