"""States and parameters of neurons that something else than their own calls sets, in the middle of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from snnc.conversion.tensors import IN_PLACE, Tensors, begin_of, equal, memory, unnoticed, version_of
from snnc.conversion.values import Value
from snnc.errors import InputError

Held = dict[str, tuple[torch.Tensor, int | None]]
OWN_STATE = (
    "Leave it to the module, and train again: neurons of the contract compute their states themselves, from "
    "what arrives, with numbers that stay (docs/from_torch.md, 'Neurons of your own')"
)


@dataclass(slots=True)
class _Left:
    """What the neurons held as a call `began`, and as it ended; `moves`: what calls change, their states."""

    began: Held
    ended: Held
    moves: set[str]


class Outside:
    """By the name of neurons."""

    def __init__(self, tensors: Tensors) -> None:
        self._tensors = tensors
        self._left: dict[str, _Left] = {}

    @unnoticed
    def enters(self, name: str, module: torch.nn.Module) -> None:
        """A call begins. Raises `InputError` if what the module holds was set since the last one ended."""
        held, left = _held(module), self._left.get(name)
        for attribute, (tensor, version) in held.items():
            before = left.ended.get(attribute) if left else None
            if left is not None and before is not None:
                other = _is_other(before, tensor, version)
                if attribute in left.moves and other:
                    raise _refused(name, module, f"its {attribute} is set outside of it, between two calls")
                if other and not equal(before[0], tensor):
                    raise _refused(name, module, f"its {attribute} is another in a later call")
            if (before is None or _is_other(before, tensor, version)) and self._depends(tensor):
                raise _refused(name, module, f"its {attribute} is set to what depends on the input")
        moves = left.moves if left else set[str]()
        self._left[name] = _Left(held, {}, moves)

    @unnoticed
    def leaves(self, name: str, module: torch.nn.Module) -> None:
        """A call ended."""
        left, held = self._left[name], _held(module)
        for attribute, (tensor, version) in held.items():
            before = left.began.get(attribute)
            if before is None or before[0] is not tensor or before[1] != version:
                left.moves.add(attribute)
        left.ended = held

    def states(self, name: str) -> list[torch.Tensor]:
        """What calls of the neurons `name` change, as the last one left it."""
        left = self._left[name]
        return [left.ended[attribute][0] for attribute in left.moves & left.ended.keys()]

    def changes(self, name: str, args: tuple[Any, ...]) -> None:
        """The function `name` is called between calls. Raises `InputError` if it changes a state in place.

        So it may by another view of its memory, as `.data`, whose changes PyTorch does not count.
        """
        changes = IN_PLACE.fullmatch(name) or name == "set data"
        if not (self._left and changes and args and isinstance(args[0], torch.Tensor)):
            return
        where = memory(args[0])
        for neurons, left in self._left.items():
            for attribute in left.moves & left.ended.keys():
                if memory(left.ended[attribute][0]) == where:
                    raise InputError(f"{neurons}: its {attribute} is set outside of it, by {name}", OWN_STATE)

    def _depends(self, tensor: torch.Tensor) -> bool:
        """Whether functions made it of the input, as other than 0 times that."""
        value = self._tensors.value(tensor)
        if not isinstance(value, Value):
            return value is not None
        zero = (
            any(len(each.parts) and not np.any(np.asarray(each.parts[-1])) for each in path.operations)
            for path in value.paths
            if not path.is_constant
        )
        return not all(zero)


def _held(module: torch.nn.Module) -> Held:
    """The tensors that a module, its parts, and dictionaries in them hold, by path."""
    found: Held = {}
    for path, part in module.named_modules():
        for key, thing in _things(vars(part)):
            if isinstance(thing, torch.Tensor) and not thing.is_meta:
                found[f"{path}.{key}".lstrip(".")] = thing, version_of(thing)
    return found


def _things(attributes: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for key, thing in attributes.items():
        if isinstance(thing, dict) and key not in ("_modules",):
            yield from thing.items()
        else:
            yield key, thing


def _is_other(before: tuple[torch.Tensor, int | None], tensor: torch.Tensor, version: int | None) -> bool:
    """Whether it is another tensor, and no other name of the same memory, or was changed."""
    same = before[0] is tensor or (before[0].shape, begin_of(before[0])) == (tensor.shape, begin_of(tensor))
    return not same or version != before[1]


def _refused(name: str, module: torch.nn.Module, what: str) -> InputError:
    return InputError(f"{name} ({type(module).__name__}): {what}", OWN_STATE)
