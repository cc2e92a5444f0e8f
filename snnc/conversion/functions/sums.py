"""Functions that add, scale, or take sums over a dimension."""

from __future__ import annotations

from dataclasses import replace
from math import prod

import numpy as np
import torch

from snnc.conversion.axes import TIME, Axes, AxesError
from snnc.conversion.functions.handlers import (
    OF_32_BITS,
    Call,
    FloatArray,
    for_lines,
    handles,
    numbers,
    rounding,
)
from snnc.conversion.functions.nearest import (
    AT_THE_END,
    FIRST,
    LARGER,
    LINEAR,
    NO_LOGARITHM,
    REGISTER,
    SAME,
    SOFTMAX_OF_ALL,
)
from snnc.conversion.functions.over_steps import over_steps
from snnc.conversion.functions.taken_steps import as_time, masked
from snnc.conversion.merged import merged
from snnc.conversion.operations import gain, matrix, picked
from snnc.conversion.values import BEHIND_MAXIMUM, LOG_SOFTMAX, SPIKES, Unknown, Value


@handles(
    "add", "add_", "__add__", "__radd__", "__iadd__", "sub", "sub_", "__sub__", "__isub__", "rsub", "__rsub__"
)
def _added(call: Call) -> Value:
    a, b = call.args[0], call.argument(1, "other")
    left, right = call.value(a), call.value(b)
    name = call.name
    sign_a = -1.0 if "rsub" in name else 1.0
    sign_b = -1.0 if "sub" in name and "rsub" not in name else 1.0
    alpha = float(call.kwargs.get("alpha", 1))
    sign_a, sign_b = (sign_a * alpha, sign_b) if "rsub" in name else (sign_a, sign_b * alpha)
    if left is None or right is None:
        value, constant, sign, of_constant = (
            (left, b, sign_a, sign_b) if right is None else (right, a, sign_b, sign_a)
        )
        assert value is not None
        value = times(value, sign)
        lines = for_lines(value.axes, numbers(constant), share=rounding(constant))
        return value.plus(of_constant * lines)
    shape = tuple(call.result.shape)
    return added(_wider(times(left, sign_a), shape), _wider(times(right, sign_b), shape))


def _wider(value: Value, shape: tuple[int, ...]) -> Value:
    """`value`, whose lines are repeated as `shape` says, if it says no more than that."""
    try:
        return repeated(value, shape)
    except AxesError:
        return value


def added(left: Value, right: Value) -> Value:
    """The sum of two values. Raises `AxesError` if they are not of one kind."""
    if left.is_scores or right.is_scores:
        of_log = LOG_SOFTMAX in (left.score, right.score)
        raise AxesError("it adds scores of a softmax", NO_LOGARITHM if of_log else SOFTMAX_OF_ALL)
    if left.over_time == right.over_time == "max":
        raise AxesError("it adds what is the largest of all steps", BEHIND_MAXIMUM)
    if left.over_time != right.over_time:
        raise AxesError("it adds what is decoded over time to what is not", AT_THE_END)
    if left.axes.has_time != right.axes.has_time:
        left, right = (as_time(each) or each for each in (left, right))
    if left.axes != right.axes:
        raise AxesError(f"it adds [{left.axes}] to [{right.axes}]")
    return replace(left, paths=merged(left.paths, right.paths, left.axes.lines))


@handles(
    "mul",
    "mul_",
    "__mul__",
    "__rmul__",
    "__imul__",
    "div",
    "div_",
    "__truediv__",
    "__itruediv__",
    "true_divide",
    "neg",
    "__neg__",
)
def _scaled(call: Call) -> Value:
    name, rounded = call.name, call.kwargs.get("rounding_mode")
    if rounded is not None:
        raise AxesError(
            f"it rounds (rounding_mode={rounded!r})", "Divide without rounding, and train with it"
        )
    if "neg" in name:
        return times(call.first, -1.0)
    a, b = call.args[0], call.argument(1, "other")
    left, right = call.value(a), call.value(b)
    if left is not None and right is not None:
        raise AxesError("it multiplies two tensors that both depend on the input", REGISTER)
    if "div" in name:
        if left is None:
            raise AxesError("it divides by what depends on the input")
        return times(repeated(left, tuple(call.result.shape)), 1 / numbers(b), rounding(b))
    value, constant = (left, b) if left is not None else (right, a)
    assert value is not None
    factor = numbers(constant)
    try:
        found = times(repeated(value, tuple(call.result.shape)), factor, rounding(constant))
    except AxesError as error:
        steps = value.axes.steps
        if error.instead == SAME and tuple(call.result.shape).count(steps) > value.axes.shape.count(steps):
            raise over_steps(None, steps) from error  # all steps beside each
        raise
    return found if factor.all() else masked(found, call.steps)


def repeated(value: Value, shape: tuple[int, ...]) -> Value:
    """`value` in the larger `shape`, that of a constant beside it: where its size is 1, lines are repeated.

    Raises `AxesError` if recordings or steps would be.
    """
    axes = value.axes
    if shape == axes.shape:
        return value
    before = [()] * (len(shape) - len(axes.dims)) + list(axes.dims)
    held = [any(isinstance(atom, str) for atom in dim) for dim in before]
    sizes = [prod(atom for atom in dim if isinstance(atom, int)) for dim in before]
    dims, wider = [], []
    for dim, size, is_held, own in zip(before, shape, held, sizes, strict=True):
        larger = Axes((dim,), axes.batch, axes.steps).shape[0] != size
        if larger and is_held:
            raise AxesError("it repeats steps or recordings", LINEAR)
        dims.append((size,) if larger else dim)
        wider.append(size if larger else own)
    lines = np.broadcast_to(np.arange(axes.lines).reshape(sizes), wider).reshape(-1)
    return picked(value, lines, replace(axes, dims=tuple(dims)))


