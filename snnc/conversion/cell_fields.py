"""What each field of a `Cell` may hold: a table, and the check that a `Cell` makes of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from numbers import Integral, Real
from typing import Any

import numpy as np
import torch

from snnc.argument_kinds import is_truth
from snnc.conversion.axes import BATCH, TIME
from snnc.conversion.functions.handlers import FloatArray, numbers
from snnc.errors import InputError
from snnc.text import quoted

PARAMETERS = "{'keep_u': 0.0, 'keep_v': 0.9, 'threshold': 1.0, 'reset': 'zero'}"


def numbers_in(value: Any) -> FloatArray | None:
    """The numbers that `value` is or holds; None for truths, texts, None and what is no array of numbers."""
    with suppress(TypeError, ValueError, RuntimeError):  # RuntimeError: a list of tensors with gradients
        if isinstance(value, torch.Tensor):
            return None if value.dtype == torch.bool or value.is_complex() else numbers(value)
        array = np.asarray(value)
        of_python = array.dtype.kind == "O" and all(isinstance(each, Real) for each in array.flat)
        return numbers(value) if array.dtype.kind in "iuf" or of_python else None
    return None


def _whole(least: int | None = None) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, Integral) and not is_truth(value) and (least is None or int(value) >= least)
    )


def _or_none(holds: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or holds(value)


def _is_gain(value: Any) -> bool:
    found = numbers_in(value)
    return found is not None and bool(np.isfinite(found).all() and found.all())


def _weights(value: Any, one_to_one: bool) -> bool:
    """Whether `value` is a weight and a bias that fits it; with `one_to_one` among as many neurons."""
    if not isinstance(value, tuple | list) or len(value) != 2:
        return False
    weight, bias = numbers_in(value[0]), value[1]
    given = None if bias is None else numbers_in(bias)
    if weight is None or not np.isfinite(weight).all() or (bias is not None and given is None):
        return False
    if weight.ndim != 2:
        return one_to_one and weight.ndim < 2 and bias is None
    square = not one_to_one or weight.shape[0] == weight.shape[1]
    return square and (given is None or given.shape == weight.shape[:1])


def _is_within(value: Any) -> bool:
    if not isinstance(value, tuple | list) or not all(isinstance(each, str) for each in value):
        return False
    return TIME in value and {*value} <= {TIME, BATCH}


FIELDS: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "name": ("the name that the converter is given", lambda value: isinstance(value, str) and value != ""),
    "parameters": (
        f"those of the neurons, as {PARAMETERS}",
        lambda value: isinstance(value, Mapping),
    ),
    "time_dim": ("a whole number, -1 the last dimension, or None for one step a call", _or_none(_whole())),
    "time_within": (f"({TIME!r},), or ({BATCH!r}, {TIME!r})", _is_within),
    "gain": ("a finite number other than 0, or one such number a neuron", _is_gain),
    "lag": ("a whole number of steps, 0 or more", _whole(0)),
    "gives": ("a function, as lambda args, kwargs, output: Gives(args[0], spikes=output)", callable),
    "clear": ("a function without arguments, or None if the module has no state", _or_none(callable)),
    "membrane_ends": ("True or False, or None", _or_none(is_truth)),
    "weighed": (
        "(weight, bias), numbers of [neurons, lines], and of [neurons] or None",
        _or_none(lambda value: _weights(value, one_to_one=False)),
    ),
    "recurrent": (
        "(weight, bias), numbers of [neurons, neurons], and of [neurons] or None; or (weight, None), one "
        "number or one a neuron",
        _or_none(lambda value: _weights(value, one_to_one=True)),
    ),
    "recordings": ("a whole number, 1 or more, or None", _or_none(_whole(1))),
    "notes": (
        "a tuple of texts",
        lambda value: isinstance(value, tuple | list) and all(isinstance(each, str) for each in value),
    ),
}
"""By the name of a field: what it takes, and whether a value is that."""
EXPECTED = {field: how for field, (how, _) in FIELDS.items()}


def check_fields(cell: Any) -> None:
    """Raises `InputError` for the first field of `cell` that holds what `FIELDS` does not allow."""
    for field, (how, holds) in FIELDS.items():
        value = getattr(cell, field)
        if not holds(value):
            shown = _odd_gain(value) if field == "gain" else None
            raise InputError(f"{field}: is {shown or _shown(value)}; give {how}")


def _odd_gain(value: Any) -> str | None:
    """Of numbers of neurons: which of them is no gain."""
    found = numbers_in(value)
    if found is None or found.ndim != 1:
        return None
    neuron = int(np.argmin(np.isfinite(found) & (found != 0)))
    return f"{found[neuron]:g} for neuron {neuron}"


def _shown(value: Any) -> str:
    """Of a pair of tensors: the shapes of both."""
    if isinstance(value, tuple) and len(value) == 2:
        return f"({quoted(value[0])}, {quoted(value[1])})"
    return quoted(value)
