"""Files and folders written aside and renamed, so that a crash leaves the old one or none."""

from __future__ import annotations

import glob
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from snnc.errors import InputError

_PART = ".part"
_UNPACKED, _RATIO = 256 << 20, 8


def write_file(path: Path, data: bytes) -> None:
    """Replace `path` by `data`, whole or not at all. Raises `InputError` if it cannot be written.

    A process that is killed here leaves a part of the new file beside it: see `remove_parts`.
    """
    with aside(path) as part:
        try:
            part.write_bytes(data)
        except OSError as error:
            raise cannot_write(path, error) from error


@contextmanager
def aside(path: Path) -> Iterator[Path]:
    """An empty file beside `path` to write to; it takes the place of `path` when the block ends well.

    When the block raises, the part is removed and `path` is as it was.

    Raises
    ------
    InputError
        If the place cannot be written. An error in the block passes as it is.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=_PART, dir=path.parent)
        os.close(handle)
    except OSError as error:
        raise cannot_write(path, error) from error
    part = Path(name)
    try:
        yield part
        try:
            with part.open("rb+") as file:
                os.fsync(file.fileno())
            os.chmod(part, 0o666 & ~_umask())
            os.replace(part, path)
        except OSError as error:
            raise cannot_write(path, error) from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def remove_parts(path: Path) -> None:
    """Remove what killed processes left of `write_file(path, ...)`; no other may be writing `path` now."""
    try:
        for part in path.parent.glob(f".{glob.escape(path.name)}.{'?' * 8}{_PART}"):
            part.unlink(missing_ok=True)
    except OSError as error:
        raise cannot_write(path, error) from error


def check_writable(path: Path) -> None:
    """Raise `InputError` unless `write_file(path, ...)` can be expected to succeed."""
    try:
        if path.is_dir():
            raise InputError(f"{path} is a folder; give the name of a file to write (-o)")
        with tempfile.NamedTemporaryFile(prefix=f".{path.name}.", suffix=_PART, dir=path.parent):
            pass
    except OSError as error:
        raise cannot_write(path, error) from error


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
        aside = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    except OSError as error:
        raise cannot_write(path, error) from error
    new, old = aside / "new", aside / "old"
    try:
        for name, data in files.items():
            target = new / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        if path.exists():
            os.rename(path, old)
        os.rename(new, path)
    except BaseException as error:
        if old.exists() and not path.exists():
            os.rename(old, path)
        if isinstance(error, OSError):
            raise cannot_write(path, error) from error
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def cannot_write(path: Path, error: Exception) -> InputError:
    """The error that says so, and why."""
    reason = getattr(error, "strerror", None) or error
    return InputError(f"{path}: cannot be written ({reason}); choose another place (-o)")


def _umask() -> int:
    """The process's umask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
