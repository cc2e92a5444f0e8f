"""Steps of events."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def bins_of(times: NDArray[Any], ratio: float | int) -> NDArray[np.int64]:
    """The step of `ratio` ticks in which each of `times` falls; exact where both are whole."""
    if isinstance(ratio, int) and times.dtype.kind == "u":
        return np.asarray(times.astype(np.int64) // ratio)
    return np.asarray(np.floor(times.astype(np.float64) / ratio).astype(np.int64))
