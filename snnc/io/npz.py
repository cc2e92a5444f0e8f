"""Strict `.npz` input and atomic `.npz` output.

`numpy.load` trusts the sizes in a file's headers; here a member's header must agree with the archive before
memory is reserved.
"""

import io
import math
import os
import tokenize
import zipfile
import zlib
from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from snnc.errors import InputError
from snnc.io.files import write_file
from snnc.io.missing import NO_CLASS
from snnc.io.near_files import near_file
from snnc.io.other_kinds import HEAD, kind_of
from snnc.io.regular import most_unpacked, open_regular

MAX_BYTES = 4 * 2**30
"""Most bytes that the arrays of one file may take in memory, together."""

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


def read_npz(
    path: str | os.PathLike[str], data: bytes | None = None, only: Container[str] | None = None
) -> dict[str, NDArray[Any]]:
    """Read every array of an `.npz` file, or of its content `data`; pickled objects are never loaded.

    `only`: the names of those that are read, if not all are.

    Raises
    ------
    InputError
        The file is missing, truncated or no zip archive; a member is no plain array, is pickled, has the name
        of another, or declares a size other than the one it has; or all of them exceed `MAX_BYTES`, or what
        an honest file of this size unpacks to.
    """
    path = Path(path)
    try:
        with open_regular(path) if data is None else io.BytesIO(data) as file:
            if (kind := kind_of(file.read(HEAD))) is not None:
                raise InputError(
                    f"{path}: not a readable .npz archive: it is {kind}; write it by numpy.savez"
                )
            with zipfile.ZipFile(file) as archive:
                members = archive.infolist()
                _check_members(members, file.seek(0, os.SEEK_END), path)
                return {
                    member.filename.removesuffix(".npy"): _read_member(archive, member, path)
                    for member in members
                    if only is None or member.filename.removesuffix(".npy") in only
                }
    except FileNotFoundError:
        raise InputError(f"{path}: no such file{near_file(path)}; check the path") from None
    except InputError:
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        NotImplementedError,
        RuntimeError,
        ValueError,
    ) as error:
        raise InputError(
            f"{path}: not a readable .npz archive ({error}); it may be truncated: copy or write it again"
        ) from error


def _check_members(members: list[zipfile.ZipInfo], size: int, path: Path) -> None:
    total = sum(member.file_size for member in members)
    if total > MAX_BYTES:
        raise InputError(
            f"{path}: its arrays take {total} bytes, above the limit of {MAX_BYTES}; "
            "split the recordings over several files"
        )
    if total > most_unpacked(size):
        raise InputError(
            f"{path}: {size} bytes that unpack to {total}, more than the {most_unpacked(size)} "
            "allowed; write it without compression (numpy.savez), or split it"
        )
    if len({member.filename for member in members}) < len(members):
        raise InputError(f"{path}: two of its arrays have the same name; write it again with numpy.savez")
    for member in members:
        if member.compress_type not in _METHODS:
            raise InputError(
                f"{path}: array {member.filename!a} is packed in a way that NumPy does not write; write it "
                "again with numpy.savez"
            )


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> NDArray[Any]:
    key = member.filename.removesuffix(".npy")
    try:
        with archive.open(member) as stream:
            header = _HEADERS.get(npy.read_magic(stream))
            if header is None:
                raise ValueError("unknown version of the .npy format")
            shape, _, dtype = header(stream)
            if dtype.hasobject:
                raise InputError(
                    f"{path}: array '{key}' holds pickled Python objects, which are never loaded; "
                    f"{_plain(key)}"
                )
            declared, present = math.prod(shape) * dtype.itemsize, member.file_size - stream.tell()
            if declared != present:
                raise ValueError(
                    f"shape {shape} of {dtype} needs {declared} bytes but the file holds {present}"
                )
        with archive.open(member) as stream:
            return _only_ours(npy.read_array(stream, allow_pickle=False))
    except InputError:
        raise
    except (ValueError, TypeError, OverflowError, SyntaxError, RecursionError, tokenize.TokenError) as error:
        raise InputError(
            f"{path}: array '{key}' cannot be read: {error}; write it again with numpy.savez"
        ) from error


def _plain(key: str) -> str:
    """How to write an array whose entries are objects, as one is made of where None is among them."""
    if key == "labels":
        return (
            f"write texts, with {NO_CLASS!r} where a label is missing (None, nan): labels = "
            f"np.array([{NO_CLASS!r} if each is None or each != each else str(each) for each in labels])"
        )
    return (
        "write numbers alone, or texts alone, without None, and rows of several lengths one behind the other"
    )


def _only_ours(array: NDArray[Any]) -> NDArray[Any]:
    """`array`, read-only with what it is a view of: who keeps it need not copy it."""
    for one in (array, array.base):
        if isinstance(one, np.ndarray):
            one.setflags(write=False)
    return array


def write_npz(path: str | os.PathLike[str], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write a compressed `.npz` file; its bytes depend on the arrays only, and a crash leaves the old file.

    Raises
    ------
    InputError
        The file cannot be written.
    """
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]  # no array is called allow_pickle
    write_file(Path(path), buffer.getvalue())
