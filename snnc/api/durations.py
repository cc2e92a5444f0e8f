"""How long recordings of lists of events last, where the caller says it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.api.tensors import array_of
from snnc.errors import InputError

_MOST = float(np.finfo(np.float32).max)


def checked_durations(given: Any, count: int) -> npt.NDArray[np.float32]:
    """Seconds of each of `count` recordings. Raises `InputError` if they are others; names the recording."""
    remedy = f"give a number of seconds for each of the {count} recordings"
    array = array_of("durations", given, remedy)
    if array.dtype.kind not in "iuf" or array.shape != (count,):
        raise InputError(f"durations: {array.dtype} {list(array.shape)}; {remedy}")
    for number in np.flatnonzero(~((array >= 0) & (array <= _MOST)))[:1]:
        raise InputError(f"durations[{number}] is {array[number]}; give seconds from 0 on")
    return array.astype(np.float32)
