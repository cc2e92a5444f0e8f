"""Delays by `torch.roll`: the last steps come round to the front, where they are set to 0.

Where the first come round to the end and are set to 0, later steps are heard, which is told as such.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch

from snnc.conversion.axes import TIME
from snnc.conversion.values import Value


@dataclass(frozen=True, slots=True)
class _Late:
    """What `tensor` is once its first `steps` steps, along `dim`, are 0; and once the others are."""

    tensor: torch.Tensor
    value: Value
    early: Value
    dim: int
    steps: int


class Rolled:
    """Tensors that were rolled along time, and not changed since."""

    def __init__(self) -> None:
        self._of: dict[int, _Late] = {}

    def note(
        self, value: object, args: tuple[Any, ...], kwargs: Mapping[str, Any], result: object, place: str
    ) -> None:
        """`result` is `torch.roll(*args, **kwargs)` of `value`, at this `place` of the code."""
        shifts = args[1] if len(args) > 1 else kwargs.get("shifts")
        dims = args[2] if len(args) > 2 else kwargs.get("dims")
        if isinstance(shifts, tuple | list) and isinstance(dims, tuple | list) and len(shifts) == 1:
            (shifts,), (dims,) = shifts, dims
        if not (isinstance(shifts, int) and isinstance(dims, int) and isinstance(result, torch.Tensor)):
            return
        if not isinstance(value, Value) or value.is_decoded:
            return
        axes, dim = value.axes, dims % result.ndim
        if axes.dims[dim] != (TIME,) or any(path.is_constant for path in value.paths):
            return
        steps = shifts % axes.steps
        paths = (replace(path, first=max(path.first, path.step)) for path in value.paths)
        late = replace(value, paths=tuple(paths)).shifted(-steps, 0, axes.steps)
        early = value.shifted(axes.steps - steps, axes.steps - steps, steps)
        early = replace(early, paths=tuple(replace(path, taken=f"{place}roll") for path in early.paths))
        self._of[id(result)] = _Late(result, late, early, dim, steps)

    def copied(self, tensor: torch.Tensor, copy: torch.Tensor) -> None:
        """`copy` holds what `tensor` does."""
        if (late := self._of.get(id(tensor))) is not None and copy is not tensor:
            self._of[id(copy)] = replace(late, tensor=copy)

    def silenced(self, tensor: torch.Tensor, index: Any, given: Any) -> Value | None:
        """What `tensor` is after `tensor[index] = given`; None if that does not set what came round to 0."""
        late = self._of.pop(id(tensor), None)
        if late is None or torch.as_tensor(given).any():
            return None
        front = torch.zeros_like(tensor, dtype=torch.bool)
        front.narrow(late.dim, 0, late.steps).fill_(True)
        set_now = torch.zeros_like(front)
        set_now[index] = True
        if torch.equal(set_now, ~front):
            return late.early
        return late.value if torch.equal(set_now, front) else None
