"""Pools that are linear: averages and sums over places."""

from __future__ import annotations

from typing import Any

import numpy as np

from snnc.conversion.axes import AxesError
from snnc.conversion.functions.handlers import Call, handles
from snnc.conversion.functions.nearest import POOL
from snnc.conversion.operations import average, gain, pair
from snnc.conversion.values import Value


@handles("avg_pool1d", "avg_pool2d")
def _pooled(call: Call) -> Value:
    sides = 1 if call.name.endswith("1d") else 2
    extent, stride = call.argument(1, "kernel_size"), call.argument(2, "stride")
    padding = pair(call.argument(3, "padding", 0), sides, before=0)
    if any(padding) and not call.argument(5, "count_include_pad", True):
        raise AxesError(
            "it leaves the padding out of the average (count_include_pad=False)",
            "Train with count_include_pad=True, or pad before it",
        )
    divisor = call.argument(6, "divisor_override")
    return _averaged(
        call, sides, extent, stride, padding, bool(call.argument(4, "ceil_mode", False)), divisor
    )


@handles("lp_pool1d", "lp_pool2d")
def _powers(call: Call) -> Value:
    """With the norm 1 it is the sum of what it covers."""
    norm = call.argument(1, "norm_type")
    if norm != 1:
        raise AxesError(f"it adds powers of {norm}", POOL)
    sides = 1 if call.name.endswith("1d") else 2
    extent, stride = call.argument(2, "kernel_size"), call.argument(3, "stride")
    return _averaged(call, sides, extent, stride, (0, 0), bool(call.argument(4, "ceil_mode", False)), 1)


def _averaged(
    call: Call,
    sides: int,
    extent: Any,
    stride: Any,
    padding: tuple[int, int],
    ceil: bool,
    divisor: int | None,
) -> Value:
    """`divisor`: by what the sum is divided, None for the number of places."""
    value, own = call.first, pair(extent, sides)
    made = average(value.axes, own, pair(stride or extent, sides), padding, sides)
    if ceil and made.axes.shape != tuple(call.result.shape):
        raise AxesError(
            "it averages over fewer places at the edge (ceil_mode=True)",
            "Train with ceil_mode=False, or pad before it",
        )
    found = value.then(made.operation, made.axes)
    if divisor is None:
        return found
    return found.then(gain(np.full(made.axes.lines, own[0] * own[1] / divisor)))


@handles("adaptive_avg_pool1d", "adaptive_avg_pool2d")
def _adaptive(call: Call) -> Value:
    value, axes = call.first, call.first.axes
    sides = 1 if call.name.endswith("1d") else 2
    size, out = axes.grid(sides)[1:], call.result.shape[-sides:]
    if any(of % to for of, to in zip(size, out, strict=True)):
        raise AxesError(
            f"it averages {list(size)} places to {list(out)}: their number is no multiple",
            "Use AvgPool2d with a kernel of its own",
        )
    extent = stride = pair(tuple(of // to for of, to in zip(size, out, strict=True)), sides)
    made = average(axes, extent, stride, (0, 0), sides)
    return value.then(made.operation, made.axes)
