"""What tests of faults from outside share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from models import ON_GOLDEN

VERIFY = (*ON_GOLDEN, "--executors", "oracle")
linux = pytest.mark.skipif(sys.platform != "linux", reason="locks, limits and /dev/full of Linux")


def content(folder: Path) -> dict[str, bytes]:
    """Of every file below `folder`."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file of this process can grow beyond `size` bytes: a real error of write(2), as of a full disk."""
    import resource  # not on Windows

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # before 3.12.8 it would keep half a file
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        sys.dont_write_bytecode = writes
