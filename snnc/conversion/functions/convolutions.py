"""Convolutions over places, over time, or over both, and what is padded before them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from snnc.conversion.axes import TIME, Axes, AxesError
from snnc.conversion.functions.handlers import Call, FloatArray, handles, lines_at, numbers
from snnc.conversion.functions.nearest import GRID
from snnc.conversion.operations import kernel, picked, taps
from snnc.conversion.values import Path, Value

MODES = {"circular": "wrap", "reflect": "reflect", "replicate": "edge"}
"""What numpy calls the ways of PyTorch to pad."""


@handles("conv1d", "conv2d", "conv3d")
def _convolved(call: Call) -> Value:
    value, axes = call.first, call.first.axes
    weight, bias = numbers(call.argument(1, "weight")), call.argument(2, "bias")
    stride, padding = call.argument(3, "stride", 1), call.argument(4, "padding", 0)
    dilation, groups = call.argument(5, "dilation", 1), call.argument(6, "groups", 1)
    biases = np.zeros(len(weight)) if bias is None else numbers(bias)
    sides = weight.ndim - 2
    last = axes.dims[-sides:]
    if last == ((TIME,),):
        return _temporal(value, weight, biases, stride, padding, dilation, groups)
    if (TIME,) in last:
        return _in_time_and_places(value, weight, biases, stride, padding, dilation, groups)
    if sides == 3:
        raise AxesError("it has three dimensions of places; the contract has rows and columns", GRID)
    made = kernel(axes, weight, biases, stride, padding, dilation, groups)
    return value.then(made.operation, made.axes, made.bias)


def _temporal(
    value: Value, weight: FloatArray, bias: FloatArray, stride: Any, padding: Any, dilation: Any, groups: int
) -> Value:
    """A convolution over time: each tap is a synapse with a delay."""
    axes = value.axes
    (stride,), (padding,), (dilation,) = (_each(given, 1) for given in (stride, padding, dilation))
    if axes.features != (weight.shape[1] * groups,):
        raise AxesError(f"it weighs the channels of [{axes}] in time")
    plain = dilation == groups == 1 and padding in (0, "valid")
    beside = _side_by_side(weight.shape[2], stride) if plain else ""
    value, extent = _ready(value, weight.shape[2], stride, padding, dilation, beside)
    steps = value.axes.steps - extent
    made = value.shifted(extent)
    after = Axes((*axes.dims[:-2], (len(weight),), (TIME,)), axes.batch, steps)
    return made.then(taps(weight, extent, dilation, groups), after, bias)


def _in_time_and_places(
    value: Value, weight: FloatArray, bias: FloatArray, stride: Any, padding: Any, dilation: Any, groups: int
) -> Value:
    """Each tap in time is a convolution over places, with a delay."""
    sides = weight.ndim - 2
    strides, pads, spread = (_each(given, sides) for given in (stride, padding, dilation))
    count = len(value.axes.dims)
    at = value.axes.dims.index((TIME,))
    own = at - (count - sides)
    extent_in_time = weight.shape[2 + own]
    value, extent = _ready(value, extent_in_time, strides.pop(own), pads.pop(own), spread[own])
    steps, apart = value.axes.steps, spread.pop(own)
    # Time stands before the channels while places are weighed.
    order = [k for k in range(count) if k != at]
    order.insert(count - sides - 1, at)
    axes = value.axes.permuted(order)[0]
    paths: list[Path] = []
    for tap in range(extent_in_time):
        part = weight.take([tap], axis=2 + own).squeeze(2 + own)
        around = tuple(pads) if not isinstance(padding, str) else padding
        made = kernel(axes, part, bias, tuple(strides), around, tuple(spread), groups)
        if part.any():
            paths += value.shifted(tap * apart).then(made.operation, made.axes).paths
    back = [order.index(k) for k in range(count)]
    after = made.axes.permuted(back)[0].with_steps(steps - extent)
    found = replace(value, axes=after, paths=tuple(paths))
    return found if made.bias is None else found.plus(made.bias)


def _side_by_side(taps: int, stride: int) -> str:
    """How to write a convolution over time with a `stride` without one, on `stride` steps side by side."""
    left, count = -taps % stride, -(-taps // stride)
    more = f"w = F.pad(w, (0, {left})), " * (left > 0)
    return (
        f"; or, for the same function, give {stride} steps side by side as {stride} C lines, "
        f"x.reshape(N, T // {stride}, {stride} * C) of [N, T, C], and convolve with {count} taps: {more}"
        f"w.reshape(O, C, {count}, {stride}).permute(0, 3, 1, 2).reshape(O, {stride} * C, {count})"
    )


def _ready(
    value: Value, count: int, stride: int, padding: Any, dilation: int, instead: str = ""
) -> tuple[Value, int]:
    """`value`, padded for `count` taps in time, and the steps between the first and the last of them.

    `instead`: what else to do where there is a stride.
    """
    if stride != 1:
        raise AxesError(
            f"it has a stride of {stride} in time; in the contract every step counts",
            f"Use a stride of 1 in time{instead or ', or give the example in longer steps'}",
        )
    extent = (count - 1) * dilation
    if padding == "valid" or (padding == "same" and extent % 2 == 0):
        padding = 0 if padding == "valid" else extent // 2
    if not isinstance(padding, int):
        raise AxesError(f"its padding in time is {padding!r}", "Pad by hand, with F.pad, before it")
    return padded_in_time(value, padding, padding), extent


def _each(given: Any, sides: int) -> list[Any]:
    """One number, or word, for each of `sides` dimensions."""
    found = list(given) if isinstance(given, tuple | list) else [given] * sides
    return found * sides if len(found) == 1 else found


@handles("pad")
def _padded(call: Call) -> Value:
    value, axes = call.first, call.first.axes
    widths = list(call.argument(1, "pad"))
    mode, fill = call.argument(2, "mode", "constant"), call.argument(3, "value", 0) or 0
    if fill or mode not in ("constant", *MODES):
        raise AxesError(f"it pads with other than zeros ({mode}, {fill})")
    for number in range(len(widths) // 2):
        before, behind = widths[2 * number : 2 * number + 2]
        dim = len(axes.dims) - 1 - number
        if not (before or behind):
            continue
        if axes.dims[dim] != (TIME,):
            value = _padded_feature(value, dim, before, behind, mode)
        elif mode != "constant":
            raise AxesError(f"it repeats steps (padding {mode})", "Pad time with zeros")
        else:
            value = padded_in_time(value, before, behind)
    return value


def padded_in_time(value: Value, before: int, behind: int) -> Value:
    """So many silent steps more, before the first and behind the last. Raises `AxesError`."""
    if not (before or behind):
        return value
    if before < 0 or behind < 0:
        raise AxesError("it cuts steps off; slice them")
    if value.is_decoded:
        raise AxesError("it puts silent steps beside scores", "Pad what arrives at the neurons")
    if any(not path.source.population for path in value.paths):
        raise AxesError("it pads a bias in time with zeros; pad before the bias is added")
    length = value.axes.steps
    return replace(value.shifted(-before, 0, length), axes=value.axes.with_steps(length + before + behind))


def _padded_feature(value: Value, dim: int, before: int, behind: int, mode: str) -> Value:
    axes = value.axes
    what, size = axes.dims[dim], axes.shape[dim]
    if any(isinstance(atom, str) for atom in what) or before < 0 or behind < 0:
        raise AxesError(f"it pads {' x '.join(map(str, what)) or 'a dimension of 1'}")
    dims = (*axes.dims[:dim], (size + before + behind,), *axes.dims[dim + 1 :])
    after = replace(axes, dims=dims)
    lines = np.full(after.lines, -1)
    lines[lines_at(after, dim, range(before, before + size))] = np.arange(axes.lines)
    if mode != "constant":
        there = np.pad(np.arange(size), (before, behind), mode=MODES[mode])  # type: ignore[call-overload]
        lines[lines_at(after, dim, range(len(there)))] = lines_at(axes, dim, there.tolist())
    return picked(value, lines, after)
