"""Numbers that a user gives, of Python or of numpy, as those of Python. True and False are none."""

from __future__ import annotations

import math
import operator
import sys
import warnings
from numbers import Real
from typing import Any

from snnc.api.words import in_python
from snnc.errors import InputError, UnlikelyWarning
from snnc.text import quoted
from snnc.unlikely import unlikely_step

ALL = "all"


def whole(name: str, value: Any) -> int:
    """Raises `InputError` if the argument `name` is no whole number."""
    try:
        return _index(value)
    except TypeError:
        raise InputError(f"{name}: is {quoted(value)}; give a whole number") from None


def count_or_all(name: str, value: Any) -> int | None:
    """0 or more, None for "all". Raises `InputError` if the argument `name` is neither."""
    if isinstance(value, str) and value == ALL:
        return None
    try:
        found = _index(value)
    except TypeError:
        raise InputError(f"{name}: is {quoted(value)}; give a whole number, or {ALL!r}") from None
    if found < 0:
        raise InputError(f"{name}: is {found}; give 0 or more, or {ALL!r}")
    return found


def seconds(name: str, value: Any) -> float:
    """Raises `InputError` if the argument `name` is no positive finite number."""
    found = _float(value) if _is_real(value) else 0.0
    if not 0 < found < math.inf:
        raise InputError(f"{name}: is {quoted(value)}; give a positive number of seconds")
    return found


def step_seconds(value: Any) -> float:
    """`dt`, as `seconds`; warns with `UnlikelyWarning` if it is most likely meant in milliseconds."""
    found = seconds("dt", value)
    if said := unlikely_step(found):
        warn(f"dt: {said}")
    return found


def warn(text: str, kind: type[Warning] = UnlikelyWarning) -> None:
    """A warning, in words of Python, at the line of the user that called a function of `snnc`."""
    depth, frame = 1, sys._getframe()
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "snnc":
        depth, frame = depth + 1, frame.f_back  # type: ignore[assignment]
    warnings.warn(in_python(text), kind, stacklevel=depth)


def wholes(name: str, value: Any) -> int | tuple[int, ...]:
    """One whole number, or several."""
    several = hasattr(value, "__iter__") and not isinstance(value, str | bytes)
    return tuple(whole(name, each) for each in value) if several else whole(name, value)


def real(name: str, value: Any) -> float | None:
    """A number, or None. Raises `InputError` if it is neither."""
    if value is None:
        return None
    if not _is_real(value):
        raise InputError(f"{name}: is {quoted(value)}; give a number")
    return _float(value)


def _index(value: Any) -> int:
    if isinstance(value, bool):
        raise TypeError
    return operator.index(value)


def _is_real(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _float(value: Real) -> float:
    """Whole numbers beyond floats are infinite."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf  # type: ignore[operator]
