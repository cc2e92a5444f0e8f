"""Along which dimension neurons of one's own code take time, seen from what they give."""

from __future__ import annotations

from typing import Any

import torch

from snnc.conversion.running import left_as_it_was
from snnc.conversion.tensors import tensors_in

LEVELS = (0.5, 2.0, 8.0, 32.0)
"""Of random currents that neurons are given, in units of the largest that arrives, or of 1: with some of them
they spike now and then."""


def dimension_of_time(module: torch.nn.Module, name: str, example: torch.Tensor) -> int | None:
    """The dimension of what the module `name` in `module` is given along which it carries something on.

    The neurons are given random currents, then the same without those of the first place of a dimension. If
    later places give something else then, they follow in time. None if no dimension is such, several are, or
    the module's own code fails.
    """
    neurons, calls = module.get_submodule(name), list[tuple[Any, Any]]()
    handle = neurons.register_forward_pre_hook(
        lambda _, args, kwargs: calls.append((args, kwargs)), with_kwargs=True
    )
    try:
        with left_as_it_was(module), torch.no_grad():
            module(example)
    except Exception:  # the module's own code; what was given before it failed is enough
        pass
    finally:
        handle.remove()
    try:
        found = _carried(neurons, *calls[0])
    except Exception:  # nothing was given, or the neurons' own code fails
        return None
    return found.pop() if len(found) == 1 else None


def _carried(neurons: torch.nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> set[int]:
    given = next(tensors_in((args, kwargs)))

    def gives(current: torch.Tensor) -> torch.Tensor:
        own = tuple(current if each is given else each for each in args)
        named = {key: current if each is given else each for key, each in kwargs.items()}
        with left_as_it_was(neurons), torch.no_grad():
            return next(tensors_in(neurons(*own, **named))).clone()

    def carries(current: torch.Tensor, before: torch.Tensor, dim: int) -> bool:
        if before.shape[dim : dim + 1] != current.shape[dim : dim + 1]:
            return False
        changed = current.clone()
        changed.select(dim, 0).fill_(0)
        later = (gives(changed) != before).narrow(dim, 1, before.shape[dim] - 1)
        return bool(later.any())

    found = set[int]()
    drawn = torch.rand(given.shape, generator=torch.Generator().manual_seed(0)).to(given)
    for level in LEVELS:
        current = drawn * level * max(1.0, float(given.abs().max()))
        before = gives(current)
        found |= {dim for dim in range(given.dim()) if carries(current, before, dim)}
    return found
