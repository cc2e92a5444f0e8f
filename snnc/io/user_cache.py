"""The folder in which snnc keeps what it can make again."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path


def user_cache() -> Path:
    """`snnc` in XDG_CACHE_HOME or `~/.cache`, whether it is there or not."""
    folder = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(folder):  # such a one is to be ignored, says the XDG Base Directory Specification
        folder = os.path.expanduser(os.path.join("~", ".cache"))
    return Path(folder, "snnc")


def of_others(*folders: Path) -> Path | None:
    """The first of `folders` that belongs to another user, or to which every user can write; else None.

    What lies in it may not be run. The superuser is no other user, and Windows is not asked.
    """
    if os.name == "nt":
        return None
    for folder in folders:
        with suppress(OSError):  # it is not there yet
            status = folder.stat()
            if status.st_uid not in (0, os.geteuid()) or status.st_mode & stat.S_IWOTH:
                return folder
    return None
