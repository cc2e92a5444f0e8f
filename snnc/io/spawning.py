"""Starting Python processes that import nothing from the folder the user happens to be in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess

SAFE_PATH = "PYTHONSAFEPATH"


def start(process: BaseProcess) -> None:
    """Start a process of the method "spawn".

    Such a one runs `python -c`, and that looks for modules in the working folder first: a file `signal.py`
    there would run before anything of ours. Its own children, and the process that looks after shared memory,
    are told the same.
    """
    with _safe_path():
        process.start()


@contextmanager
def _safe_path() -> Iterator[None]:
    before = os.environ.get(SAFE_PATH)
    os.environ[SAFE_PATH] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[SAFE_PATH]
        else:
            os.environ[SAFE_PATH] = before
