"""Parts of a tensor that an index names: numbers, slices, and constant tensors or lists of places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from snnc.conversion.axes import BATCH, EACH_STEP, TIME, Axes, AxesError, Dim
from snnc.conversion.functions.flattened import counting, flattened
from snnc.conversion.functions.handlers import Call, handles, lines_at
from snnc.conversion.functions.moved import EMPTY, check_constant, moved, moved_by_pytorch
from snnc.conversion.functions.nearest import EXPAND, FROM_A_PAD
from snnc.conversion.operations import picked
from snnc.conversion.values import SOFTMAX, Path, Value

LARGEST = 1 << 27
"""Most places that are noted where steps are taken one by one, of each step all: of 1 GB."""
IntArray = npt.NDArray[np.int64]
MASKS = (torch.bool, torch.uint8)
"""Of truth values, by which PyTorch takes elements."""


@handles("unbind")
def _unbound(call: Call) -> list[Value]:
    dim = call.argument(1, "dim", 0) % len(call.first.axes.dims)
    return [selected(call.first, dim, k) for k in range(len(call.result))]


@handles("select")
def _select(call: Call) -> Value:
    dim = call.argument(1, "dim") % len(call.first.axes.dims)
    return selected(call.first, dim, int(call.argument(2, "index")))


@handles("__getitem__")
def _item(call: Call) -> Value:
    value, index = call.first, call.args[1]
    parts = [_plain(call, each) for each in (index if isinstance(index, tuple) else [index])]
    if any(each is Ellipsis for each in parts):
        at = next(number for number, each in enumerate(parts) if each is Ellipsis)
        given = sum(map(_dimensions, parts))
        parts[at : at + 1] = [slice(None)] * (len(value.axes.dims) - given)
    dim, places = 0, dict[int, torch.Tensor]()
    for part in parts:
        if isinstance(part, torch.Tensor):
            of = part.nonzero().unbind(1) if part.dtype in MASKS else [part]
            places |= {dim + number: each for number, each in enumerate(of)}
            dim += len(of)
        elif isinstance(part, int):
            value = selected(value, dim, part)
        else:
            value = (
                _sliced(value, dim, part)
                if isinstance(part, slice)
                else replace(value, axes=value.axes.inserted(dim))
            )
            dim += 1
    if [each.ndim for each in places.values()] == [1]:
        ((dim, only),) = places.items()
        if _steps_flattened(value, dim, only, call.steps):
            return _together(value, places, call.steps)
        return _chosen(value, dim, only)
    return _together(value, places, call.steps) if places else value


def _plain(call: Call, part: Any) -> Any:
    """A part of an index as number, slice, None, Ellipsis, or tensor of places or truth values.

    Raises `AxesError` if it depends on the input.
    """
    if part is None or part is Ellipsis or isinstance(part, slice):
        return part
    check_constant(call, part)
    places = torch.as_tensor(part).cpu()
    if not places.ndim and places.dtype in MASKS:
        raise AxesError("it takes all or nothing by one truth value")
    return places if places.ndim else int(places)


def _dimensions(part: Any) -> int:
    """How many dimensions of the tensor a part of an index is for."""
    if isinstance(part, torch.Tensor) and part.dtype in MASKS:
        return part.ndim
    return int(part is not None and part is not Ellipsis)


def selected(value: Value, dim: int, index: int) -> Value:
    """Place `index` of dimension `dim`, which is gone then."""
    axes, what = value.axes, value.axes.dims[dim]
    size = axes.shape[dim]
    index %= size
    if what == (TIME,):
        paths = tuple(
            path if path.is_constant else replace(path, step=path.step + index, first=0, stop=None)
            for path in value.paths
            if path.is_constant or _counts(path, path.step + index)
        )
        ranked = value.ranked or value.softmax  # of one step: its classes are those before the softmax
        after = replace(axes.without(dim), steps=0)
        score = SOFTMAX if value.softmax else value.score
        return replace(value, axes=after, paths=paths, softmax=False, ranked=ranked, score=score)
    if size == 1 and TIME not in what:
        return replace(value, axes=axes.without(dim))
    if not any(isinstance(atom, str) for atom in what):
        return picked(value, lines_at(axes, dim, [index]), axes.without(dim))
    raise AxesError(f"it takes one place of {' x '.join(map(str, what))}")


def _counts(path: Path, step: int) -> bool:
    return step >= path.first and (path.stop is None or step < path.stop)


def _sliced(value: Value, dim: int, part: slice) -> Value:
    axes, what = value.axes, value.axes.dims[dim]
    size = axes.shape[dim]
    places = range(*part.indices(size))
    if len(places) == size and places.step == 1:
        return value
    if what == (TIME,) and places.step == 1 and len(places):
        cut = value.shifted(places.start, places.start, len(places))
        return replace(cut, axes=axes.with_steps(len(places)))
    if not any(isinstance(atom, str) for atom in what) and len(places):
        lines = lines_at(axes, dim, list(places))
        dims = (*axes.dims[:dim], (len(places),), *axes.dims[dim + 1 :])
        return picked(value, lines, replace(axes, dims=dims))
    said = f"it takes a part of {' x '.join(map(str, what)) or 'a dimension of 1'}"
    raise AxesError(said, EACH_STEP if TIME in what else None)


def _chosen(value: Value, dim: int, of: torch.Tensor) -> Value:
    """The places `of` of a dimension, one after another."""
    axes = value.axes
    places = torch.arange(axes.shape[dim])[of].numpy()
    if not len(places):
        raise AxesError(EMPTY)
    shape = (*axes.shape[:dim], len(places), *axes.shape[dim + 1 :])
    sources = []
    for number, size in enumerate(shape):
        own = places if number == dim else np.arange(size)
        along = own.reshape([-1 if k == number else 1 for k in range(len(shape))])
        sources.append(np.broadcast_to(along, shape))
    return moved(value, sources)


def _together(value: Value, places: Mapping[int, torch.Tensor], steps: int) -> Value:
    """Of each dimension the places that a tensor names; the tensors are broadcast to one block.

    The block stands where the dimensions were if they are neighbours, else in front: PyTorch's rule. Its
    dimensions are features, but those along which each recording is named, or as many steps as the example
    has, one after another: of a dimension that was flattened, too. Other steps are a delay each.
    """
    axes, dims = value.axes, list(places)
    named = np.broadcast_arrays(*(each.numpy() for each in places.values()))
    index = {dim: each % axes.shape[dim] for dim, each in zip(dims, named, strict=True)}
    if not named[0].size:
        raise AxesError(EMPTY)
    time = next((dim for dim in dims if axes.dims[dim] == (TIME,)), None)
    split = None if time is None else flattened(index[time], steps)
    if split is None:
        return _placed(value, index, steps)
    found = _placed(value, {dim: each.reshape(split.shape) for dim, each in index.items()}, steps)
    return replace(found, axes=split.joined(found.axes, _before(dims)))


def _before(dims: Sequence[int]) -> int:
    """How many of the other dimensions stand before the block of `dims`."""
    return dims[0] if list(dims) == list(range(dims[0], dims[-1] + 1)) else 0


def _placed(value: Value, index: dict[int, IntArray], steps: int) -> Value:
    """`_together` with an `index` of which each dimension is one of the result."""
    axes, dims = value.axes, list(index)
    at = _before(dims)
    held: dict[int, Dim] = {}
    for dim in dims:
        what = axes.dims[dim]
        if what == (BATCH,):
            axis = counting(index[dim], axes.batch)
            if axis is None:
                raise AxesError("it takes elements of batch by a tensor that does not name each in order")
            if not _alike(index, dim, axis):
                raise AxesError("it takes other elements in other recordings")
            held[axis], index = what, _first(index, axis)
        elif what != (TIME,) and any(isinstance(atom, str) for atom in what):
            raise AxesError(f"it takes elements of {' x '.join(map(str, what))} by a tensor")
    time = next((dim for dim in dims if axes.dims[dim] == (TIME,)), None)
    if time is None:
        lines, axes = _block(axes, index, at, held)
        return picked(value, lines, axes)
    if value.is_decoded:
        raise AxesError("it takes steps of what was decoded")
    axis = counting(index[time], steps)
    if axis is not None and _alike(index, time, axis):
        held[axis], index = (TIME,), _first(index, axis)
    of_all = (TIME,) in held.values()
    begin, index[time] = index[time], np.zeros_like(index[time])
    paths: list[Path] = []
    taken = np.unique(begin).tolist()
    if len(taken) * begin.size > LARGEST:
        raise AxesError(f"it takes {len(taken)} steps one by one, each in {begin.size} places", FROM_A_PAD)
    for step in taken:
        if of_all:
            part = value.shifted(step, step, steps)
            part = replace(part, axes=part.axes.with_steps(steps))
        else:
            part = selected(value, time, step)
            part = replace(part, axes=part.axes.inserted(time))
        lines, axes = _block(part.axes, index, at, held, begin == step)
        paths += picked(part, lines, axes).paths
    return Value(axes, tuple(paths))


def _alike(index: Mapping[int, IntArray], dim: int, axis: int) -> bool:
    """Whether the places of other dimensions than `dim` are the same along `axis` of the block."""
    others = (each for other, each in index.items() if other != dim)
    return all((each == each.take([0], axis)).all() for each in others)


def _first(index: Mapping[int, IntArray], axis: int) -> dict[int, IntArray]:
    return {dim: each.take([0], axis) for dim, each in index.items()}


def _block(
    axes: Axes,
    index: Mapping[int, IntArray],
    at: int,
    held: Mapping[int, Dim],
    kept: npt.NDArray[np.bool_] | bool = True,
) -> tuple[IntArray, Axes]:
    """The former line of each line, and the dimensions, where a block has the places `index`.

    `at`: how many of the other dimensions stand before the block. `held`: what the dimensions of the block
    are, of size 1 in `index`, that are no features. Where `kept` is false, the line is -1, for nothing.
    """
    rest = [dim for dim in range(len(axes.dims)) if dim not in index]
    sizes = [prod(atom for atom in what if isinstance(atom, int)) for what in axes.dims]
    found = np.arange(axes.lines).reshape(sizes).transpose([*index, *rest])[tuple(index.values())]
    count = found.ndim - len(rest)
    shape = found.shape[:count]
    found = np.where(np.broadcast_to(kept, shape).reshape(*shape, *[1] * len(rest)), found, -1)
    lines = found.transpose([*range(count, count + at), *range(count), *range(count + at, found.ndim)])
    dims = [axes.dims[dim] for dim in rest]
    dims[at:at] = [held.get(axis, (size,)) for axis, size in enumerate(shape)]
    return lines.reshape(-1), replace(axes, dims=tuple(dims))


def _steps_flattened(value: Value, dim: int, places: torch.Tensor, steps: int) -> bool:
    if value.axes.dims[dim] != (TIME,) or places.dtype in MASKS:
        return False
    return flattened(places.numpy() % value.axes.steps, steps) is not None


@handles("index_select")
def _index_selected(call: Call) -> Value:
    value, index = call.first, call.argument(2, "index")
    dim = call.argument(1, "dim") % len(value.axes.dims)
    check_constant(call, index)
    if _steps_flattened(value, dim, index.cpu(), call.steps):
        return _together(value, {dim: index.cpu()}, call.steps)
    moved = moved_by_pytorch(call)
    assert isinstance(moved, Value)
    return moved


@handles("gather", "take_along_dim")
def _gathered(call: Call) -> Value:
    value, shape = call.first, tuple(call.result.shape)
    by_dim = call.name == "gather"
    dim = call.argument(1 if by_dim else 2, "dim")
    index = call.argument(2 if by_dim else 1, "index" if by_dim else "indices")
    for k, (size, taken) in enumerate(zip(value.axes.shape, shape, strict=by_dim)):
        if by_dim and taken < size and BATCH in value.axes.dims[k] and k != dim % len(shape):
            raise AxesError(f"its index has the shape {list(shape)}, and x {list(value.axes.shape)}", EXPAND)
    if dim is None or value.axes.dims[dim] != (TIME,):
        moved = moved_by_pytorch(call)
        assert isinstance(moved, Value)
        return moved
    check_constant(call, index)
    dim %= len(shape)
    places = {
        k: torch.arange(size).reshape([-1 if k == n else 1 for n in range(len(shape))])
        for k, size in enumerate(shape)
    }
    return _together(value, places | {dim: index.cpu().expand(shape)}, call.steps)
