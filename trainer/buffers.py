"""Memory for large intermediate results, used again as soon as nothing refers to it.

The C library returns blocks of tens of MB to the system when they are freed, and the next training step
waits for the same pages to be cleared again: a third of its time. So large blocks are kept here, as torch
keeps a GPU's memory. A tensor's block comes back when the tensor's storage dies, wherever it was held.
"""

import ctypes
import math
import weakref
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

_SMALL = 1 << 20
"""Floats below which the C library keeps blocks itself."""

_ALIGNMENT = 16
"""Floats in a cache line."""

_Block = npt.NDArray[np.float32]
_free: dict[int, list[_Block]] = defaultdict(list)


def empty(shape: Sequence[int], like: Tensor) -> Tensor:
    """An uninitialised contiguous tensor with the dtype and device of `like`."""
    count = math.prod(shape)
    if count < _SMALL or like.device.type != "cpu" or like.dtype != torch.float32:
        return like.new_empty(tuple(shape))
    size = _size_class(count)
    try:
        block = _free[size].pop()
    except IndexError:
        block = _aligned(size)
    view = block[:count]
    # torch holds `view` until the storage dies.
    weakref.finalize(view, _free[size].append, block).atexit = False
    return torch.from_numpy(view).view(tuple(shape))


def release() -> None:
    """Give all unused memory back to the system, what the C library keeps too where that can be asked for."""
    _free.clear()
    with suppress(OSError, AttributeError, TypeError):  # not glibc
        ctypes.CDLL(None).malloc_trim(0)


def _size_class(count: int) -> int:
    """`count` rounded up by at most an eighth, so that batches of nearly equal size share blocks."""
    step = 1 << max(count.bit_length() - 4, 0)
    return -(-count // step) * step


def _aligned(size: int) -> _Block:
    block = np.empty(size + _ALIGNMENT, np.float32)
    first = -block.ctypes.data // block.itemsize % _ALIGNMENT
    return block[first : first + size]
