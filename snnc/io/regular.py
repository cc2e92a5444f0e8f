"""Files that a user names, opened so that no reader waits for ever or reads without end.

A FIFO waits for its writer and a device need not end, and a signal does not always break that off. So
whoever reads a user's file opens it here, or has it looked at here before a library in C opens it.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from snnc.errors import InputError, NotRegularError

READ_LIMIT = 2 << 30
"""Most bytes of a file that is read whole."""
_UNPACKED, _RATIO = 256 << 20, 8
_FLAGS = ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY")
_KINDS = {
    stat.S_IFIFO: "a pipe (FIFO)",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def open_regular(path: Path) -> BinaryIO:
    """The file at `path`, opened for reading; links are followed. It does not wait, whatever lies there.

    Raises
    ------
    NotRegularError
        `path` is a FIFO, a device or a socket, such as a shell's `<(...)`; almost all of it are holes; or no
        file can have such a name.
    OSError
        There is no such file, it is a folder, or it may not be read.
    """
    try:
        mode = os.stat(path).st_mode
    except ValueError:  # NUL, or a lone surrogate that stands for no byte
        raise NotRegularError(errno.EINVAL, "is not a valid file name", str(path)) from None
    _refuse_special(path, mode)  # before it is opened: that alone moves some devices
    flags = os.O_RDONLY
    for name in _FLAGS:
        flags |= getattr(os, name, 0)
    handle = os.open(path, flags)
    try:
        status = os.fstat(handle)
        _refuse_special(path, status.st_mode)
        stored = _stored(handle, status.st_size)
        if status.st_size > most_unpacked(stored):
            problem = f"has {status.st_size} bytes, of which only {stored} are stored (the rest are holes)"
            raise NotRegularError(errno.EFBIG, f"{problem}; write it again without holes", str(path))
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def check_regular(path: Path) -> None:
    """Raise as `open_regular` if it would: for a library that opens the path itself."""
    open_regular(path).close()


def read_regular(path: Path, limit: int = READ_LIMIT) -> bytes:
    """The content of the file at `path`, at most `limit` bytes.

    Raises
    ------
    InputError
        It has more.
    OSError
        As `open_regular`.
    """
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        parts = [file.read(size)] if size <= limit else []
        # Files that the system makes up as they are read say that they have no bytes; and one may grow.
        while size <= limit and (more := file.read(1 << 20)):
            parts.append(more)
            size += len(more)
    if size > limit:
        raise InputError(f"{path}: has {size} bytes, at most {limit} are read")
    return b"".join(parts)


def read_text(path: Path, limit: int = READ_LIMIT) -> str:
    """As `read_regular`, decoded; UnicodeDecodeError, a ValueError, if it is not UTF-8."""
    return read_regular(path, limit).decode("utf-8")


def most_unpacked(size: int) -> int:
    """Most bytes that a file of which `size` are stored may unpack to: beyond it, it is taken for a bomb."""
    return max(_UNPACKED, _RATIO * size)


def kind_of(mode: int) -> str:
    """What lies there that is no regular file and no folder, by its `st_mode`, with its article."""
    return _KINDS.get(stat.S_IFMT(mode), "no file")


def _refuse_special(path: Path, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise NotRegularError(
            errno.EINVAL,
            f"is {kind_of(mode)}, but only regular files are read; write its data to a file and give that "
            "file",
            str(path),
        )


def _stored(handle: int, size: int) -> int:
    """How many of the first bytes are no holes; at least an eighth of `size` is enough to know."""
    if size <= _UNPACKED or not hasattr(os, "SEEK_HOLE"):
        return size
    stored = end = 0
    try:
        while end < size and size > most_unpacked(stored):
            start = os.lseek(handle, end, os.SEEK_DATA)
            end = os.lseek(handle, start, os.SEEK_HOLE)
            stored += end - start
    except OSError as error:
        if error.errno != errno.ENXIO:  # that is: nothing but a hole follows
            return size  # a file system that does not tell
    finally:
        os.lseek(handle, 0, os.SEEK_SET)
    return stored
