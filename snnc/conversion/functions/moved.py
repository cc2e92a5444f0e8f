"""Functions that only move elements: where each comes from is asked of PyTorch itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from snnc.conversion.axes import TIME, Axes, AxesError
from snnc.conversion.functions.handlers import Call, handles
from snnc.conversion.functions.nearest import BACKWARDS, BEFORE, DELAY, FLAT, LATER, SILENCE, SYNAPSES
from snnc.conversion.functions.odd_steps import came_round
from snnc.conversion.operations import picked
from snnc.conversion.values import Value

IntArray = npt.NDArray[np.int64]
EMPTY = "it has no elements"


@handles(
    *("chunk", "split", "split_with_sizes", "tensor_split", "hsplit", "vsplit", "dsplit"),
    *("unsafe_chunk", "unsafe_split", "unsafe_split_with_sizes", "narrow"),
    *("flip", "fliplr", "flipud", "roll", "repeat", "tile", "repeat_interleave"),
)
def moved_by_pytorch(call: Call) -> Value | list[Value | None]:
    """What the function moves, told by PyTorch of numbers of places. Raises `AxesError`."""
    value, axes = call.first, call.first.axes
    check_constant(call, (call.args[1:], call.kwargs))
    options = {name: each for name, each in call.kwargs.items() if name != "out"}
    results = [call.result] if isinstance(call.result, torch.Tensor) else list(call.result)
    sources: list[list[IntArray]] = [[] for _ in results]
    for dim in range(len(axes.dims)):
        places = torch.arange(axes.shape[dim], dtype=torch.int32, device=results[0].device)
        probe = places.reshape([-1 if k == dim else 1 for k in range(len(axes.dims))]).expand(axes.shape)
        made = call.function(probe, *call.args[1:], **options)
        for number, each in enumerate([made] if isinstance(made, torch.Tensor) else made):
            if each.numel():
                sources[number].append(each.cpu().numpy())
    shifts = call.argument(1, "shifts", 0) if call.name == "roll" else 0
    try:
        parts = [moved(value, each, shifts) if each else None for each in sources]  # None holds nothing
    except AxesError as error:
        if call.name == "roll" and not np.size(call.argument(2, "dims", ())):
            raise AxesError("it goes through all dimensions as if they were one", FLAT) from error
        if error.instead in (LATER, BEFORE) and axes.steps < call.steps:
            raise AxesError(str(error), BACKWARDS) from error
        raise
    if not isinstance(call.result, torch.Tensor):
        return parts
    if parts[0] is None:
        raise AxesError(EMPTY)
    return parts[0]


def moved(value: Value, places: Sequence[IntArray], shifts: int | Sequence[int] = 0) -> Value:
    """`value` where each element comes from `places`, of each dimension the former place.

    `shifts`: those of a roll. Raises `AxesError` as `_source`.
    """
    sources = [_source(value.axes, dim, each, shifts) for dim, each in enumerate(places)]
    return _placed(value, sources, places[0].shape)


def check_constant(call: Call, given: Any) -> None:
    """Raises `AxesError` if the places depend on the input."""
    if isinstance(given, Mapping):
        given = list(given.values())
    if isinstance(given, list | tuple):
        for each in given:
            check_constant(call, each)
    elif isinstance(given, torch.Tensor) and id(given) in call.before:
        raise AxesError("it takes elements by another tensor, which depends on the input")


def _source(axes: Axes, dim: int, places: IntArray, shifts: int | Sequence[int]) -> IntArray:
    """Of the elements of a result the `places` along `dim` where they were, in the first step and recording.

    Raises `AxesError` if steps or recordings move, or lines move otherwise in another of them.
    """
    if places.ndim != len(axes.dims):
        raise AxesError("it changes the number of dimensions", "Reshape before it or behind it")
    what = axes.dims[dim]
    if any(isinstance(atom, str) for atom in what):
        start, size = int(places.flat[0]), places.shape[dim]
        wanted = np.arange(start, start + size).reshape([-1 if k == dim else 1 for k in range(places.ndim)])
        whole = start == 0 and size == axes.shape[dim]
        if what == (TIME,) and size == axes.steps and (places == wanted % size).all() and start:
            back = next((each < 0 for each in np.atleast_1d(shifts) if -each % size == start), None)
            why, instead = came_round(start, size, SILENCE, back)
            raise AxesError(f"it {why}", instead)
        if not (whole or what == (TIME,)) or (places != wanted).any():
            moved = " x ".join(map(str, what))
            of_lines = np.moveaxis(places, dim, 0).reshape(size, -1)
            delays = SYNAPSES if (of_lines != of_lines[:, :1]).any() else DELAY
            if (np.diff(of_lines, axis=0) < 0).sum(axis=0).max(initial=0) > 1:  # as no roll of them has
                delays = LATER
            said = f"it moves, repeats or takes a part of {moved}"
            if what == (TIME,) and delays == LATER:
                said = "it brings later steps before earlier ones"
            raise AxesError(said, delays if TIME in what else None)
        return np.array([start])
    first = tuple(
        slice(0, 1) if any(isinstance(atom, str) for atom in each) else slice(None) for each in axes.dims
    )
    if (places != places[first]).any():
        raise AxesError("it takes other lines in other steps or recordings")
    return places[first].astype(np.int64)


def _placed(value: Value, sources: Sequence[IntArray], shape: tuple[int, ...]) -> Value:
    """`value` where the elements come from `sources`, of each dimension, in the `shape` that it has then."""
    if (TIME,) in value.axes.dims:
        dim = value.axes.of(TIME)
        start, steps = int(sources[dim][0]), shape[dim]
        if steps != value.axes.steps:
            value = replace(value.shifted(start, start, steps), axes=value.axes.with_steps(steps))
    axes = value.axes
    sizes = [prod(atom for atom in what if isinstance(atom, int)) for what in axes.dims]
    held = [any(isinstance(atom, str) for atom in what) for what in axes.dims]
    index = list(sources)
    for dim, size in enumerate(sizes):
        if held[dim]:
            index[dim] = np.arange(size).reshape([-1 if k == dim else 1 for k in range(len(sizes))])
    lines = np.arange(axes.lines).reshape(sizes)[tuple(index)].reshape(-1)
    if tuple(shape) == axes.shape and np.array_equal(lines, np.arange(axes.lines)):
        return value
    dims = [
        what if held[dim] or shape[dim] == axes.shape[dim] else (shape[dim],)
        for dim, what in enumerate(axes.dims)
    ]
    return picked(value, lines, replace(axes, dims=tuple(dims)))
