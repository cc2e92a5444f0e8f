"""Constants of functions that neurons call: whether those of a later step are others."""

from __future__ import annotations

import sys
from collections.abc import Container, Mapping
from pathlib import Path
from types import CodeType
from typing import Any

import torch

from snnc.conversion.tensors import equal

OTHER_NUMBERS = "is given other numbers in a later step (neurons of the contract have the same in all)"
PLACES = frozenset(["__getitem__", "__setitem__", "roll", "select", "narrow", "index_select", "gather"])
"""Functions whose constants are places: a ring buffer has others in each step."""
HELD = 1 << 16
"""Constants of more numbers are not compared."""
_TORCH, _OURS = (str(Path(each).parent) for each in (torch.__file__, __file__))

Key = tuple[CodeType, int, int]
"""Where a function is called: the code, the place in it, and how often in this call of the neurons."""


class Constants:
    """Of the calls of some neurons. The first one is left out: states may begin as constants."""

    def __init__(self) -> None:
        self._calls = 0
        self._now: dict[tuple[CodeType, int], int] = {}
        self._before: dict[Key, list[Any]] = {}

    def enters(self) -> None:
        """A call of the neurons begins."""
        self._calls += 1
        self._now = {}

    def others(
        self, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], moving: Container[int]
    ) -> bool:
        """Whether the function `name`, which is called now, was given other constants in an earlier call.

        What depends on what arrives, `moving` by id, is none.
        """
        place = _place()
        if self._calls < 2 or name in PLACES or place is None:
            return False
        self._now[place] = self._now.get(place, 0) + 1
        found = [_constant(each, moving) for each in (*args, *kwargs.values())]
        before = self._before.setdefault((*place, self._now[place]), found)
        return len(before) == len(found) and any(map(_differ, before, found))


def _place() -> tuple[CodeType, int] | None:
    """In code of the user, where a function of PyTorch is called."""
    frame: Any = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith((_TORCH, _OURS)):
        frame = frame.f_back
    return None if frame is None else (frame.f_code, frame.f_lasti)


def _constant(given: Any, moving: Container[int]) -> Any:
    """A copy of a tensor, or a number; None for anything else."""
    if isinstance(given, torch.Tensor):
        return None if id(given) in moving or given.numel() > HELD else given.detach().clone()
    return given if isinstance(given, float | int) else None


def _differ(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        return one.shape == other.shape and not equal(one, other)
    return isinstance(one, float | int) and isinstance(other, float | int) and one != other
