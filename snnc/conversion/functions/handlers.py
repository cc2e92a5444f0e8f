"""Functions of PyTorch that are followed: each has a handler, found by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from snnc.conversion.axes import Axes, AxesError, Dim
from snnc.conversion.functions.nearest import SAME
from snnc.conversion.values import Unknown, Value

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function: `value` tells what a tensor among its arguments is.

    `steps`: how many the example has. `function` itself is called again where it is asked what it moves.
    `place` tells where it is called, as an error begins.
    """

    name: str
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    result: Any
    before: dict[int, Any]
    steps: int = 0
    function: Callable[..., Any] = torch.clone
    place: Callable[[], str] = str

    def value(self, tensor: object) -> Value | None:
        return self.before.get(id(tensor))

    def argument(self, number: int, name: str, default: Any = None) -> Any:
        if len(self.args) > number:
            return self.args[number]
        if name == "dim" and "axis" in self.kwargs:  # as numpy calls it; PyTorch takes both
            name = "axis"
        return self.kwargs.get(name, default)

    @property
    def first(self) -> Value:
        """The value of the first argument. Raises `AxesError` if it is a constant."""
        found = self.value(self.args[0]) if self.args else None
        if found is None:
            raise AxesError("its first argument is a constant, another depends on the input")
        return found


def called(
    name: str,
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    result: Any,
    before: dict[int, Any],
    steps: int,
    place: Callable[[], str],
) -> Call:
    """A call whose first tensor stands first, also where it was given as `input=`."""
    if not args and "input" in kwargs:
        args, kwargs = (kwargs["input"],), {key: each for key, each in kwargs.items() if key != "input"}
    return Call(name, args, kwargs, result, before, steps, function, place)


Handler = Callable[[Call], Value | Sequence[Value | Unknown | None]]
HANDLERS: dict[str, Handler] = {}
"""By the name of a function or method of PyTorch. They raise `AxesError` for what they do not follow."""
INDEXES = frozenset(("gather", "take_along_dim", "__getitem__", "select", "index_select", "narrow", "roll"))
"""Functions that are told which steps they take."""


def handles(*names: str) -> Callable[[Handler], Handler]:
    """Register a function as the handler of PyTorch's functions `names`."""

    def add(handler: Handler) -> Handler:
        HANDLERS.update({name: _placed(handler) if name in INDEXES else handler for name in names})
        return handler

    return add


def _placed(handler: Handler) -> Handler:
    """What the handler makes, with the place where an index took the steps, of several the first."""

    def made(call: Call) -> Value | Sequence[Value | Unknown | None]:
        found = handler(call)
        if not isinstance(found, Value) or _steps(found) <= _steps(call.first):
            return found
        taken = f"{call.place()}{'an index' if call.name == '__getitem__' else call.name}"
        paths = (replace(each, taken=each.taken or taken) for each in found.paths)
        return replace(found, paths=tuple(paths))

    return made


def _steps(value: Value) -> set[int]:
    return {path.step for path in value.paths}


def numbers(tensor: Any) -> FloatArray:
    """A constant as float64."""
    if isinstance(tensor, torch.Tensor):
        return tensor.detach().to_dense().to("cpu", torch.float64).numpy().copy()
    return np.asarray(tensor, np.float64)


TERMS = 4096


def rounding(tensor: Any) -> float:
    """By which share of the largest number of a constant others count as it, as rounding may have made them.

    A processor may sum the last rows of a product in another order than the first. Two orders of n terms
    differ by at most (n - 1) eps times the sum of their sizes, and by about sqrt(n) eps where roundings go
    either way. The terms are not known here, so it is that of `TERMS` of the size of the largest number: 64
    eps, which are 7.6e-6 in 32 bits. What truly differs by so little is compared with the module afterwards.
    """
    double = isinstance(tensor, torch.Tensor) and tensor.dtype == torch.float64
    return float(TERMS**0.5 * np.finfo(np.float64 if double else np.float32).eps)


OF_32_BITS = rounding(None)


def for_lines(
    axes: Axes, constant: FloatArray, instead: str | None = None, share: float = OF_32_BITS
) -> FloatArray:
    """A constant that is broadcast to a tensor of `axes`, as float64 [lines].

    `share`: what `rounding` tells of it. Raises `AxesError` if it makes the tensor larger, and says what to
    do `instead`; or if it differs along time or recordings.
    """
    shape = (1,) * (len(axes.dims) - constant.ndim) + constant.shape
    if len(shape) != len(axes.dims):
        raise AxesError("a constant with more dimensions makes it larger", instead)
    constant = constant.reshape(shape)
    sizes = []
    for number, (dim, extent) in enumerate(zip(axes.dims, axes.shape, strict=True)):
        size = constant.shape[number]
        features = prod(atom for atom in dim if isinstance(atom, int))
        if size not in (1, extent):
            raise AxesError("a constant makes it larger", instead)
        if size != 1 and features != size:
            constant = _of_features(constant, number, axes, dim, share)
        sizes.append(features)
    return np.broadcast_to(constant, sizes).reshape(-1)


def _of_features(constant: FloatArray, number: int, axes: Axes, dim: Dim, share: float) -> FloatArray:
    """`constant` without the steps and recordings in its dimension `number`, which is `dim` of `axes`.

    Raises `AxesError` if it differs along them.
    """
    before, behind = constant.shape[:number], constant.shape[number + 1 :]
    constant = constant.reshape(*before, *(axes.size(atom) for atom in dim), *behind)
    for at, atom in enumerate(dim, number):
        if isinstance(atom, str):
            first = constant.take([0], axis=at)
            if (np.abs(constant - first) > share * np.abs(first).max(initial=0)).any():
                raise AxesError("a constant differs by step or recording", SAME)
            constant = first
    return constant.reshape(*before, -1, *behind)


def lines_at(axes: Axes, dim: int, places: Sequence[int]) -> npt.NDArray[np.int64]:
    """The lines of `places` of a dimension of features."""
    before = prod(atom for each in axes.dims[:dim] for atom in each if isinstance(atom, int))
    numbers = np.arange(axes.lines).reshape(before, axes.shape[dim], -1)
    return numbers.take(places, axis=1).reshape(-1)
