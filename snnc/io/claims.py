"""Files that one process alone may write until it ends, such as the model of a training run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from snnc.errors import InputError
from snnc.io.files import cannot_write
from snnc.io.folder_lock import LOCKS, directory_lock, lock_at_once
from snnc.io.signals import defer_signals, owed


@contextmanager
def claim(path: Path, whose: str) -> Iterator[None]:
    """`path` is for this process to write until the block ends, where the file system has locks.

    A locked folder `.NAME.claim` says so; what a killed process left of it, the next one takes over.

    Raises
    ------
    InputError
        Another process, which `whose` names, has reserved it; or its folder cannot be written.
    """
    if not LOCKS:
        yield
        return
    claim, remove, handle = path.with_name(f".{path.name}.claim"), None, None
    try:
        try:
            with directory_lock(path.parent), defer_signals():
                claim.mkdir(exist_ok=True)
                handle = lock_at_once(claim)
                remove = owed(partial(_remove_claim, claim))
        except BlockingIOError:
            raise InputError(
                f"{path}: {whose} is writing it; wait until it ends, or choose another name (-o)"
            ) from None
        except OSError as error:
            raise cannot_write(path, error) from error
        yield
    finally:
        if remove is not None:
            remove()
        if handle is not None:
            os.close(handle)


def _remove_claim(claim: Path) -> None:
    with suppress(OSError), directory_lock(claim.parent):
        claim.rmdir()
