"""Read-only arrays: what a stage holds cannot be changed by whoever receives it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.errors import StageError


def frozen(
    value: npt.ArrayLike, dtype: npt.DTypeLike, *, name: str, shape: tuple[int, ...] | None = None
) -> np.ndarray[Any, Any]:
    """Copy `value` to a C-contiguous read-only array of `dtype`.

    Raises
    ------
    StageError
        If the conversion would change a value (a float that is no integer, an integer that does
        not fit, a NaN or infinity) or the shape is not `shape`.
    """
    source = np.asarray(value)
    if source.dtype == object:
        raise StageError(f"{name}: holds Python objects, expected numbers of type {np.dtype(dtype)}")
    if source.dtype.kind == "f" and not np.isfinite(source).all():
        raise StageError(f"{name}: holds NaN or infinity; train the model again or repair it")
    target = np.dtype(dtype)
    with np.errstate(invalid="ignore"):
        array = np.array(source, dtype=target, order="C", copy=True)
    if target.kind in "iub" and not np.array_equal(array.astype(source.dtype, copy=False), source):
        raise StageError(f"{name}: values do not fit {target} exactly")
    if target.kind in "iu" and source.size and source.dtype.kind in "iuf":
        # A wrap-around cast survives the round trip above; the range does not.
        info = np.iinfo(target)
        low, high = source.min(), source.max()
        if low < info.min or high > info.max:
            raise StageError(f"{name}: values {low}..{high} exceed {target} ({info.min}..{info.max})")
    if shape is not None and array.shape != shape:
        raise StageError(f"{name}: shape {array.shape}, expected {shape}")
    array.flags.writeable = False
    return array
