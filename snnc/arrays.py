"""Read-only arrays: what a stage holds cannot be changed by whoever receives it."""

from __future__ import annotations

from dataclasses import Field, fields
from functools import cache
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from snnc.errors import StageError


def frozen(
    value: npt.ArrayLike, dtype: npt.DTypeLike, *, name: str, shape: tuple[int, ...] | None = None
) -> np.ndarray[Any, Any]:
    """`value` as a C-contiguous read-only array of `dtype`: itself if it is one, else a copy.

    So what one stage hands to the next is held once. Whoever makes an array read-only and keeps a view of it
    that can be written must not pass it here.

    Raises
    ------
    StageError
        If the conversion would change a value (a float that is no integer, an integer that does
        not fit, a NaN or infinity) or the shape is not `shape`.
    """
    source: np.ndarray[Any, Any] = np.asarray(value)
    target: np.dtype[Any] = np.dtype(dtype)
    if source.dtype == object:
        raise StageError(f"{name}: holds Python objects, expected numbers of type {target}")
    if source.dtype.kind == "f" and not np.isfinite(source).all():
        raise StageError(f"{name}: holds NaN or infinity; train the model again or repair it")
    if source.dtype == target and _is_frozen(source):
        _check_shape(source, name, shape)
        return source
    with np.errstate(invalid="ignore"):
        array = np.array(source, dtype=target, order="C", copy=True)
    if target.kind in "iub" and not _holds(target, source):
        _check_values(array, source, name)
    _check_shape(array, name, shape)
    array.flags.writeable = False
    return array


def _holds(target: np.dtype[Any], source: np.ndarray[Any, Any]) -> bool:
    """Whether it is known without a comparison that every value of `source` is one of `target`."""
    if np.can_cast(source.dtype, target):
        return True
    if source.dtype.kind not in "iu" or target.kind not in "iu":
        return False
    low, high = _limits(target)
    return not source.size or bool(low <= source.min() and source.max() <= high)


@cache
def _limits(target: np.dtype[Any]) -> tuple[int, int]:
    info = np.iinfo(target)
    return int(info.min), int(info.max)


def _check_values(array: np.ndarray[Any, Any], source: np.ndarray[Any, Any], name: str) -> None:
    """Raise `StageError` if the integers or truth values `array` are not those of `source`."""
    target = array.dtype
    if not np.array_equal(array.astype(source.dtype, copy=False), source):
        raise StageError(f"{name}: values do not fit {target} exactly")
    if target.kind in "iu" and source.size and source.dtype.kind in "iuf":
        # A wrap-around cast survives the round trip above; the range does not.
        low, high = source.min(), source.max()
        least, most = _limits(target)
        if low < least or high > most:
            raise StageError(f"{name}: values {low}..{high} exceed {target} ({least}..{most})")


class _Dataclass(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


def same(left: _Dataclass, right: object) -> bool:
    """Whether both are of one class, and all fields that count for equality are equal, arrays by content."""
    if type(left) is not type(right):
        return False
    names = (field.name for field in fields(left) if field.compare)
    return all(_equal(getattr(left, name), getattr(right, name)) for name in names)


def _equal(left: object, right: object) -> bool:
    if isinstance(left, np.ndarray) or isinstance(right, np.ndarray):
        return left is right or np.array_equal(left, right)  # type: ignore[arg-type]
    return bool(left == right)


def _check_shape(array: np.ndarray[Any, Any], name: str, shape: tuple[int, ...] | None) -> None:
    if shape is not None and array.shape != shape:
        raise StageError(f"{name}: shape {array.shape}, expected {shape}")


def _is_frozen(array: np.ndarray[Any, Any]) -> bool:
    """Whether nobody writes to it: it owns its data, or shows all that another such array owns.

    A part of a larger array is copied: it would keep the whole one in memory.
    """
    if type(array) is not np.ndarray or array.flags.writeable or not array.flags.c_contiguous:
        return False
    if array.flags.owndata:
        return True
    base = array.base
    if type(base) is not np.ndarray or base.flags.writeable or not base.flags.owndata:
        return False
    return base.nbytes == array.nbytes
