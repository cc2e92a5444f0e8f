"""What tests of faults from outside share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from models import ON_GOLDEN

VERIFY = (*ON_GOLDEN, "--executors", "oracle")
linux = pytest.mark.skipif(sys.platform != "linux", reason="locks, limits and /dev/full of Linux")


def content(folder: Path) -> dict[str, bytes]:
    """Of every file below `folder`."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
