"""Functions with weights: matrices and batch norm."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from snnc.conversion.axes import BATCH, TIME, Axes, AxesError
from snnc.conversion.functions.handlers import Call, FloatArray, for_lines, handles, numbers
from snnc.conversion.functions.nearest import EACH_STEP_ALIKE, LINEAR, TAKEN, WINDOW
from snnc.conversion.functions.over_steps import over_steps, product
from snnc.conversion.functions.taken_steps import as_time, odd_along
from snnc.conversion.operations import gain, matrix
from snnc.conversion.values import Value


@handles("linear", "matmul", "__matmul__", "mm", "addmm")
def _linear(call: Call) -> Value:
    if call.name == "addmm" or call.value(call.args[0]) is None:
        value = next(each for each in call.before.values() if isinstance(each, Value))
        error = product(call.name, value.axes, call.args, call.kwargs)
        raise error or AxesError("its first factor is a constant", LINEAR)
    value, weight = call.first, call.argument(1, "weight", call.kwargs.get("other"))
    weight = numbers(weight)
    weight = weight if call.name == "linear" else weight.T
    return weighed(value, weight, call.argument(2, "bias") if call.name == "linear" else None, call.steps)


def weighed(value: Value, weight: FloatArray, bias: Any, steps: int = 0) -> Value:
    """`weight` [rows, lines] times the lines of `value`, and `bias`. The example has `steps`, if it is known.

    Raises `AxesError` if it cannot be.
    """
    if weight.ndim != 2:
        raise AxesError(f"its weights have {weight.ndim} dimensions", LINEAR)
    if value.axes.dims[-1] != value.axes.features:
        value = as_time(value) or value
    axes = value.axes
    _check_last(axes, weight, steps)
    if axes.dims[-1] != axes.features and axes.lines != weight.shape[1]:
        raise _alone(value, steps, weight)
    after = replace(axes, dims=(*axes.dims[:-1], (len(weight),)))
    if sum(isinstance(atom, int) for dim in axes.dims[:-1] for atom in dim if atom != 1):
        raise _alone(value, steps, weight)
    line, source = np.nonzero(weight)
    made = value.then(matrix(line, source, weight[line, source], len(weight), weight), after)
    return made if bias is None else made.plus(numbers(bias))


def _alone(value: Value, steps: int, weight: FloatArray) -> AxesError:
    """Of weights for the last dimension where others have features, too, or steps that were taken."""
    said = f"it weighs the last dimension of [{value.axes}] alone"
    last, own = value.axes.dims[-1], value.axes.steps
    if last == (TIME,) and weight.shape == (own, own) and own == steps:
        return over_steps(weight, own)
    if last in ((TIME,), (BATCH,)):
        return AxesError(f"it weighs {last[0]}, the last dimension of [{value.axes}]; put the features there")
    odd = odd_along(value, steps)
    several = len({path.step for path in value.paths if not path.is_constant}) > 1
    if value.axes.has_time or not (odd or several):
        window = value.axes.has_time and value.axes.steps < steps
        return AxesError(said, WINDOW) if window else AxesError(f"{said}; flatten the features before it")
    if odd is not None:
        return AxesError(f"it {odd.why}", odd.instead, odd.where)
    where = next((path.taken for path in value.paths if path.taken), "")
    return AxesError("it takes steps that are no delay: a step is missing, or taken twice", TAKEN, where)


def _check_last(axes: Axes, weight: FloatArray, steps: int) -> None:
    """Raises `AxesError` if the last dimension, which `weight` is of, holds all `steps`, or recordings."""
    last, own = axes.dims[-1], axes.steps
    if TIME in last and own == steps and weight.shape != (own, own):
        raise AxesError(f"it weighs each of {own} steps of [{axes}] by weights of its own", EACH_STEP_ALIKE)
    if BATCH in last and len(last) > 1 and axes.batch > 1:
        raise AxesError(f"it weighs recordings, in [{axes}]; flatten the features alone")


@handles("batch_norm")
def _normalised(call: Call) -> Value:
    value = call.first
    mean, variance = call.argument(1, "running_mean"), call.argument(2, "running_var")
    weight, bias = call.argument(3, "weight"), call.argument(4, "bias")
    if mean is None or variance is None:
        raise AxesError(
            "it normalises by the batch, as it has no running statistics",
            "Train it with running statistics (track_running_stats=True, with F.batch_norm running_mean and "
            "running_var)",
        )
    if call.argument(5, "training", False):
        raise AxesError(
            "it normalises by the batch, as train mode is set in forward",
            "It has running statistics: leave out .train(), or training=True, there; from_torch calls the "
            "module in evaluation mode",
        )
    scale = 1 / np.sqrt(numbers(variance) + call.argument(7, "eps", 1e-5))
    scale = scale if weight is None else scale * numbers(weight)
    shift = -numbers(mean) * scale + (0 if bias is None else numbers(bias))
    shape = (1, -1) + (1,) * (len(value.axes.dims) - 2)
    factor, offset = (for_lines(value.axes, each.reshape(shape)) for each in (scale, shift))
    return value.then(gain(factor)).plus(offset)
