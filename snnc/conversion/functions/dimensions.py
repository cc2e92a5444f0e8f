"""Functions that change the dimensions of a tensor."""

from __future__ import annotations

from dataclasses import replace

import torch

from snnc.conversion.axes import AxesError
from snnc.conversion.functions.handlers import Call, handles
from snnc.conversion.functions.sums import repeated
from snnc.conversion.operations import picked
from snnc.conversion.values import Value
from snnc.conversion.whole import CUTS, LEAVE_OUT


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
    "int",
    "long",
    "short",
    "char",
    "byte",
    "bool",
    "half",
    "bfloat16",
)
def _the_same(call: Call) -> Value:
    """What a cast of real numbers cuts off is told behind it (`whole.cuts`)."""
    given, made = call.args[0], call.result
    whole = not given.is_floating_point() and not made.is_floating_point()
    if whole and given.dtype != made.dtype and not torch.equal(given.double(), made.double()):
        raise AxesError(f"it {CUTS}", LEAVE_OUT)
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
    return repeated(call.first, tuple(call.result.shape))
