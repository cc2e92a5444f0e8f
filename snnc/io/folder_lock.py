"""Locks on folders, which end with the process that took them.

The package filelock locks files that it makes: it would leave one in each of the user's folders that is
written to, and could not lock one that may only be read.
"""

from __future__ import annotations

import importlib.util
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from snnc.io.signals import defer_signals, owed

LOCKS = importlib.util.find_spec("fcntl") is not None
"""Not on Windows: what killed processes left stays there."""
if LOCKS:
    from fcntl import LOCK_EX, LOCK_NB, flock


class _AloneIn(threading.local):
    """Device and inode of the folders that this thread is alone in."""

    def __init__(self) -> None:
        self.folders: set[tuple[int, int]] = set()


_alone_in = _AloneIn()


@contextmanager
def directory_lock(folder: Path) -> Iterator[None]:
    """Those who rename in `folder` take turns, where the file system has locks and `folder` can be read."""
    release = None
    try:
        if LOCKS:
            with suppress(OSError), defer_signals():
                handle = os.open(folder, os.O_RDONLY | os.O_NONBLOCK | os.O_DIRECTORY)
                status = os.fstat(handle)
                key = status.st_dev, status.st_ino
                if key in _alone_in.folders:
                    os.close(handle)
                else:
                    release = owed(partial(_released, handle, key))
        if release is not None:
            with suppress(OSError):
                flock(handle, LOCK_EX)
            _alone_in.folders.add(key)
        yield
    finally:
        if release is not None:
            release()


def _released(handle: int, key: tuple[int, int]) -> None:
    _alone_in.folders.discard(key)
    os.close(handle)


def lock_at_once(folder: Path) -> int:
    """A handle of `folder`, which is locked until it is closed, where the file system has locks.

    Raises
    ------
    BlockingIOError
        Another process has locked it.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        flock(handle, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise
    except OSError:  # a file system without
        pass
    return handle
