"""Files and folders written aside and renamed, so that a crash leaves the old one or none.

What is written lies in a folder `.NAME.????????.part` beside its place until it is whole. A process that is
killed leaves that folder; whoever writes or looks for NAME next removes it. A lock on the folder, which ends
with the process that took it, tells what is left from what is being written.
"""

from __future__ import annotations

import errno
import glob
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from snnc.errors import InputError
from snnc.io.folder_lock import LOCKS, directory_lock, lock_at_once
from snnc.io.places import refuse_special
from snnc.io.scratch import Scratch
from snnc.io.signals import defer_signals, owed

if LOCKS:
    from fcntl import LOCK_EX, LOCK_NB, flock

_PART = ".part"
_NEW, _OLD = "new", "old"
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""Errors of a full disk, a used-up quota and a limit of file sizes; those of a write name no file."""

OUTPUT = "-o"
"""The option by which most commands are told where to write."""


def write_file(path: Path, data: bytes, option: str = OUTPUT) -> None:
    """Replace `path` by `data`, whole or not at all. Raises `InputError` if it cannot be written."""
    with atomic_path(path, option) as part:
        try:
            part.write_bytes(data)
        except OSError as error:
            raise cannot_write(path, error, option) from error


@contextmanager
def atomic_path(path: Path, option: str = OUTPUT) -> Iterator[Path]:
    """An empty file to write to; it takes the place of `path` when the block ends well.

    When the block raises, the part is removed and `path` is as it was.

    Raises
    ------
    InputError
        If the place cannot be written, or no file is there that may be replaced. An error in the block passes
        as it is.
    """
    refuse_special(path, option)
    with _scratch(path, option) as scratch:
        part = scratch / _NEW
        try:
            part.touch()
        except OSError as error:
            raise cannot_write(path, error, option) from error
        yield part
        try:
            with part.open("rb+") as file:
                os.fsync(file.fileno())
            os.replace(part, path)
        except OSError as error:
            raise cannot_write(path, error, option) from error


def remove_parts(path: Path) -> None:
    """Remove what killed processes left of writing `path`; what another process writes now is not touched.

    A folder that was moved away and not yet replaced is put back.
    """
    try:
        if parts_of(path):
            with directory_lock(path.parent):
                _remove_parts(path)
    except OSError as error:
        raise cannot_write(path, error) from error


@contextmanager
def temporary(prefix: str) -> Iterator[Path]:
    """A folder for temporary files, gone when the block ends; what killed processes left of its prefix, too.

    Raises
    ------
    InputError
        It cannot be made, or there is no room in it: that is said of errors in the block that name no file.
    """
    made = None
    try:
        with defer_signals():
            made = Scratch(prefix)
        yield made.path
    except OSError as error:
        if made is not None and (error.filename is not None or error.errno not in NO_ROOM):
            raise
        raise no_room(made.path if made else Path(error.filename or "a temporary folder"), error) from error
    finally:
        with defer_signals():
            if made is not None:
                made.remove()


def check_writable(path: Path, option: str = OUTPUT) -> None:
    """Raise `InputError` unless `write_file(path, ...)` can be expected to succeed."""
    try:
        if path.is_dir():
            raise InputError(f"{path} is a folder; give the name of a file to write ({option})")
    except OSError as error:
        raise cannot_write(path, error, option) from error
    refuse_special(path, option)
    with _scratch(path, option):
        pass


def real_path(path: Path) -> Path:
    """Where links lead; what goes round in a circle stays, where `Path.resolve` fails before Python 3.13."""
    return Path(os.path.realpath(path))


def same_file(one: Path, other: Path) -> bool:
    """Whether both exist and are the same file."""
    return one.exists() and other.exists() and one.samefile(other)


def modified(path: Path) -> int | None:
    """When `path` was last written, in ns; None if it does not exist."""
    return path.stat().st_mtime_ns if path.exists() else None


def write_folder(
    path: Path, files: Mapping[str, bytes], check: Callable[[Path], None] = lambda new: None
) -> None:
    """Replace folder `path` by one that holds `files` (relative name -> content).

    What stood at `path` is gone then: whether it may go is for the caller to decide. `check` sees the new
    folder before, and where it raises, nothing is changed.

    Raises
    ------
    InputError
        If the place cannot be written; nothing is changed then.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(path, error) from error
    with atomic_folder(path) as new:
        try:
            fill(new, files)
        except OSError as error:
            raise cannot_write(path, error) from error
        check(new)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """An empty folder to fill; it takes the place of `path` when the block ends well.

    What stood at `path` is gone then. Raises `InputError` as `write_folder`.
    """
    with _scratch(path) as scratch:
        new = scratch / _NEW
        try:
            new.mkdir()
        except OSError as error:
            raise cannot_write(path, error) from error
        yield new
        try:
            with directory_lock(path.parent):
                _exchange(path, new, scratch / _OLD)
        except OSError as error:
            raise cannot_write(path, error) from error


def fill(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write `contents` (relative name -> content) into `folder`, made if need be. Raises `OSError`."""
    for name, data in contents.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def cannot_write(path: Path, error: Exception, option: str = OUTPUT) -> InputError:
    """The error that says so, why, and which `option` names another place."""
    reason = getattr(error, "strerror", None) or error
    return InputError(f"{path}: cannot be written ({reason}); choose another place ({option})")


def no_room(folder: Path, error: OSError) -> InputError:
    """The error that says so of a temporary folder."""
    return InputError(
        f"{folder}: cannot be written ({error.strerror}); make room, or set TMPDIR to another folder"
    )


def _exchange(path: Path, new: Path, old: Path) -> None:
    """`new` becomes `path`, and what stood there `old`; all is as it was if that fails."""
    try:
        if path.exists():
            os.rename(path, old)
        os.rename(new, path)
    except BaseException:
        if old.exists() and not path.exists():
            os.rename(old, path)
        raise


@contextmanager
def _scratch(path: Path, option: str = OUTPUT) -> Iterator[Path]:
    """A folder beside `path` of our own, gone when the block ends. `InputError` if there can be none."""
    remove = handle = None
    try:
        try:
            with directory_lock(path.parent), defer_signals():  # a wait for others can be broken off
                _remove_parts(path)
                scratch = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=_PART, dir=path.parent))
                remove = owed(partial(shutil.rmtree, scratch, ignore_errors=True))
                if LOCKS:
                    handle = lock_at_once(scratch)
        except OSError as error:
            raise cannot_write(path, error, option) from error
        yield scratch
    finally:
        with defer_signals():
            if remove is not None:
                remove()
            if handle is not None:
                os.close(handle)


def parts_of(path: Path) -> list[Path]:
    """What lies beside `path` until it is whole: a writer's, who is at work or was killed."""
    return list(path.parent.glob(f".{glob.escape(path.name)}.{'?' * 8}{_PART}")) if LOCKS else []


def _remove_parts(path: Path) -> None:
    """As `remove_parts`, alone in the folder. What cannot be removed stays: it is in nobody's way."""
    for part in parts_of(path):
        with suppress(OSError):  # it is gone, or its writer lives, or nobody can tell
            handle = os.open(part, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
            try:
                mode = os.fstat(handle).st_mode
                if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):  # none of ours; a FIFO would be waited for
                    continue
                flock(handle, LOCK_EX | LOCK_NB)
                if (part / _OLD).is_dir() and (part / _NEW).exists() and not path.exists():
                    os.rename(part / _OLD, path)
                if part.is_dir():
                    shutil.rmtree(part)
                else:
                    part.unlink()
            finally:
                os.close(handle)
