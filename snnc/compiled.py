"""Loops compiled by numba, kept on disk where there is room for them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numba


def compiled(function: Callable[..., Any], **options: Any) -> Any:
    """`numba.njit(function, **options)` without the interpreter lock, kept on disk where that is possible.

    numba keeps machine code beside the function's file, else in the user's cache directory (or
    NUMBA_CACHE_DIR). With none of them writable it refuses, and on a full disk it raises in the middle of a
    computation. Neither is a reason to stop: the next process compiles again, and `snnc doctor` tells of it.
    """
    options = {"nogil": True, **options}
    try:
        dispatcher = numba.njit(cache=True, **options)(function)
    except RuntimeError:
        return numba.njit(**options)(function)
    cache = getattr(dispatcher, "_cache", None)
    if cache is None:  # NUMBA_DISABLE_JIT: it is the function itself
        return dispatcher
    save = cache.save_overload

    def save_if_possible(signature: Any, compilation: Any) -> None:
        with suppress(OSError):
            save(signature, compilation)

    cache.save_overload = save_if_possible
    return dispatcher
