"""What is wrong with the arguments by which recordings become frames, in words.

Values of the usual types are looked at first: training makes frames for each batch.
"""

import math
from numbers import Real
from typing import Any

from snnc.argument_kinds import is_truth
from snnc.text import quoted


def bin_problem(bin_s: Any) -> str:
    """Of the seconds a step; "" if they are a positive number."""
    known = type(bin_s) is float or (isinstance(bin_s, Real) and not is_truth(bin_s))
    if known and math.isfinite(bin_s) and bin_s > 0:
        return ""
    return f"bin_s is {quoted(bin_s)}; give a positive number of seconds"


def frames_problem(
    units: int, recordings: int, time_steps: Any, unit_pool: Any, allow_truncation: Any, stretch: Any
) -> str:
    """Of the others of frames of so many `recordings` with so many `units`; "" if nothing is."""
    if not _is_whole(time_steps) or time_steps < 1:
        return f"time_steps is {quoted(time_steps)}; give a whole number, at least 1"
    if not _is_whole(unit_pool) or unit_pool < 1 or units % unit_pool:
        return f"unit_pool is {quoted(unit_pool)}; give a divisor of the {units} units"
    if not is_truth(allow_truncation):
        return f"allow_truncation is {quoted(allow_truncation)}; give True or False"
    if stretch is not None and not _is_row(stretch, recordings):
        return f"stretch is {quoted(stretch)}; give an array of {recordings} numbers, one a recording"
    return ""


def _is_whole(value: Any) -> bool:
    """True is none; whole numbers of numpy are."""
    if type(value) is int:
        return True
    return hasattr(value, "__index__") and not is_truth(value) and not getattr(value, "ndim", 0)


def _is_row(value: Any, count: int) -> bool:
    return getattr(value, "shape", None) == (count,) and value.dtype.kind in "iuf"
