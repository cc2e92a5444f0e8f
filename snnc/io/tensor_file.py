"""Files of plain tensors, text and numbers: written whole or not at all, read without running anything."""

from __future__ import annotations

import io
import os
import warnings
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from snnc.errors import InputError, ModelFileError
from snnc.io import other_kinds, pickled, plain_tensors
from snnc.io.files import write_file
from snnc.io.near_files import near_file
from snnc.io.regular import open_regular
from snnc.text import one_line, quoted, shortened

MAX_BYTES = 1 << 30
"""Largest file that is read: a thousand times the largest published network of this kind."""

_FOLDER = 0x10
"""Of the attributes of a part."""
_MAX_DEPTH, _MAX_VALUES, _MAX_CHARACTERS, _MAX_BITS = 12, 1 << 18, 1 << 24, 1 << 12
"""Of what a file holds: nesting, values, characters of all texts together, bits of an integer."""


def save_tensors(content: dict[str, Any], path: str | os.PathLike[str]) -> None:
    """Write `content`, plain data and tensors; `path` holds the old file or the new, never a part.

    Raises
    ------
    ModelFileError
        The file cannot be written.
    """
    try:
        write_file(Path(path), tensor_bytes(content))
    except InputError as error:
        raise ModelFileError(str(error)) from error


def tensor_bytes(content: dict[str, Any]) -> bytes:
    """What `save_tensors` writes: the same bytes of equal content.

    A pickle has a text once for each object, so equal texts become one object: those of a training that was
    resumed are others than those of a training in one go.
    """
    import torch

    buffer = io.BytesIO()
    torch.save(_with_shared_texts(content, {}), buffer)
    return buffer.getvalue()


def _with_shared_texts(value: Any, texts: dict[str, str]) -> Any:
    kind = type(value)
    if kind is str:
        return texts.setdefault(value, value)
    if kind is dict:
        return {
            _with_shared_texts(key, texts): _with_shared_texts(each, texts) for key, each in value.items()
        }
    if kind is list or kind is tuple:
        return kind(_with_shared_texts(each, texts) for each in value)
    return value


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
    with _opened(Path(path), what) as file:
        return read_tensors(file, Path(path), what)


def _opened(path: Path, what: str) -> BinaryIO:
    try:
        return open_regular(path)
    except FileNotFoundError:
        meant = near_file(path)
        raise ModelFileError(f"{path}: no such file{meant}; `snnc train` writes a {what}") from None
    except OSError as error:
        raise ModelFileError(f"{path}: not a {what}: cannot be read ({error.strerror})") from error


def _check_size(file: BinaryIO, path: Path, what: str, most: int) -> int:
    """Bytes of `file`, which stands at its start then."""
    size = file.seek(0, os.SEEK_END)
    if size > most:
        raise ModelFileError(f"{path}: has {size} bytes, above the limit of {most} for a {what}")
    file.seek(0)
    return size


def read_file(path: str | os.PathLike[str], what: str, most: int | None = None) -> bytes:
    """The bytes, at most `most` or `MAX_BYTES`, of a file for `read_arrays`.

    Raises
    ------
    ModelFileError
        The file is missing, too large, or cannot be read.
    """
    with _opened(Path(path), what) as file:
        _check_size(file, Path(path), what, MAX_BYTES if most is None else most)
        return file.read()


def read_arrays(data: bytes, path: str | os.PathLike[str], what: str) -> dict[str, Any]:
    """As `load_tensors` of a file with the content `data`, with arrays of NumPy for tensors.

    A tensor of a type that NumPy does not have stays one.
    """
    file = io.BytesIO(data)
    _check_archive(file, Path(path), what)
    content = plain_tensors.content(file)
    if not isinstance(content, dict) or not _is_plain(content):
        content = read_tensors(file, Path(path), what)
    return {key: _arrays(value) for key, value in content.items()}


def _is_plain(content: dict[Any, Any]) -> bool:
    """Whether no rule refuses it. Of what is refused, `read_tensors` says why, and of all files alike."""
    try:
        _Walk().look_at(content, "content", 0)
    except ValueError:
        return False
    return True


