"""Functions that put tensors together: side by side, or one step after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NoReturn

import numpy as np

from snnc.conversion.axes import TIME, Axes, AxesError
from snnc.conversion.functions.convolutions import padded_in_time
from snnc.conversion.functions.handlers import Call, handles, lines_at
from snnc.conversion.functions.indexed import selected
from snnc.conversion.functions.nearest import DELAY, LINES, NO_LOGARITHM, NOTHING, SILENCE, SOFTMAX_OF_ALL
from snnc.conversion.functions.odd_steps import came_round, odd_paths
from snnc.conversion.functions.remembered import MODULE, REMEMBERED, remembered
from snnc.conversion.operations import picked
from snnc.conversion.values import LOG_SOFTMAX, SOFTMAX, Path, Unknown, Value, same_paths


@handles("stack")
def _stacked(call: Call) -> Value:
    values = [call.value(each) for each in call.argument(0, "tensors")]
    dim = call.argument(1, "dim", 0) % call.result.ndim
    _check_constants(values, call.argument(0, "tensors"))
    if all(value is None or value.axes.has_time for value in values):  # features, each of all steps
        return _lines_of(values, dim)
    if _of_one_step(values, call.steps):
        return _lines_of(values, dim)
    try:
        return along_time(values, dim)
    except AxesError as error:
        if any(value is not None and value.is_scores for value in values):
            raise
        if error.instead is not None or _in_order(values):
            raise AxesError(str(error), error.instead or LINES, error.where) from error
        return _lines_of(values, dim)


def _lines_of(values: Sequence[Value | None], dim: int) -> Value:
    """Each of `values` is a line of the new dimension `dim`, or several."""
    wider = [None if value is None else replace(value, axes=value.axes.inserted(dim)) for value in values]
    return _side_by_side(wider, [1] * len(values), dim)


def _of_one_step(values: Sequence[Value | None], steps: int) -> bool:
    """Whether they are lines of one step, some of them late, though they might be taken for steps.

    They are if they are single lines and not as many as there are steps; or if nothing has come before the
    last, as no output of all steps begins there.
    """
    known = [value for value in values if value is not None]
    if len(values) != steps and not any(value.axes.features or value.axes.has_time for value in known):
        return True
    return _first_comes_last(values)


def _first_comes_last(values: Sequence[Value | None]) -> bool:
    """Whether nothing has come before the last of several."""
    return len(values) > 1 and not any(value is not None and value.paths for value in values[:-1])


def _in_order(values: Sequence[Value | None]) -> bool:
    """Whether the latest step in each is one later than in the one before, as in what a loop stacks."""
    latest = [
        place - max(path.step for path in value.paths if not path.is_constant)
        for place, value in enumerate(values)
        if value is not None and not all(path.is_constant for path in value.paths)
    ]
    return len(latest) > 1 and len(set(latest)) == 1


@handles("cat", "concat", "concatenate")
def _joined(call: Call) -> Value:
    return _one_after_another(call, call.argument(1, "dim", 0) % call.result.ndim)


@handles("hstack", "vstack", "row_stack", "dstack", "column_stack")
def _joined_along(call: Call) -> Value:
    """Tensors that have the dimension are joined along it as by `cat`."""
    dim = {"vstack": 0, "row_stack": 0, "dstack": 2}.get(call.name, 1)
    if any(each.ndim <= dim or each.ndim < 2 for each in call.argument(0, "tensors")):
        raise AxesError("it adds a dimension", "Use torch.stack, or torch.cat")
    return _one_after_another(call, dim)


def _one_after_another(call: Call, dim: int) -> Value:
    tensors = [each for each in call.argument(0, "tensors") if each.numel()]
    values = [_one_step(call.value(each), dim, call.steps) for each in tensors]
    sizes = [tensor.shape[dim] for tensor in tensors]
    known = [value for value in values if value is not None]
    if not known:
        raise AxesError("its tensors that depend on the input are empty")
    alike = all(value.axes.dims[dim] == () and not value.axes.has_time for value in known)
    if alike and set(sizes) == {1} and not _first_comes_last(values):
        try:
            _check_constants(values, tensors)
            return along_time(values, dim, insert=False)
        except AxesError:
            if any(value.is_scores for value in known):
                raise
            # else they are features
    if any(value is None and tensor.any() for value, tensor in zip(values, tensors, strict=True)):
        raise AxesError("it puts constants beside spikes")
    if sum(sizes) == call.steps and (whole := _of_chunks(values, dim)) is not None:
        return whole
    if sum(sizes) == call.steps and len(values) == len(known) == 2:
        _check_turned(known[0], known[1], dim)
    coming = [value for value in known if value.paths or value.is_decoded] or known
    if len(coming) == 1 and coming[0].axes.dims[dim] == (TIME,):  # the others are silent steps
        at = next(number for number, value in enumerate(values) if value is coming[0])
        return padded_in_time(coming[0], sum(sizes[:at]), sum(sizes[at + 1 :]))
    if len(values) == len(known) == 2 and (grown := _grown(known[0], known[1], dim)) is not None:
        return grown
    return _side_by_side(values, sizes, dim)


def _check_turned(end: Value, begin: Value, dim: int) -> None:
    """Raises `AxesError` if the first steps, `begin`, stand behind the others."""
    if end.axes.dims[dim] == begin.axes.dims[dim] == (TIME,):
        ahead, steps = begin.axes.steps, end.axes.steps + begin.axes.steps
        if same_paths(end.shifted(-ahead).paths, begin.paths):
            why, instead = came_round(ahead, steps, SILENCE)
            raise AxesError(f"it {why}", instead)


def _of_chunks(values: Sequence[Value | None], dim: int) -> Value | None:
    """Steps that were stacked chunk by chunk, as truncated backpropagation does; None if they are others."""
    steps: list[Value] = []
    for value in values:
        if value is None or value.over_time is not None:
            return None
        if value.axes.dims[dim] == (TIME,):
            steps += [selected(value, dim, step) for step in range(value.axes.steps)]
        elif value.axes.dims[dim] == () and not value.axes.has_time:  # a chunk of one step
            steps.append(replace(value, axes=value.axes.without(dim)))
        else:
            return None
    try:
        return along_time(steps, dim)
    except AxesError:
        return None


def _one_step(value: Value | None, dim: int, steps: int) -> Value | None:
    """A time of a single step along `dim` is a place, as that of a step that was indexed."""
    if value is None or value.axes.dims[dim] != (TIME,) or value.axes.steps != 1 or steps == 1:
        return value
    if value.is_decoded:
        return value
    step = selected(value, dim, 0)
    return replace(step, axes=step.axes.inserted(dim))


def _grown(value: Value, step: Value, dim: int) -> Value | None:
    """`value`, whose time is along `dim`, with one more `step` behind it; None if it is not the next one."""
    axes = value.axes
    if axes.dims[dim] != (TIME,) or step.axes.dims[dim] != () or value.over_time is not None:
        return None
    if {step.is_scores, step.score == SOFTMAX} != {value.softmax}:
        return None
    if step.axes.has_time or step.axes.without(dim) != replace(axes.without(dim), steps=0):
        return None
    longer = replace(value, axes=axes.with_steps(axes.steps + 1))
    return longer if same_paths(selected(longer, dim, axes.steps).paths, step.paths) else None


def _side_by_side(values: Sequence[Value | None], sizes: Sequence[int], dim: int) -> Value:
    """Features of `sizes` lines along `dim`, None is 0. Raises `AxesError` if `dim` has no features."""
    known = [value for value in values if value is not None]
    if any(isinstance(atom, str) for value in known for atom in value.axes.dims[dim]):
        _refuse_joined([value.axes for value in known], dim)
    first = known[0].axes
    if any(value.axes.without(dim) != first.without(dim) or value.is_decoded for value in known):
        raise AxesError("its tensors have different dimensions")
    dims = (*first.dims[:dim], (sum(sizes),), *first.dims[dim + 1 :])
    axes = replace(first, dims=dims)
    paths: list[Path] = []
    begin = 0
    for value, size in zip(values, sizes, strict=True):
        if value is None:
            begin += size  # zeros
            continue
        lines = np.full(axes.lines, -1)
        lines[lines_at(axes, dim, range(begin, begin + size))] = np.arange(value.axes.lines)
        paths += picked(value, lines, axes).paths
        begin += size
    return Value(axes, tuple(paths))


def _refuse_joined(all_axes: Sequence[Axes], dim: int) -> NoReturn:
    """Raises `AxesError` of steps, or recordings, that are put together along `dim`."""
    if not any(TIME in axes.dims[dim] for axes in all_axes):
        raise AxesError("it puts recordings one after another")
    raise AxesError("it joins steps with others than silent ones, or than the steps that follow", DELAY)


def _check_constants(values: Sequence[Value | None], tensors: Sequence[Any]) -> None:
    if any(value is None and tensor.any() for value, tensor in zip(values, tensors, strict=True)):
        raise AxesError("it stacks constants beside spikes", NOTHING)


def along_time(values: Sequence[Value | None], dim: int, insert: bool = True) -> Value:
    """Values of the steps 0, 1, ... in one tensor, None is 0; `insert`: time is a new dimension.

    Raises `AxesError` unless they are the same, steps later.
    """
    known = [value for value in values if value is not None]
    last = values[-1]
    if last is None or any(v.axes != last.axes or v.over_time is not None or v.axes.has_time for v in known):
        raise AxesError("it stacks tensors that are not one after another in time")
    softmax = _of_each_softmax(values)
    end = len(values) - 1
    for place, value in enumerate(values):
        paths = () if value is None else value.paths
        wanted = [
            replace(path, step=path.step + place - end) if path.source.population else path
            for path in last.paths
        ]
        wanted = [path for path in wanted if path.step >= 0 or not path.source.population]
        if not same_paths(paths, wanted):
            if len(values) > 2 and remembered(*values[-2:]):
                raise AxesError(f"what it takes {REMEMBERED}", MODULE)
            found, delayed = (
                [replace(each, step=each.step - at) for each in of if each.source.population]
                for of, at in ((paths, place), (last.paths, end))
            )
            if _in_order(values) and (odd := odd_paths(place, found, delayed, end)):
                raise AxesError(f"it {odd.why}", odd.instead, odd.where)
            raise AxesError(f"its tensors {place} and {end} are not the same, that many steps later")
    paths = tuple(
        replace(path, step=path.step - end) if path.source.population else path for path in last.paths
    )
    dims = last.axes.dims
    dims = (*dims[:dim], (TIME,), *dims[dim:]) if insert else (*dims[:dim], (TIME,), *dims[dim + 1 :])
    return Value(Axes(dims, last.axes.batch, len(values)), paths, softmax=softmax)


def _of_each_softmax(values: Sequence[Value | None]) -> bool:
    """Whether each step is its softmax, so that all are the softmax of all steps; False if none is.

    Raises `AxesError` if it is of some alone, was scaled, or is its logarithm.
    """
    known = [value for value in values if value is not None]
    if not any(value.is_scores for value in known):
        return False
    if any(value.score == LOG_SOFTMAX for value in known):
        raise AxesError("it stacks the logarithm of each step's softmax", NO_LOGARITHM)
    if len(known) < len(values) or any(value.score != SOFTMAX for value in known):
        raise AxesError("it stacks scores of a softmax with others, or changed ones", SOFTMAX_OF_ALL)
    return True


def of_all_steps(outputs: Sequence[Value | Unknown | None]) -> Value | None:
    """The outputs of all steps as one; None if they are no such outputs."""
    known = [each for each in outputs if isinstance(each, Value)]
    try:
        return along_time(known, 0) if len(known) == len(outputs) else None
    except AxesError:
        return None
