"""Checks of the parameters that a file does not hold and the user gives."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np

from snnc import formats
from snnc.errors import InputError, StageError
from snnc.stages import FloatPopulation
from snnc.stages.names import check_class_names
from snnc.stages.population import INPUT
from snnc.stages.trained import MAX_STEPS
from snnc.text import did_you_mean, quoted

INPUT_NAME = "input"


def whole(name: str, value: Any, low: int, high: int = MAX_STEPS) -> int:
    """`value`, a whole number low .. high. Raises `InputError` for anything else."""
    number = int(value) if isinstance(value, Integral) and not isinstance(value, bool) else low - 1
    if not low <= number <= high:
        raise InputError(f"{name} is {quoted(value)}, expected a whole number {low} .. {high}")
    return number


def above(name: str, value: Any, low: float) -> float:
    """`value`, a finite number above `low`. Raises `InputError` for anything else."""
    try:
        number = float(value) if isinstance(value, Real) and not isinstance(value, bool) else math.nan
    except OverflowError:
        number = math.inf
    if not low < number < math.inf:
        raise InputError(f"{name} is {quoted(value)}, expected a finite number above {low:g}")
    return number


def single(name: str, value: Any) -> float:
    """`value`, a number above 0, as single precision holds it. Raises `InputError` for anything else."""
    with np.errstate(over="ignore"):
        found = float(np.float32(above(name, value, 0)))
    if not 0 < found < math.inf:
        raise InputError(
            f"{name} is {quoted(value)}, {found:g} in single precision, expected above 0, finite"
        )
    return found


def chosen(name: str, value: Any, words: Sequence[str]) -> str:
    """`value`, one of `words`. Raises `InputError` for anything else."""
    if not isinstance(value, str) or value not in words:
        meant = did_you_mean(value, words)
        raise InputError(f"{name} is {quoted(value)}, expected one of {', '.join(words)}{meant}")
    return value


def names_of(class_names: Any, classes: int) -> tuple[str, ...]:
    """The names of the classes; their numbers if None. Raises `InputError` if they are not as many."""
    if class_names is None:
        return tuple(map(str, range(classes)))
    if not isinstance(class_names, list | tuple) or not all(isinstance(name, str) for name in class_names):
        raise InputError(f"class_names is {quoted(class_names)}, expected a list of names")
    if len(class_names) != classes:
        raise InputError(f"class_names has {len(class_names)} names, expected {classes}: one for each output")
    try:
        check_class_names(class_names)
    except StageError as error:
        raise InputError(f"class_names: {error.args[0]}") from error
    return tuple(class_names)


def source(lines: int, payload_max: Any) -> FloatPopulation:
    """The input of a network."""
    most = whole("payload_max", payload_max, 1, formats.PAYLOAD_MAX)
    return FloatPopulation(INPUT_NAME, INPUT, lines, payload_max=most)
