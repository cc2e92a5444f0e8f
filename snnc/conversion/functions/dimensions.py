"""Functions that change the dimensions of a tensor."""

from __future__ import annotations

from dataclasses import replace

import torch

from snnc.conversion.axes import AxesError
from snnc.conversion.functions.handlers import Call, handles
from snnc.conversion.operations import picked
from snnc.conversion.values import Value


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
    return replace(value, axes=axes) if lines is None else picked(value, lines, axes)


@handles("reshape", "view", "flatten", "squeeze", "unsqueeze", "unflatten", "view_as", "reshape_as")
def _reshaped(call: Call) -> Value:
    value = call.first
    return replace(value, axes=value.axes.reshaped(tuple(call.result.shape)))


@handles("expand_as", "expand", "broadcast_to")
def _expanded(call: Call) -> Value:
    if tuple(call.result.shape) != call.first.axes.shape:
        raise AxesError("it repeats its tensor")
    return call.first
