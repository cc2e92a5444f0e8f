"""Loops compiled by numba, kept on disk where there is room for them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numba


def compiled(function: Callable[..., Any], **options: Any) -> Any:
    """`numba.njit(function, **options)` without the interpreter lock, kept on disk where that is possible.

    numba keeps machine code beside the function's file, else in the user's cache directory (or
    NUMBA_CACHE_DIR). With none of them writable it refuses, and on a full disk it raises in the middle of a
    computation. Neither is a reason to stop: the next process compiles again, and `snnc doctor` tells of it.

    numba takes what it kept for good while the function's own file is unchanged, though loops of other files
    are compiled into it; here, while all files of the folder are.
    """
    options = {"nogil": True, **options}
    try:
        dispatcher = numba.njit(cache=True, **options)(function)
    except RuntimeError:
        return numba.njit(**options)(function)
    cache = getattr(dispatcher, "_cache", None)
    if cache is None:  # NUMBA_DISABLE_JIT: it is the function itself
        return dispatcher
    file = cache._cache_file
    file._source_stamp = file._source_stamp, _stamp(Path(function.__code__.co_filename).parent)
    save = cache.save_overload

    def save_if_possible(signature: Any, compilation: Any) -> None:
        with suppress(OSError):
            save(signature, compilation)

    cache.save_overload = save_if_possible
    return dispatcher


floats = functools.partial(compiled, error_model="numpy")
"""Compiled with the divisions of numpy: no branch for a division by zero."""


@functools.cache
def _stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Name, time and size of each source file."""
    found = ((path.name, path.stat()) for path in sorted(folder.glob("*.py")))
    return tuple((name, status.st_mtime_ns, status.st_size) for name, status in found)