def times(value: Value, factor: float | FloatArray, share: float = OF_32_BITS) -> Value:
    """`value` times a constant, of the `share` that `rounding` gives.

    Raises `AxesError` if that differs along time or recordings.
    """
    if np.ndim(factor) == 0 and factor == 1:
        return value
    if value.is_scores:
        if np.ndim(factor) == 0 and factor > 0:
            return replace(value, score="")  # classes stay
        raise AxesError("it scales scores of classes")
    if not np.any(factor) and value.over_time is None:
        for_lines(value.axes, np.asarray(factor), LINEAR)
        return replace(value, paths=())  # zeros of its shape
    gains = for_lines(value.axes, np.asarray(factor), LINEAR, share)
    if np.isin(gains, (0, 1)).all():  # a mask
        return picked(value, np.where(gains == 1, np.arange(len(gains)), -1), value.axes)
    return value.then(gain(gains))


@handles("sum", "mean")
def _summed(call: Call) -> Value:
    return _over(call, call.name)


@handles("max", "amax")
def _largest(call: Call) -> Value | list[Value | Unknown]:
    if isinstance(call.argument(1, "other"), torch.Tensor):
        raise AxesError("it takes the larger of two tensors", LARGER)
    found = _over(call, "max", only_time=True)
    where = Unknown("it tells in which step the max is, not the max", _when(call.first))
    return [found, where] if isinstance(call.result, tuple) else found


def _when(value: Value) -> str | None:
    """What to do where it is asked when the neurons of `value` spike; None if it is of others, too."""
    sources = {path.source for path in value.paths}
    alone = len(sources) == 1 and all(each.what == SPIKES and each.population != "input" for each in sources)
    return FIRST.format(sources.pop().population) if alone else None


def _over(call: Call, how: str, only_time: bool = False) -> Value:
    value, axes = call.first, call.first.axes
    dims = call.argument(1, "dim", call.kwargs.get("axis"))
    chosen = range(len(axes.dims)) if dims is None else ([dims] if isinstance(dims, int) else list(dims))
    keep = bool(call.argument(2, "keepdim", False))
    for dim in sorted({each % len(axes.dims) for each in chosen}, reverse=True):
        value = over_one(value, dim, how, only_time)
        if keep:
            value = replace(value, axes=value.axes.inserted(dim))
    return value


def over_one(value: Value, dim: int, how: str, only_time: bool = False) -> Value:
    """The "sum", "mean" or "max" over a dimension; `only_time`: of time alone. Raises `AxesError`."""
    axes, what = value.axes, value.axes.dims[dim]
    if what == (TIME,):
        after = replace(axes.without(dim), steps=0)
        decoder = "sum" if how == "mean" else how  # the classes are the same
        if value.softmax and decoder != "sum":
            raise AxesError(
                f"it takes the {how} of softmax over time; the contract's decoder sums it",
                "Take the sum over time",
            )
        if decoder == "sum":
            divided = (
                value
                if how == "sum" or value.softmax
                else value.then(gain(np.full(axes.lines, 1 / axes.steps)))
            )
            return replace(divided.decoded(after, "sum"), of_mean=how == "mean")
        return value.decoded(after, decoder)
    if only_time or any(isinstance(atom, str) for atom in what):
        raise AxesError(f"it takes the {how} over {' x '.join(map(str, what)) or 'a dimension of 1'}")
    after = axes.without(dim)
    if not what:
        return replace(value, axes=after)
    before = sum(isinstance(atom, int) for each in axes.dims[:dim] for atom in each)
    sizes = axes.features[before : before + len(what)]
    inside, size = prod(axes.features[:before]), prod(sizes)
    each = np.arange(axes.lines).reshape(inside, size, -1)
    out = np.broadcast_to(np.arange(after.lines).reshape(inside, 1, -1), each.shape)
    weight = np.full(axes.lines, 1.0 if how == "sum" else 1 / size)
    return value.then(matrix(out.reshape(-1), each.reshape(-1), weight, after.lines), after)


@handles("softmax", "log_softmax")
def _softmax(call: Call) -> Value:
    value, axes = call.first, call.first.axes
    dim = call.argument(1, "dim")
    if dim is None or axes.dims[dim] != axes.features:
        along = "no dimension; pass dim" if dim is None else " x ".join(map(str, axes.dims[dim]))
        raise AxesError(f"it is taken over {along}, not over classes alone, in [{axes}]")
    if not value.axes.has_time:  # of scores: the classes are the same
        return replace(value, ranked=True, score="" if value.is_decoded else call.name)
    if call.name == LOG_SOFTMAX:
        raise AxesError("it takes the logarithm of each step's softmax", NO_LOGARITHM)
    if value.softmax:
        raise AxesError("it takes a softmax of a softmax", "Take it once, and train with it")
    return replace(value, softmax=True)
