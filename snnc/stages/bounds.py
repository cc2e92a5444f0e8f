"""What parameters of the contract are checked by: whole numbers, in their range, one for each neuron."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.arrays import frozen
from snnc.errors import StageError
from snnc.text import quoted

IntArray = npt.NDArray[np.int32]

STEPS_LIMIT = 2**31 - 1
"""Most steps of a sample: the programs count them, as they do delays, in 32 bits."""


def whole(
    owner: str, what: str, value: object, low: int, high: int, remedy: str = "give a number of this range"
) -> int:
    """`value` as an int; raise `StageError` unless it is a whole number `low` .. `high`."""
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise StageError(
            f"{owner}: {what} is {quoted(value)}, expected a whole number {low}..{high}; {remedy}"
        ) from None
    if not low <= number <= high:
        raise StageError(f"{owner}: {what} is {number}, expected {low}..{high}; {remedy}")
    return number


def for_each(
    owner: str,
    what: str,
    value: npt.ArrayLike,
    neurons: int,
    low: float,
    high: float,
    dtype: npt.DTypeLike = np.int32,
) -> np.ndarray[Any, Any]:
    """`value` as `dtype` [neurons]; one number stands for equal ones. Raise `StageError` if it cannot be."""
    array = frozen(value, dtype, name=f"{owner}: {what}")
    if array.ndim == 0:
        array = frozen(np.full(neurons, array, dtype), dtype, name=f"{owner}: {what}")
    if array.shape != (neurons,):
        raise StageError(
            f"{owner}: {what} has shape {array.shape}, expected one number, or one for each of its {neurons} "
            "neurons"
        )
    outside = (array < low) | (array > high)
    if outside.any():
        neuron = int(outside.argmax())
        raise StageError(
            f"{owner}, neuron {neuron}: {what} is {array[neuron]:.10g}, expected {low:.10g}..{high:.10g}; "
            "give a number of this range"
        )
    return array
