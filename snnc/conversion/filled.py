"""Tensors whose places along one dimension are set one after another: `tensor[..., step, ...] = value`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch

from snnc.conversion.axes import TIME, AxesError
from snnc.conversion.calls import Known
from snnc.conversion.functions import along_time
from snnc.conversion.functions.handlers import lines_at
from snnc.conversion.functions.nearest import BUFFER, DELAY, MASKED, PARTS, RING, SAME, SYNAPSES
from snnc.conversion.lines_set import LinesSet
from snnc.conversion.operations import picked
from snnc.conversion.rolled import Rolled
from snnc.conversion.tensors import Tensors, memory, name_of, one_place, same_numbers, tensors_in
from snnc.conversion.values import Unknown, Value
from snnc.conversion.whole import CUTS, LEAVE_OUT, cuts


@dataclass(slots=True)
class _Places:
    """What the places along `dim` of `tensor` were set to; the others are `constant`, or not known.

    `used`: whether another function took the tensor before all places were set, as it does of a ring buffer.
    """

    tensor: torch.Tensor
    dim: int
    constant: bool
    values: dict[int, Value] = field(default_factory=dict)
    used: bool = False

    @property
    def whole(self) -> bool:
        return len(self.values) == self.tensor.shape[self.dim]


class Filled:
    """What was set, until another function changes the tensor. The example has `steps`."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._of: dict[int, _Places] = {}
        self._lines = LinesSet()
        self._rolled = Rolled()

    def changed(
        self,
        changed: torch.Tensor,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        tensors: Tensors,
    ) -> None:
        """`func` has changed a tensor in place: what is known of the places of its memory holds no more.

        That is but for what `set` has told of.
        """
        self._rolled.changed(changed, func, args, kwargs, tensors)
        kept = args[0] if name_of(func) == "__setitem__" else None
        self._of = {
            key: each
            for key, each in self._of.items()
            if each.tensor is kept or memory(each.tensor) != memory(changed)
        }

    def set(self, args: tuple[Any, ...], before: Mapping[int, Known], where: str) -> Known:
        """What a tensor is after `tensor[index] = given`, which were `before`; `where` begins an error."""
        tensor, index, given = args
        place, value = one_place(index, tensor), before.get(id(given))
        constant = id(tensor) not in before
        if isinstance(value, Value) and cuts(value, [given], tensor[index]):
            value = Unknown(f"{where}__setitem__ {CUTS}", LEAVE_OUT)
        held = before.get(id(tensor))
        if (
            held is not None and id(given) in before and same_numbers(tensor[index], given)
        ):  # as Python does behind x[index] *= 0
            return held
        if (places := _decided(index, before, where)) is not None:
            return places
        if id(given) not in before:
            if isinstance(held, Value) and not tensor[index].numel():
                return held
            if (late := self._rolled.silenced(tensor, index, given)) is not None:
                return late
        try:
            if isinstance(value, Value):
                lines = self._lines.set(tensor, index, value, held)
                if lines is not None:
                    return lines
            filled = self._of.get(id(tensor))
            if place is None or not isinstance(value, Value) or (filled and filled.dim != place[0]):
                self._of.pop(id(tensor), None)
                if isinstance(value, Unknown):
                    return value
                if value is None and isinstance(held, Unknown):
                    return held
                if value is None and isinstance(held, Value) and _sets_steps(tensor, index, held):
                    return Unknown(f"{where}some steps of a tensor are set to a constant", SAME)
                instead = MASKED if value is None else DELAY if value.axes.has_time else PARTS
                return Unknown(f"{where}parts of a tensor are set that are no steps", instead)
            if filled is None:
                filled = self._of[id(tensor)] = _Places(tensor, place[0], constant)
            filled.values[place[1]] = value
            of_all_steps = tensor.shape[filled.dim] == self._steps
            if filled.whole and (of_all_steps or not filled.used):
                return along_time([filled.values[k] for k in sorted(filled.values)], filled.dim)
            if of_all_steps:
                return Unknown(f"{where}only some steps of a tensor are set", BUFFER)
            if constant and held is None and _any_beside(tensor, place):
                return Unknown(f"{where}a place of a tensor is set that holds other numbers than 0", RING)
            ring = _ring(tensor, place, value, held)
            return ring or Unknown(f"{where}only some steps of a tensor are set", SYNAPSES)
        except AxesError as error:
            return Unknown(f"{where}steps of a tensor are set: {error}", error.instead or DELAY)

    def use(self, given: Iterable[int]) -> None:
        """A function other than `set` takes the tensors with the ids `given`."""
        for each in given:
            if (filled := self._of.get(each)) is not None:
                filled.used |= not filled.whole

    def taken(
        self,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        result: torch.Tensor,
        tensors: Tensors,
        place: Callable[[], str],
    ) -> bool:
        """Note what `func`, called at `place`, takes of a tensor that is filled or was rolled.

        Gives whether that is known.
        """
        name = name_of(func)
        others = (each for each in tensors_in((args, kwargs)) if tensors.value(each) is not None)
        if len(list(others)) == 1 and (late := self._rolled.masked(func, args, kwargs, result)) is not None:
            tensors.note(result, late)
            return True
        if name == "roll" and args:
            self._rolled.note(tensors.value(args[0]), args, kwargs, result, place())
        if name in ("clone", "contiguous") and args:
            self._rolled.copied(args[0], result)
        filled = self._of.get(id(args[0])) if args else None
        if filled is None:
            return False
        if name == "clone":  # which is filled in the same places
            self._of[id(result)] = replace(filled, tensor=result, values=dict(filled.values))
        return name == "__getitem__" and _got(filled, args[1], result, tensors)


