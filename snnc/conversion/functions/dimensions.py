"""Functions that change the dimensions of a tensor, or take a part of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from snnc.conversion.axes import TIME, AxesError
from snnc.conversion.functions.handlers import Call, handles, lines_at
from snnc.conversion.functions.moved import check_constant, chosen
from snnc.conversion.functions.nearest import SYNAPSES
from snnc.conversion.operations import picked
from snnc.conversion.values import Path, Value


@handles(
    "contiguous",
    "clone",
    "detach",
    "detach_",
    "requires_grad_",
    "as_tensor",
    "to",
    "float",
    "double",
    "type",
    "type_as",
    "cpu",
    "cuda",
    "data",
)
def _the_same(call: Call) -> Value:
    return call.first


@handles("copy_")
def _copied(call: Call) -> Value:
    value = call.value(call.argument(1, "src"))
    if value is None or value.axes.shape != tuple(call.result.shape):
        raise AxesError("it copies a constant, or repeats what it copies")
    return value


@handles("dropout", "feature_dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout")
def _dropout(call: Call) -> Value:
    # Modules are in evaluation mode; a function is told.
    if call.argument(2, "training", True):
        raise AxesError("it drops at random, also in evaluation; pass training=self.training")
    return call.first


@handles("permute", "transpose", "swapaxes", "t", "movedim", "T", "mT")
def _permuted(call: Call) -> Value:
    value, result = call.first, call.result
    count = len(value.axes.dims)
    # The order is asked of PyTorch itself, on sizes that tell the dimensions apart.
    probe = torch.empty([k + 2 for k in range(count)], device="meta")
    with torch._C.DisableTorchFunction():
        if call.name in ("T", "mT"):
            moved = getattr(probe, call.name)
        else:
            moved = getattr(torch.Tensor, call.name)(probe, *call.args[1:], **call.kwargs)
    order = [size - 2 for size in moved.shape]
    axes, lines = value.axes.permuted(order)
    assert axes.shape == tuple(result.shape)
    return replace(value, axes=axes) if lines is None else value.then(picked(lines), axes)


@handles("reshape", "view", "flatten", "squeeze", "unsqueeze", "unflatten", "view_as", "reshape_as")
def _reshaped(call: Call) -> Value:
    value = call.first
    return replace(value, axes=value.axes.reshaped(tuple(call.result.shape)))


@handles("expand_as", "expand", "broadcast_to")
def _expanded(call: Call) -> Value:
    if tuple(call.result.shape) != call.first.axes.shape:
        raise AxesError("it repeats its tensor")
    return call.first


@handles("unbind")
def _unbound(call: Call) -> list[Value]:
    dim = call.argument(1, "dim", 0) % len(call.first.axes.dims)
    return [_selected(call.first, dim, k) for k in range(len(call.result))]


@handles("select")
def _select(call: Call) -> Value:
    dim = call.argument(1, "dim") % len(call.first.axes.dims)
    return _selected(call.first, dim, int(call.argument(2, "index")))


@handles("__getitem__")
def _item(call: Call) -> Value:
    value, index = call.first, call.args[1]
    parts = list(index) if isinstance(index, tuple) else [index]
    parts = [each.item() if _is_number(call, each) else each for each in parts]
    others = [each for each in parts if each is not Ellipsis and not isinstance(each, int | slice | None)]
    check_constant(call, others)
    if len(others) > 1:
        of_lines = "Index one dimension after another"
        raise AxesError("it takes elements by several tensors", SYNAPSES if value.axes.has_time else of_lines)
    if any(each is Ellipsis for each in parts):
        at = next(number for number, each in enumerate(parts) if each is Ellipsis)
        given = sum(each is not None and each is not Ellipsis for each in parts)
        parts[at : at + 1] = [slice(None)] * (len(value.axes.dims) - given)
    dim = 0
    for part in parts:
        if part is None:
            value = replace(value, axes=value.axes.inserted(dim))
            dim += 1
        elif isinstance(part, int):
            value = _selected(value, dim, part)
        elif not isinstance(part, slice):
            value = chosen(call, value, dim, part)
            dim += 1
        else:
            value = _sliced(value, dim, part)
            dim += 1
    return value


def _is_number(call: Call, part: object) -> bool:
    """Whether it is a constant tensor or array that stands for one place."""
    if not isinstance(part, torch.Tensor | np.ndarray | np.integer) or id(part) in call.before:
        return False
    whole = torch.as_tensor(part)
    return whole.ndim == 0 and whole.dtype != torch.bool and not whole.is_floating_point()


def _selected(value: Value, dim: int, index: int) -> Value:
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
        return replace(value, axes=after, paths=paths, softmax=False, ranked=ranked)
    if size == 1 and TIME not in what:
        return replace(value, axes=axes.without(dim))
    if not any(isinstance(atom, str) for atom in what):
        return value.then(picked(lines_at(axes, dim, [index])), axes.without(dim))
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
        return value.then(picked(lines), replace(axes, dims=dims))
    raise AxesError(f"it takes a part of {' x '.join(map(str, what)) or 'a dimension of 1'}")
