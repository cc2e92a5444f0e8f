"""Delays by `torch.roll`: the last steps come round to the front, where they are set to 0, or masked.

Where the first come round to the end and are set to 0, later steps are heard, which is told as such.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch

from snnc.conversion.axes import TIME, AxesError
from snnc.conversion.functions.handlers import numbers
from snnc.conversion.functions.nearest import SILENCE
from snnc.conversion.functions.sums import times
from snnc.conversion.tensors import Tensors, memory, name_of, tensors_in
from snnc.conversion.values import Unknown, Value

MASKS = frozenset(
    [
        *("mul", "mul_", "__mul__", "__rmul__", "__imul__", "multiply", "multiply_"),
        *("where", "masked_fill", "masked_fill_"),
    ]
)
"""Functions of each place by itself that set some to 0 by a constant."""
SETS = frozenset(
    f"{name}{end}"
    for name in ("index_fill", "index_copy", "index_put", "scatter", "slice_scatter", "select_scatter")
    for end in ("", "_")
) | {"zero_", "fill_", "copy_", "__setitem__"}
"""Functions that set places of their first tensor, which may be a view of another."""


@dataclass(frozen=True, slots=True)
class _Late:
    """What `tensor` is once its first `steps` steps, along `dim`, are 0; and once the others are.

    `back`: it was rolled to earlier steps. `place` begins an error. `kept`: 1, and 0 where it was set to 0.
    """

    tensor: torch.Tensor
    value: Value
    early: Value
    dim: int
    steps: int
    back: bool
    place: str
    kept: torch.Tensor

    def times(self, kept: torch.Tensor) -> Value | Unknown | None:
        """What `tensor` times `kept` is; None if it is not whole steps that are 0, or nothing came round."""
        of_steps = kept.movedim(self.dim, 0)
        each = of_steps.reshape(len(of_steps), -1)
        silent, all_kept = ~each.any(1), each.all(1)
        if not (silent | all_kept).all() or not silent.any() or not self.steps:
            return None
        here = torch.arange(len(silent)) < self.steps
        if torch.equal(silent, here):
            return self._weighed(of_steps)
        if self.back and torch.equal(silent, ~here):
            return self.early
        first, last = int(silent.nonzero()[0]), int(silent.nonzero()[-1])
        which = f"steps {first} .. {last} are" if first < last else f"step {first} is"
        which = which if silent[first : last + 1].all() else "other steps are"
        if self.back:
            return self._to_earlier(f"{which} set to 0", first == 0 and last + 1 == len(silent) - self.steps)
        return Unknown(
            f"{self.place}roll brings the last {self.steps} steps round to the front, and {which} set to 0, "
            f"not 0 .. {self.steps - 1}",
            SILENCE,
        )

    def kept_by(
        self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> torch.Tensor | None:
        """What `kept` is once `func` has changed its first argument, a view of `tensor`; None if unknown."""
        view, whole = args[0], self.tensor
        plain = whole.is_contiguous() and not whole.storage_offset() and view.dtype == whole.dtype
        if not plain or whole.untyped_storage().nbytes() != whole.numel() * whole.element_size():
            return None
        ones, zeros = torch.ones_like(whole), torch.zeros_like(whole)
        for each in (ones, zeros):
            func(each.as_strided(view.shape, view.stride(), view.storage_offset()), *args[1:], **kwargs)
        return None if zeros.any() else ones * self.kept

    def _to_earlier(self, silenced: str, as_many: bool) -> Unknown:
        """Of a roll to earlier steps whose end is not silent; `as_many`: so many first steps are 0."""
        ahead = self.kept.shape[self.dim] - self.steps
        steps = f"{ahead} step{'s' * (ahead > 1)}"
        sign = "; the sign of the shift is the wrong way round" * as_many
        return Unknown(
            f"{self.place}roll by {-ahead} takes what comes {steps} later, and {silenced}{sign}",
            f"A delay of {steps} is late = torch.roll(x, {ahead}, {self.dim}), then "
            f"late[{':, ' * self.dim}:{ahead}] = 0; a network hears no later step",
        )

    def _weighed(self, of_steps: torch.Tensor) -> Value | None:
        """Of the steps that are kept, all times the same."""
        if not (of_steps[self.steps :] == of_steps[-1]).all():
            return None
        if (of_steps[-1] == 1).all():
            return self.value
        try:
            return times(self.value, numbers(of_steps[-1:].expand_as(of_steps).movedim(0, self.dim)))
        except AxesError:
            return None


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
        self._of[id(result)] = _Late(
            result, late, early, dim, steps, shifts < 0, place, torch.ones_like(result)
        )

    def changed(
        self,
        changed: torch.Tensor,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        tensors: Tensors,
    ) -> None:
        """`func` has changed a tensor in place: note what was rolled and is of the same memory."""
        name = name_of(func)
        for key, late in list(self._of.items()):
            if memory(late.tensor) != memory(changed) or (name == "__setitem__" and late.tensor is changed):
                continue  # of which `silenced` tells
            others = tensors_in((args[1:], kwargs))
            constant = args[0] is changed and all(tensors.value(each) is None for each in others)
            kept = late.kept_by(func, args, kwargs) if constant and name in MASKS | SETS else None
            if kept is None:
                del self._of[key]
                continue
            self._of[key] = replace(late, kept=kept)
            if (value := late.times(kept)) is not None:
                tensors.note(late.tensor, value)

    def copied(self, tensor: torch.Tensor, copy: torch.Tensor) -> None:
        """`copy` holds what `tensor` does."""
        if (late := self._of.get(id(tensor))) is not None and copy is not tensor:
            self._of[id(copy)] = replace(late, tensor=copy)

    def silenced(self, tensor: torch.Tensor, index: Any, given: Any) -> Value | Unknown | None:
        """What `tensor` is after `tensor[index] = given`; None if that does not set what came round to 0."""
        late = self._of.pop(id(tensor), None)
        if late is None or torch.as_tensor(given).any():
            return None
        kept = late.kept.clone()
        kept[index] = 0
        self._of[id(tensor)] = replace(late, kept=kept)
        return late.times(kept)

    def masked(
        self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any], result: object
    ) -> Value | Unknown | None:
        """What `func` makes of a tensor that was rolled and a constant mask; None if that is something else.

        As it takes each place by itself, it tells of ones and of zeros which are kept.
        """
        name = name_of(func)
        if name not in MASKS | SETS or not isinstance(result, torch.Tensor):
            return None
        given = [*args, *kwargs.values()]
        late = next((each for key in given if (each := self._of.get(id(key))) is not None), None)
        if (
            late is None
            or result.shape != late.tensor.shape
            or (name in SETS and late.tensor is not given[0])
        ):
            return None
        kept, nothing = (
            func(
                *(make(late.tensor) if each is late.tensor else each for each in args),
                **{key: make(late.tensor) if each is late.tensor else each for key, each in kwargs.items()},
            )
            for make in (torch.ones_like, torch.zeros_like)
        )
        return None if nothing.any() else late.times(kept * late.kept)