def _arrays(value: Any) -> Any:
    """`value` with arrays for tensors. It has been looked at: it is plain, and comes to an end."""
    if isinstance(value, dict):
        return {key: _arrays(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(_arrays, value))
    if hasattr(value, "untyped_storage"):
        try:
            return value.detach().numpy()
        except TypeError:  # such as bfloat16
            return value
    return value


def read_tensors(file: BinaryIO, path: Path, what: str) -> dict[str, Any]:
    """As `load_tensors`, of an open file; `path` is what errors call it."""
    import torch

    _check_archive(file, path, what)
    try:
        with warnings.catch_warnings():  # of what the file holds, the error below says what matters
            warnings.simplefilter("ignore")
            content = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # a hostile pickle can make the reader fail in any way
        if found := pickled.classes(file):
            raise ModelFileError(
                f"{path}: not a {what}: it holds Python objects, which are never loaded {pickled.told(found)}"
            ) from error
        reason = str(error).strip().partition("\n")[0].partition(". ")[0][:200]
        raise ModelFileError(
            f"{path}: not a {what}: it is damaged, or holds Python objects, which are never loaded ({reason})"
        ) from error
    if not isinstance(content, dict):
        raise ModelFileError(f"{path}: not a {what}: it holds a {type(content).__name__}, expected a dict")
    try:
        _Walk().look_at(content, "content", 0)
    except ValueError as error:
        raise ModelFileError(f"{path}: not a {what}: {error}") from error
    return content


def _check_archive(file: BinaryIO, path: Path, what: str) -> None:
    """Look at the parts of `file` before anything is unpacked; it stands at its start again then."""
    try:
        size = _check_size(file, path, what, MAX_BYTES)
        head = file.read(other_kinds.HEAD)
        if (kind := other_kinds.kind_of(head)) is not None:
            raise ModelFileError(f"{path}: not a {what}: it is {kind}; name another file")
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            names = [member.filename for member in members]
            if names and all(name.endswith(".npy") for name in names):
                held = shortened(one_line(", ".join(name.removesuffix(".npy") for name in names)), 80)
                raise ModelFileError(f"{path}: not a {what}: it holds arrays of NumPy ({held})")
            unpacked = sum(member.file_size for member in members)
            if any(member.compress_type != zipfile.ZIP_STORED for member in members) or unpacked > size:
                raise ModelFileError(
                    f"{path}: not a {what}: its parts are compressed, which torch.save never does"
                )
            if wrong := [each.filename for each in members if _unwritten(each)]:
                raise ModelFileError(
                    f"{path}: not a {what}: it is damaged, its part {quoted(wrong[0])} is no part that "
                    "torch.save writes; copy it again"
                )
        file.seek(0)
    except ModelFileError:
        raise
    except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise ModelFileError(
            f"{path}: not a {what} ({error}); it may be truncated: copy it again, or train again"
        ) from error


def _unwritten(part: zipfile.ZipInfo) -> bool:
    """Whether torch would give memory for `part` that nobody has written, without an error: it is marked as a
    folder, or claims another size than it has."""
    return bool(part.external_attr & _FOLDER) or part.compress_size != part.file_size


class _Walk:
    """A look at all that a file holds, as plain data.

    In such a file a part may stand in many places: a few hundred lists that hold each other are more values
    than any reader comes to the end of. So what is visited is counted, a part each time that it is met.
    """

    def __init__(self) -> None:
        self._values = self._characters = self._bytes = 0

    def look_at(self, value: Any, where: str, depth: int) -> None:
        """Raises `ValueError`, with a sentence, unless the part `where` is plain and comes to an end."""
        if depth > _MAX_DEPTH:
            raise ValueError(f"{where} is nested more than {_MAX_DEPTH} deep")
        self._values += 1
        if self._values > _MAX_VALUES:
            raise ValueError(f"it holds more than {_MAX_VALUES} values")
        if isinstance(value, np.ndarray):
            self._count(value.nbytes)
        elif hasattr(value, "untyped_storage"):
            self._tensor(value, where)
        elif isinstance(value, dict):
            for key, item in value.items():
                if not isinstance(key, str | int):
                    raise ValueError(f"{where} has a key of type {type(key).__name__}")
                self._plain(key, where)
                self.look_at(item, f"{where}[{quoted(key)}]", depth + 1)
        elif isinstance(value, list | tuple):
            for number, item in enumerate(value):
                self.look_at(item, f"{where}[{number}]", depth + 1)
        else:
            self._plain(value, where)

    def _plain(self, value: Any, where: str) -> None:
        if not (value is None or isinstance(value, str | int | float)):
            raise ValueError(f"{where} is a {type(value).__name__}")
        if isinstance(value, int) and value.bit_length() > _MAX_BITS:
            raise ValueError(
                f"{where} is an integer of {value.bit_length()} bits, at most {_MAX_BITS} are read"
            )
        if isinstance(value, str):
            self._characters += len(value)
            if self._characters > _MAX_CHARACTERS:
                raise ValueError(f"its texts have more than {_MAX_CHARACTERS} characters")

    def _tensor(self, value: Any, where: str) -> None:
        import torch

        if value.device.type != "cpu":  # such as "meta", which has no numbers at all
            raise ValueError(f"{where} is a tensor on the device {quoted(value.device.type)}, expected cpu")
        # A view can claim any size over a storage of one number.
        if value.layout != torch.strided or not value.is_contiguous():
            raise ValueError(f"{where} is not a plain contiguous tensor")
        size = value.numel() * value.element_size()
        if size > value.untyped_storage().nbytes():
            raise ValueError(f"{where} claims more numbers than the file holds")
        self._count(size)

    def _count(self, size: int) -> None:
        self._bytes += size
        if self._bytes > MAX_BYTES:
            raise ValueError(f"its tensors take more than {MAX_BYTES} bytes; they share parts of the file")
