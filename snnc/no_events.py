"""Numbers of a user that are no events: which is the first, why it is none, and what to do about it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.formats import PAYLOAD_MAX


def first_beyond(values: npt.NDArray[Any], most: Any) -> tuple[int, ...] | None:
    """Where the first of `values` is that is no whole number 0 .. `most`; None if all are.

    `most`: a number, or one for each of the last dimension. Values that no input takes come before those that
    are above `most` alone: what helps against these is no help there.
    """
    never = ~((values >= 0) & (values <= PAYLOAD_MAX) & (values == np.floor(values)))  # nan is one
    wrong = never if never.any() else values > most
    return tuple(np.argwhere(wrong)[0].tolist()) if wrong.any() else None


def cause(value: Any) -> str:
    """Why no input takes `value`, behind it, as " (negative)"; empty of a whole number 0 .. `PAYLOAD_MAX`."""
    number = float(value)
    if math.isnan(number):
        return " (no number)"
    if math.isinf(number):
        return " (not finite)"
    if number < 0:
        return " (negative)"
    if number != math.floor(number):
        return " (a fraction)"
    return "" if number <= PAYLOAD_MAX else f" (an event carries {PAYLOAD_MAX} at most)"


def remedy(value: Any, it: str = "it") -> str:
    """What to do about a value that no input takes; `it`: what that is called, as "them" of several."""
    number = float(value)
    signal = math.isfinite(number) and number != math.floor(number)  # as of a sensor, to be encoded
    if signal or not cause(number):
        return f"encode {it} as events"
    return f"correct {it}, or leave the sample out"


def told(values: npt.NDArray[Any], at: tuple[int, ...]) -> str:
    """The value at `at` and, if no input takes it, why: as "0.5 (a fraction)"."""
    return f"{values[at]:.6g}{cause(values[at])}"
