"""Places at which no file may be put: devices, pipes, and the outputs of the command itself."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from snnc.errors import InputError
from snnc.io.regular import kind_of

OUTPUTS = (1, 2)
"""Of stdout and stderr."""


def refuse_special(path: Path, option: str) -> None:
    """Raise `InputError` if a file that takes the place of `path` would end a device or a pipe for all."""
    try:
        there = path.stat()
    except (OSError, ValueError):  # nothing is there, or it is told by who writes
        return
    if not (stat.S_ISREG(there.st_mode) or stat.S_ISDIR(there.st_mode)):
        problem = f"is {kind_of(there.st_mode)}, but only regular files are replaced"
    elif path.is_symlink() and any(_is_open_as(there, output) for output in OUTPUTS):  # as /dev/stdout
        problem = "leads to the output of this command"
    else:
        return
    raise InputError(f"{path}: {problem}; choose another place ({option})")


def _is_open_as(there: os.stat_result, handle: int) -> bool:
    try:
        return os.path.samestat(there, os.fstat(handle))
    except OSError:  # it is closed
        return False
