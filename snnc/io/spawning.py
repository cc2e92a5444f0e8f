"""Processes that import nothing of the user's and end with the one that started them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from multiprocessing import connection
from multiprocessing.process import BaseProcess
from types import ModuleType

SAFE_PATH = "PYTHONSAFEPATH"
_ALONE = threading.RLock()
"""What `apart` changes is of the whole process: one thread at a time starts others."""


@contextmanager
def apart() -> Iterator[None]:
    """In this block, processes started by "spawn" import nothing of the user's.

    Nothing from the folder the user happens to be in: such a one runs `python -c`, and that looks for modules
    in the working folder first: a file `signal.py` there would run before anything of ours. Its own children,
    and the process that looks after shared memory, are told the same. And not the user's script, which it
    would run once more to have the functions in it: ours are in modules.
    """
    with _ALONE:
        before, script = os.environ.get(SAFE_PATH), sys.modules["__main__"]
        os.environ[SAFE_PATH] = "1"
        sys.modules["__main__"] = ModuleType("__main__")  # it names no file
        try:
            yield
        finally:
            sys.modules["__main__"] = script
            if before is None:
                del os.environ[SAFE_PATH]
            else:
                os.environ[SAFE_PATH] = before


@contextmanager
def no_interrupts() -> Iterator[None]:
    """Processes started in this block never get an interrupt, which would also find them as they start.

    One that comes in this block reaches this process at its end.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def depend_on_parent() -> None:
    """This process leaves interrupts to the one that started it, and ends when that one does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def end(processes: Iterable[BaseProcess]) -> None:
    """End `processes` at once, whatever they are waiting for."""
    processes = list(processes)
    for process in processes:
        process.kill()
    for process in processes:
        process.join()


def _end_with(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
