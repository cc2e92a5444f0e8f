"""Files and folders written aside and renamed, so that a crash leaves the old one or none.

What is written lies in a folder `.NAME.????????.part` beside its place until it is whole. A process that is
killed leaves that folder; whoever writes or looks for NAME next removes it. A lock on the folder, which ends
with the process that took it, tells what is left from what is being written.
"""

from __future__ import annotations

import glob
import importlib.util
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from snnc.errors import InputError

_LOCKS = importlib.util.find_spec("fcntl") is not None
"""Not on Windows: what killed processes left stays there."""
if _LOCKS:
    from fcntl import LOCK_EX, LOCK_NB, flock

_PART = ".part"
_NEW, _OLD = "new", "old"
_UNPACKED, _RATIO = 256 << 20, 8


def write_file(path: Path, data: bytes) -> None:
    """Replace `path` by `data`, whole or not at all. Raises `InputError` if it cannot be written."""
    with aside(path) as part:
        try:
            part.write_bytes(data)
        except OSError as error:
            raise cannot_write(path, error) from error


@contextmanager
def aside(path: Path) -> Iterator[Path]:
    """An empty file to write to; it takes the place of `path` when the block ends well.

    When the block raises, the part is removed and `path` is as it was.

    Raises
    ------
    InputError
        If the place cannot be written. An error in the block passes as it is.
    """
    with _scratch(path) as scratch:
        part = scratch / _NEW
        try:
            part.touch()
        except OSError as error:
            raise cannot_write(path, error) from error
        yield part
        try:
            with part.open("rb+") as file:
                os.fsync(file.fileno())
            os.replace(part, path)
        except OSError as error:
            raise cannot_write(path, error) from error


def remove_parts(path: Path) -> None:
    """Remove what killed processes left of writing `path`; what another process writes now is not touched.

    A folder that was moved away and not yet replaced is put back.
    """
    try:
        if _parts(path):
            with _alone(path.parent):
                _remove_parts(path)
    except OSError as error:
        raise cannot_write(path, error) from error


def check_writable(path: Path) -> None:
    """Raise `InputError` unless `write_file(path, ...)` can be expected to succeed."""
    try:
        if path.is_dir():
            raise InputError(f"{path} is a folder; give the name of a file to write (-o)")
    except OSError as error:
        raise cannot_write(path, error) from error
    with _scratch(path):
        pass


def most_unpacked(size: int) -> int:
    """Most bytes that a file of `size` bytes may unpack to: beyond it, it is taken for a bomb."""
    return max(_UNPACKED, _RATIO * size)


def same_file(one: Path, other: Path) -> bool:
    """Whether both exist and are the same file."""
    return one.exists() and other.exists() and one.samefile(other)


def modified(path: Path) -> int | None:
    """When `path` was last written, in ns; None if it does not exist."""
    return path.stat().st_mtime_ns if path.exists() else None


def write_folder(path: Path, files: Mapping[str, bytes]) -> None:
    """Replace folder `path` by one that holds `files` (relative name -> content).

    What stood at `path` is gone then: whether it may go is for the caller to decide.

    Raises
    ------
    InputError
        If the place cannot be written; nothing is changed then.
    """
    path = path.absolute()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(path, error) from error
    with _scratch(path) as scratch:
        new, old = scratch / _NEW, scratch / _OLD
        try:
            for name, data in files.items():
                target = new / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
            with _alone(path.parent):
                _exchange(path, new, old)
        except OSError as error:
            raise cannot_write(path, error) from error


def cannot_write(path: Path, error: Exception) -> InputError:
    """The error that says so, and why."""
    reason = getattr(error, "strerror", None) or error
    return InputError(f"{path}: cannot be written ({reason}); choose another place (-o)")


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
def _scratch(path: Path) -> Iterator[Path]:
    """A folder beside `path` of our own, gone when the block ends. `InputError` if there can be none."""
    handle = None
    try:
        with _alone(path.parent):
            _remove_parts(path)
            scratch = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=_PART, dir=path.parent))
            if _LOCKS:
                handle = os.open(scratch, os.O_RDONLY)
                with suppress(OSError):  # a file system without
                    flock(handle, LOCK_EX | LOCK_NB)
    except OSError as error:
        raise cannot_write(path, error) from error
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        if handle is not None:
            os.close(handle)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Those who rename in `folder` take turns, where the file system has locks."""
    if not _LOCKS:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            flock(handle, LOCK_EX)
        yield
    finally:
        os.close(handle)


def _parts(path: Path) -> list[Path]:
    return list(path.parent.glob(f".{glob.escape(path.name)}.{'?' * 8}{_PART}")) if _LOCKS else []


def _remove_parts(path: Path) -> None:
    """As `remove_parts`, alone in the folder. What cannot be removed stays: it is in nobody's way."""
    for part in _parts(path):
        with suppress(OSError):  # it is gone, or its writer lives, or nobody can tell
            handle = os.open(part, os.O_RDONLY)
            try:
                flock(handle, LOCK_EX | LOCK_NB)
                if (part / _OLD).is_dir() and (part / _NEW).exists() and not path.exists():
                    os.rename(part / _OLD, path)
                if part.is_dir():
                    shutil.rmtree(part)
                else:
                    part.unlink()
            finally:
                os.close(handle)
