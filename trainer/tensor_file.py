"""Files of plain tensors, text and numbers: written whole or not at all, read without running anything."""

import io
import os
import zipfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from snnc.errors import InputError, ModelFileError
from snnc.files import write_file

MAX_BYTES = 1 << 30
"""Largest file that is read: a thousand times the largest published network of this kind."""

_MAX_DEPTH = 12


def save_tensors(content: dict[str, Any], path: str | os.PathLike[str]) -> None:
    """Write `content`, plain data and tensors; `path` holds the old file or the new, never a part.

    Raises
    ------
    ModelFileError
        The file cannot be written.
    """
    buffer = io.BytesIO()
    torch.save(content, buffer)
    try:
        write_file(Path(path), buffer.getvalue())
    except InputError as error:
        raise ModelFileError(str(error)) from error


def load_tensors(path: str | os.PathLike[str], what: str) -> dict[str, Any]:
    """Read a file that `save_tensors` wrote. Pickled code is refused, never run.

    Parameters
    ----------
    what : what the file should be, for error texts ("model file").

    Raises
    ------
    ModelFileError
        The file is missing, truncated, too large, or holds anything but plain tensors, text and numbers.
    """
    path = Path(path)
    _check_archive(path, what)
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a hostile pickle can make the reader fail in any way
        reason = str(error).strip().split("\n")[0][:200]
        raise ModelFileError(
            f"{path}: not a {what}: it is damaged, or holds Python objects, which are never loaded ({reason})"
        ) from error
    if not isinstance(content, dict):
        raise ModelFileError(f"{path}: not a {what}: it holds a {type(content).__name__}, expected a dict")
    _check_plain(content, path, what, "content", 0)
    return content


def _check_archive(path: Path, what: str) -> None:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ModelFileError(f"{path}: has {size} bytes, above the limit of {MAX_BYTES} for a {what}")
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
            if (
                any(member.compress_type != zipfile.ZIP_STORED for member in archive.infolist())
                or unpacked > size
            ):
                raise ModelFileError(
                    f"{path}: not a {what}: its parts are compressed, which torch.save never does"
                )
    except FileNotFoundError:
        raise ModelFileError(f"{path}: no such file; `snnc train` writes a {what}") from None
    except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise ModelFileError(
            f"{path}: not a {what} ({error}); it may be truncated: copy it again, or train again"
        ) from error


def _check_plain(value: Any, path: Path, what: str, where: str, depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise ModelFileError(f"{path}: not a {what}: {where} is nested more than {_MAX_DEPTH} deep")
    if isinstance(value, Tensor):
        # A view can claim any size over a storage of one number.
        if value.layout != torch.strided or not value.is_contiguous():
            raise ModelFileError(f"{path}: not a {what}: {where} is not a plain contiguous tensor")
        if value.numel() * value.element_size() > value.untyped_storage().nbytes():
            raise ModelFileError(f"{path}: not a {what}: {where} claims more numbers than the file holds")
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str | int):
                raise ModelFileError(f"{path}: not a {what}: {where} has a key of type {type(key).__name__}")
            _check_plain(item, path, what, f"{where}[{key!r}]", depth + 1)
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            _check_plain(item, path, what, f"{where}[{number}]", depth + 1)
    elif not (value is None or isinstance(value, str | int | float)):
        raise ModelFileError(f"{path}: not a {what}: {where} is a {type(value).__name__}")
