"""Loops compiled by numba, kept on disk where there is room for them."""

from __future__ import annotations

import functools
import importlib.util
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import numba
from numba.core import config
from numba.core.compiler_lock import global_compiler_lock

from snnc.lasting import lasting

LOCKS = importlib.util.find_spec("fcntl") is not None
"""Not on Windows: there, processes that start together compile the same loops."""
if LOCKS:
    from fcntl import LOCK_EX, LOCK_NB, flock

PATIENCE = 30.0
"""Seconds for which a process waits while another one compiles; the largest loop takes less than five."""


def compiled(function: Callable[..., Any], **options: Any) -> Any:
    """`numba.njit(function, **options)` without the interpreter lock, kept on disk where that is possible.

    numba keeps machine code beside the function's file, else in the user's cache directory (or
    NUMBA_CACHE_DIR). With none of them writable it refuses, and on a full disk it raises in the middle of a
    computation. Neither is a reason to stop: the next process compiles again, and `snnc doctor` tells of it.

    numba takes what it kept for good while the function's own file is unchanged, though loops of other files
    are compiled into it; here, while all files of the folder are.

    Of processes that need the same loop at once, one compiles it; the others wait and load what it kept.
    """
    options = {"nogil": True, **options}
    dispatcher = _kept(function, options)
    if dispatcher is None:
        dispatcher = numba.njit(**options)(function)
        _take_turns(dispatcher, f"compiling {_of(function)}, which cannot be kept here (snnc doctor)")
        return dispatcher
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
    _take_turns(dispatcher, f"compiling {_of(function)}, once on this machine")
    return dispatcher


def _kept(function: Callable[..., Any], options: dict[str, Any]) -> Any:
    """What numba keeps on disk, or None where it finds no place for that.

    With an empty XDG_CACHE_HOME its place lies in the working folder, which may be a stranger's: what was put
    there would be run. Only NUMBA_CACHE_DIR, which a user sets for that, may be relative.
    """
    try:
        dispatcher = numba.njit(cache=True, **options)(function)
    except RuntimeError:
        return None
    cache = getattr(dispatcher, "_cache", None)
    safe = cache is None or config.CACHE_DIR or os.path.isabs(cache.cache_path)
    return dispatcher if safe else None


floats = functools.partial(compiled, error_model="numpy")
"""Compiled with the divisions of numpy: no branch for a division by zero."""


ROOMS = {"hwsim": "the simulator", "trainer": "the training", "verification": "the search for inputs"}
"""Part of a module's name -> what its loops are, in words."""


def _of(function: Callable[..., Any]) -> str:
    parts = function.__module__.split(".")
    return next((words for room, words in ROOMS.items() if room in parts), "loops")


def _take_turns(dispatcher: Any, text: str) -> None:
    """From a search of its cache that finds nothing to the end of compiling, this process is alone.

    `text` says meanwhile what it does.
    """
    cache = dispatcher._cache
    compile_, load, turn = dispatcher.compile, cache.load_overload, ExitStack()

    def load_or_wait(signature: Any, context: Any) -> Any:
        found = load(signature, context)
        if found is None and cache.cache_path is not None:
            turn.enter_context(_alone_in(cache.cache_path))
            found = load(signature, context)
        if found is None:
            turn.enter_context(lasting(text))
        return found

    def compile_in_turn(signature: Any) -> Any:
        with global_compiler_lock, turn:
            return compile_(signature)

    cache.load_overload, dispatcher.compile = load_or_wait, compile_in_turn


_compiling = False
"""A loop is being compiled; those that it calls are compiled on the way, in the same turn."""


@contextmanager
def _alone_in(folder: str) -> Iterator[None]:
    """Processes that compile loops of `folder` take turns, where it is there and can be locked.

    The lock ends with the process. A process that stands still holds up others for `PATIENCE` at most.
    """
    global _compiling
    if _compiling or not LOCKS:
        yield
        return
    handle, deadline = None, time.monotonic() + PATIENCE
    _compiling = True
    try:
        with suppress(OSError):
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        while handle is not None and time.monotonic() < deadline:
            try:
                flock(handle, LOCK_EX | LOCK_NB)
            except BlockingIOError:
                time.sleep(0.02)
            except OSError:  # a file system without locks
                break
            else:
                break
        yield
    finally:
        _compiling = False
        if handle is not None:
            os.close(handle)


@functools.cache
def _stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Name, time and size of each source file."""
    found = ((path.name, path.stat()) for path in sorted(folder.glob("*.py")))
    return tuple((name, status.st_mtime_ns, status.st_size) for name, status in found)