def _decided(index: Any, before: Mapping[int, Known], where: str) -> Unknown | None:
    """Why `tensor[index]` are other places for other input; None if they are the same."""
    known = [before[id(each)] for each in tensors_in(index) if id(each) in before]
    if not known:
        return None
    why = (each.why for each in known if isinstance(each, Unknown))
    return Unknown(next(why, f"{where}the input decides which places are set"), MASKED)


def _sets_steps(tensor: torch.Tensor, index: Any, held: Value) -> bool:
    """Whether `tensor[index]`, which is `held`, are whole steps."""
    if (TIME,) not in held.axes.dims:
        return False
    here = torch.zeros_like(tensor, dtype=torch.bool)
    here[index] = True
    of_steps = here.movedim(held.axes.of(TIME), 0).flatten(1)
    return bool((of_steps == of_steps[:, :1]).all())


def _ring(tensor: torch.Tensor, place: tuple[int, int], value: Value, before: Known | None) -> Value | None:
    """A ring buffer whose `place`, a dimension and a number, was set to `value`: lines of several steps.

    `before`: what it was, None if constant. None if it is something else.
    """
    dim, number = place
    axes = value.axes.inserted(dim, (tensor.shape[dim],))
    if value.axes.has_time or axes.shape != tuple(tensor.shape):
        return None
    lines = np.full(axes.lines, -1)
    at = lines_at(axes, dim, [number])
    lines[at] = np.arange(len(at))
    new = picked(value, lines, axes)
    if before is None:
        return new
    if not isinstance(before, Value) or before.axes != axes or before.is_decoded:
        return None
    kept = np.arange(axes.lines)
    kept[at] = -1
    return replace(new, paths=picked(before, kept, axes).paths + new.paths)


def _any_beside(tensor: torch.Tensor, place: tuple[int, int]) -> bool:
    """Whether there is a number other than 0 beside `place`, a dimension and a number."""
    return any(bool(each.any()) for k, each in enumerate(tensor.unbind(place[0])) if k != place[1])


def _got(filled: _Places, index: Any, result: torch.Tensor, tensors: Tensors) -> bool:
    """Note what `tensor[..., step, ...]` is; whether that is known."""
    place = one_place(index, filled.tensor)
    if place is None or place[0] != filled.dim:
        return False
    value = filled.values.get(place[1])
    if value is None and filled.constant and not result.any():
        axes = next(iter(filled.values.values())).axes
        if axes.shape != tuple(result.shape):
            return False
        value = Value(axes, ())  # a silent step, as nothing has come as yet
    if value is not None:
        tensors.note(result, value)
    return value is not None
