"""Arrays that nobody can write to."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def handed_over(array: NDArray[Any]) -> NDArray[Any]:
    """Mark a fresh array read-only, so that `frozen` takes it without a copy."""
    array.setflags(write=False)
    return array


def frozen(array: NDArray[Any], dtype: Any) -> NDArray[Any]:
    """`array` itself where nobody can write to it any more, else a read-only copy."""
    owner = array if array.base is None else array.base
    ours = isinstance(owner, np.ndarray) and owner.flags.owndata
    if ours and not (array.flags.writeable or owner.flags.writeable) and dtype in (None, array.dtype):
        return array
    return handed_over(np.array(array, dtype=dtype))


def unfit(array: NDArray[Any], dtype: Any) -> str | None:
    """What is wrong with `array` for `dtype`, of floats or of integers; None if nothing is."""
    if array.dtype.kind not in ("f" if dtype is np.float32 else "iu"):
        return f" are {array.dtype}; give {'floats' if dtype is np.float32 else 'integers'}"
    if dtype is not np.int64 or array.dtype != np.uint64 or not array.size or array.max() < 1 << 63:
        return None
    i = int(array.argmax())  # it would become another number
    return f"[{i}] = {array[i]}; it must be below 2**63: repair it"
