"""Folders for temporary files, which do not outlive their process for long.

A killed process leaves its folder; whoever makes the next one of the same prefix removes it. A lock on the
folder, which ends with the process that took it, tells what is left from what is used.
"""

from __future__ import annotations

import glob
import os
import shutil
import stat
import tempfile
import weakref
from contextlib import suppress
from pathlib import Path

from snnc.errors import InputError
from snnc.io.folder_lock import LOCKS, lock_at_once
from snnc.io.signals import defer_signals

if LOCKS:
    from fcntl import LOCK_EX, LOCK_NB, flock

LOCKED = ".part"
"""How the name ends as soon as it is locked: one that is being made is not taken for a dead process's."""


class Scratch:
    """A folder `path` of this user alone, gone when it is removed, or else when this process ends.

    Raises
    ------
    OSError
        It cannot be made.
    InputError
        Other users could put something else in its place.
    """

    def __init__(self, prefix: str) -> None:
        place = temporary_place()
        _remove_dead(os.path.join(place, prefix))
        with defer_signals():
            self.path, handle = _made(place, prefix)
            self._end = weakref.finalize(self, _remove, self.path, handle)

    def remove(self) -> None:
        """Remove it with all that it holds."""
        self._end()


def temporary_place() -> str:
    """The folder for temporary ones, in which no other user can put something else in place of ours.

    Raises
    ------
    InputError
        Others can: all may write to it, and it lacks the sticky bit. Programs are run in temporary folders.
    """
    place = tempfile.gettempdir()
    mode = os.stat(place).st_mode
    if os.name != "nt" and mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        raise InputError(
            f"{place}: every user can replace the temporary folders in it, in which programs are run; set "
            f"TMPDIR to a folder of your own, or run `chmod +t` on it"
        )
    return place


def _made(place: str, prefix: str) -> tuple[Path, int | None]:
    """A new folder, and the handle of its lock."""
    made = Path(tempfile.mkdtemp(prefix=prefix, dir=place))
    if not LOCKS:
        return made, None
    handle, path = lock_at_once(made), made.with_name(made.name + LOCKED)
    try:
        os.rename(made, path)
    except OSError:
        _remove(made, handle)
        raise
    return path, handle


def _remove(path: Path, handle: int | None) -> None:
    shutil.rmtree(path, ignore_errors=True)
    if handle is not None:
        os.close(handle)


def _remove_dead(prefix: str) -> None:
    """Remove this user's folders of the path `prefix` whose process has ended, if they can be removed."""
    if not LOCKS:
        return
    for path in glob.iglob(f"{glob.escape(prefix)}{'?' * 8}{LOCKED}"):
        with suppress(OSError):  # it is gone, or its process lives, or nobody can tell
            handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                if os.fstat(handle).st_uid == os.geteuid():
                    flock(handle, LOCK_EX | LOCK_NB)
                    shutil.rmtree(path)
            finally:
                os.close(handle)
