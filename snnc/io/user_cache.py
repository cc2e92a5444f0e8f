"""The folder in which snnc keeps what it can make again."""

from __future__ import annotations

import os
from pathlib import Path


def user_cache() -> Path:
    """`snnc` in XDG_CACHE_HOME or `~/.cache`, whether it is there or not."""
    folder = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(folder):  # such a one is to be ignored, says the XDG Base Directory Specification
        folder = os.path.expanduser(os.path.join("~", ".cache"))
    return Path(folder, "snnc")
