"""Tensors of zeros whose lines are set from some step on: `tensor[..., line, step:] = value`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from snnc.conversion.axes import TIME, Axes, AxesError, Dim
from snnc.conversion.calls import Known
from snnc.conversion.functions import padded_in_time
from snnc.conversion.operations import picked
from snnc.conversion.values import Value


@dataclass(frozen=True, slots=True)
class _Part:
    """What a tensor is, and which of its places are set."""

    tensor: torch.Tensor
    value: Value
    places: torch.Tensor


class LinesSet:
    """What was set, of tensors that no other function has changed."""

    def __init__(self) -> None:
        self._of: dict[int, _Part] = {}

    def set(self, tensor: torch.Tensor, index: Any, value: Value, before: Known | None) -> Value | None:
        """What `tensor` is after `tensor[index] = value`; None if that sets no steps of lines not set yet.

        `before`: what it was, None if constant. Raises `AxesError`.
        """
        earlier = self._of.get(id(tensor))
        if before is not None and (earlier is None or earlier.value is not before):
            return None  # another function made it, or changed it
        ranges = _ranges(index, tensor)
        if ranges is None or not value.axes.has_time or len(_kept(ranges)) != len(value.axes.dims):
            return None
        places = torch.zeros(tensor.shape, dtype=torch.bool)
        places[tuple(slice(each.start, each.stop) for each, _ in ranges)] = True
        if before is None and tensor.detach().cpu()[~places].any():
            return None  # beside it are constants
        if before is not None and earlier is not None and bool((earlier.places & places).any()):
            return None  # set twice
        placed = _placed(tensor, ranges, value)
        if placed is None:
            return None
        if before is not None and earlier is not None:
            if earlier.value.axes != placed.axes:
                raise AxesError(f"it puts [{placed.axes}] beside [{earlier.value.axes}]")
            placed = replace(placed, paths=earlier.value.paths + placed.paths)
            places = places | earlier.places
        self._of[id(tensor)] = _Part(tensor, placed, places)
        return placed


Ranges = list[tuple[range, bool]]
"""Of each dimension the places, and whether it is left in what is set, as it was sliced."""


def _ranges(index: Any, tensor: torch.Tensor) -> Ranges | None:
    """None of an index of other than numbers and slices of neighbours."""
    parts = list(index) if isinstance(index, tuple) else [index]
    if Ellipsis in parts:
        at = parts.index(Ellipsis)
        parts[at : at + 1] = [slice(None)] * (tensor.ndim - len(parts) + 1)
    parts += [slice(None)] * (tensor.ndim - len(parts))
    found: Ranges = []
    for part, size in zip(parts, tensor.shape, strict=False):
        if isinstance(part, slice):
            found.append((range(*part.indices(size)), True))
        elif isinstance(part, int) and not isinstance(part, bool):
            found.append((range(part % size, part % size + 1), False))
        else:
            return None
    plain = len(parts) == tensor.ndim and all(len(places) and places.step == 1 for places, _ in found)
    return found if plain else None


def _kept(ranges: Ranges) -> list[range]:
    return [places for places, kept in ranges if kept]


def _placed(tensor: torch.Tensor, ranges: Ranges, value: Value) -> Value | None:
    """`value` in a tensor of zeros; None if a part of another dimension than time and features is set."""
    if value.axes.shape != tuple(map(len, _kept(ranges))):
        return None  # it is repeated
    value.axes.of(TIME)  # by itself
    left = iter(value.axes.dims)
    dims: list[Dim] = []
    for (places, kept), size in zip(ranges, tensor.shape, strict=True):
        what = next(left) if kept else ()
        if what == (TIME,):
            value = padded_in_time(value, places.start, size - places.stop)
        elif len(places) < size:
            if any(isinstance(atom, str) for atom in what):
                return None
            what = (size,)
        dims.append(what)
    axes = Axes(tuple(dims), value.axes.batch, value.axes.steps)
    numbers = np.arange(axes.lines).reshape([_features(dim) for dim in dims])
    of_features = tuple(
        slice(places.start, places.stop) if len(places) < size and what != (TIME,) else slice(None)
        for (places, _), size, what in zip(ranges, tensor.shape, dims, strict=True)
    )
    chosen = numbers[of_features].reshape(-1)
    if len(chosen) == axes.lines:
        return replace(value, axes=axes)
    lines = np.full(axes.lines, -1)
    lines[chosen] = np.arange(len(chosen))
    return picked(value, lines, axes)


def _features(dim: Dim) -> int:
    return int(np.prod([atom for atom in dim if isinstance(atom, int)], dtype=np.int64))
