"""Functions with weights: matrices, convolutions over places or over time, averages, batch norm."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from snnc.conversion.axes import TIME, Axes, AxesError
from snnc.conversion.functions.handlers import Call, FloatArray, for_lines, handles, lines_at, numbers
from snnc.conversion.operations import average, gain, kernel, matrix, pair, picked, taps
from snnc.conversion.values import Value


@handles("linear", "matmul", "__matmul__", "mm", "addmm")
def _linear(call: Call) -> Value:
    if call.name == "addmm" or call.value(call.args[0]) is None:
        raise AxesError("its first factor is a constant; write it as a Linear")
    value, weight = call.first, call.argument(1, "weight", call.kwargs.get("other"))
    weight = numbers(weight)
    weight = weight if call.name == "linear" else weight.T
    return weighed(value, weight, call.argument(2, "bias") if call.name == "linear" else None)


def weighed(value: Value, weight: FloatArray, bias: Any) -> Value:
    """`weight` [rows, lines] times the lines of `value`, and `bias`. Raises `AxesError` if it cannot be."""
    if weight.ndim != 2:
        raise AxesError(f"its weights have {weight.ndim} dimensions")
    axes = value.axes
    if axes.dims[-1] != axes.features and axes.lines != weight.shape[1]:
        raise AxesError(f"it weighs the last dimension of [{axes}] alone; flatten the features before it")
    after = replace(axes, dims=(*axes.dims[:-1], (len(weight),)))
    if sum(isinstance(atom, int) for dim in axes.dims[:-1] for atom in dim if atom != 1):
        raise AxesError(f"it weighs the last dimension of [{axes}] alone; flatten the features before it")
    line, source = np.nonzero(weight)
    made = value.then(matrix(line, source, weight[line, source], len(weight), weight), after)
    return made if bias is None else made.plus(numbers(bias))


@handles("conv1d", "conv2d")
def _convolved(call: Call) -> Value:
    value, axes = call.first, call.first.axes
    weight, bias = numbers(call.argument(1, "weight")), call.argument(2, "bias")
    stride, padding = call.argument(3, "stride", 1), call.argument(4, "padding", 0)
    dilation, groups = call.argument(5, "dilation", 1), call.argument(6, "groups", 1)
    biases = np.zeros(len(weight)) if bias is None else numbers(bias)
    if axes.dims[-1] == (TIME,):
        return _temporal(value, weight, biases, stride, padding, dilation, groups)
    made = kernel(axes, weight, biases, stride, padding, dilation, groups)
    return value.then(made.operation, made.axes, made.bias)


def _temporal(
    value: Value, weight: FloatArray, bias: FloatArray, stride: Any, padding: Any, dilation: Any, groups: int
) -> Value:
    """A convolution over time: each tap is a synapse with a delay."""
    axes = value.axes
    (stride,), (dilation,) = (each if isinstance(each, tuple) else (each,) for each in (stride, dilation))
    if stride != 1:
        raise AxesError(f"it has a stride of {stride} in time; every step has to count")
    if axes.features != (weight.shape[1] * groups,):
        raise AxesError(f"it weighs the channels of [{axes}] in time")
    extent = (weight.shape[2] - 1) * dilation
    if isinstance(padding, str):
        padding = {"valid": 0, "same": extent // 2}[padding] if extent % 2 == 0 else padding
    pad = padding[0] if isinstance(padding, tuple) else padding
    if not isinstance(pad, int):
        raise AxesError(f"its padding in time is {padding!r}")
    value = _padded_in_time(value, pad, pad)
    steps = value.axes.steps - extent
    made = value.shifted(extent)
    after = Axes((*axes.dims[:-2], (len(weight),), (TIME,)), axes.batch, steps)
    return made.then(taps(weight, extent, dilation, groups), after, bias)


@handles("pad")
def _padded(call: Call) -> Value:
    value, axes = call.first, call.first.axes
    widths = list(call.argument(1, "pad"))
    mode, fill = call.argument(2, "mode", "constant"), call.argument(3, "value", 0) or 0
    if mode != "constant" or fill:
        raise AxesError(f"it pads with other than zeros ({mode}, {fill})")
    for number in range(len(widths) // 2):
        before, behind = widths[2 * number : 2 * number + 2]
        dim = len(axes.dims) - 1 - number
        if not (before or behind):
            continue
        if axes.dims[dim] != (TIME,):
            value = _padded_feature(value, dim, before, behind)
        else:
            value = _padded_in_time(value, before, behind)
    return value


def _padded_in_time(value: Value, before: int, behind: int) -> Value:
    if not (before or behind):
        return value
    if before < 0 or behind < 0:
        raise AxesError("it cuts steps off; slice them")
    if any(not path.source.population for path in value.paths):
        raise AxesError("it pads a bias in time with zeros; pad before the bias is added")
    length = value.axes.steps
    return replace(value.shifted(-before, 0, length), axes=value.axes.with_steps(length + before + behind))


def _padded_feature(value: Value, dim: int, before: int, behind: int) -> Value:
    axes = value.axes
    what, size = axes.dims[dim], axes.shape[dim]
    if any(isinstance(atom, str) for atom in what) or before < 0 or behind < 0:
        raise AxesError(f"it pads {' x '.join(map(str, what)) or 'a dimension of 1'}")
    dims = (*axes.dims[:dim], (size + before + behind,), *axes.dims[dim + 1 :])
    after = replace(axes, dims=dims)
    lines = np.full(after.lines, -1)
    lines[lines_at(after, dim, range(before, before + size))] = np.arange(axes.lines)
    return value.then(picked(lines), after)


@handles("avg_pool1d", "avg_pool2d", "adaptive_avg_pool1d", "adaptive_avg_pool2d")
def _pooled(call: Call) -> Value:
    value, axes = call.first, call.first.axes
    sides = 1 if call.name.endswith("1d") else 2
    if call.name.startswith("adaptive"):
        size, out = axes.grid(sides)[1:], call.result.shape[-sides:]
        if any(of % to for of, to in zip(size, out, strict=True)):
            raise AxesError(f"it averages {list(size)} places to {list(out)}: their number is no multiple")
        extent = stride = pair(tuple(of // to for of, to in zip(size, out, strict=True)), sides)
        made = average(axes, extent, stride, (0, 0), sides)
        return value.then(made.operation, made.axes)
    extent = pair(call.argument(1, "kernel_size"), sides)
    stride = pair(call.argument(2, "stride") or call.argument(1, "kernel_size"), sides)
    padding = pair(call.argument(3, "padding", 0), sides, before=0)
    if call.argument(4, "ceil_mode", False) or call.argument(6, "divisor_override"):
        raise AxesError("it averages with ceil_mode or a divisor of its own")
    if any(padding) and not call.argument(5, "count_include_pad", True):
        raise AxesError("it leaves the padding out of the average (count_include_pad=False)")
    made = average(axes, extent, stride, padding, sides)
    return value.then(made.operation, made.axes)


@handles("batch_norm")
def _normalised(call: Call) -> Value:
    value = call.first
    mean, variance = call.argument(1, "running_mean"), call.argument(2, "running_var")
    weight, bias = call.argument(3, "weight"), call.argument(4, "bias")
    if call.argument(5, "training", False) or mean is None:
        raise AxesError("it normalises by the batch; train it with running statistics, and use eval()")
    scale = 1 / np.sqrt(numbers(variance) + call.argument(7, "eps", 1e-5))
    scale = scale if weight is None else scale * numbers(weight)
    shift = -numbers(mean) * scale + (0 if bias is None else numbers(bias))
    shape = (1, -1) + (1,) * (len(value.axes.dims) - 2)
    factor, offset = (for_lines(value.axes, each.reshape(shape)) for each in (scale, shift))
    return value.then(gain(factor)).plus(offset)
