"""What `torch.save` writes of plain content, read without PyTorch.

Such a file is a zip archive: a pickle, `data.pkl`, describes the content, and the numbers of each tensor are
in a member of their own. The pickle is not run: its operations are read one by one, and only those that make
lists, dicts, text, numbers and tensors are known. A file with any other is left to PyTorch's own reader,
which says what is wrong with it.
"""

from __future__ import annotations

import io
import math
import pickletools
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

_TYPES = {
    "FloatStorage": np.float32,
    "DoubleStorage": np.float64,
    "LongStorage": np.int64,
    "IntStorage": np.int32,
    "ShortStorage": np.int16,
    "CharStorage": np.int8,
    "ByteStorage": np.uint8,
    "BoolStorage": np.bool_,
}
_TENSOR, _DICT = "torch._utils _rebuild_tensor_v2", "collections OrderedDict"
_EMPTY = {"EMPTY_DICT": dict, "EMPTY_LIST": list, "EMPTY_TUPLE": tuple}
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_VALUES = {
    *("BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "BININT", "BININT1", "BININT2"),
    *("LONG1", "LONG4", "BINFLOAT"),
}
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_PUT, _GET = {"BINPUT", "LONG_BINPUT"}, {"BINGET", "LONG_BINGET"}
_ENDIAN = "little"
_CONTAINERS, _PLAIN = {dict, list, tuple}, {str, int, float, bool, type(None), np.ndarray}


class _OtherError(Exception):
    """Something that this reader does not know."""


@dataclass(frozen=True, slots=True)
class _Name:
    """What a pickle calls by name; it is compared, and never looked up."""

    text: str


class _Mark:
    """Where the items of a list, dict or tuple begin on the stack."""


def read_plain(data: bytes, most: int) -> dict[str, Any] | None:
    """The content of a file, with arrays for tensors; None if it is not plain, or more than `most` values.

    Nothing is said of its depth or size: parts may stand in several places, and in themselves.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            content = _Content(archive).read(most)
    except Exception:  # a damaged file may fail in any way, and PyTorch's reader finds the words for it
        return None
    return content if isinstance(content, dict) and _is_plain(content) else None


def _is_plain(content: Any) -> bool:
    """Whether nothing is left in `content` but what is plain: a name may stand where a value should."""
    seen, waiting = set[int](), [content]
    while waiting:
        value = waiting.pop()
        if type(value) in _CONTAINERS:
            if id(value) not in seen:
                seen.add(id(value))
                waiting += [*value, *value.values()] if type(value) is dict else value
        elif type(value) not in _PLAIN:
            return False
    return True


class _Content:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        names = archive.namelist()
        (described,) = (name for name in names if name.endswith("/data.pkl"))
        self._archive, self._folder = archive, described.removesuffix("data.pkl")
        if len(set(names)) < len(names) or archive.read(f"{self._folder}byteorder").decode() != _ENDIAN:
            raise _OtherError
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}
        self._stores: dict[str, bytes] = {}

    def read(self, most: int) -> Any:
        """What the pickle makes."""
        operations = self._archive.read(f"{self._folder}data.pkl")
        for count, (operation, argument, _) in enumerate(pickletools.genops(operations)):
            if count > 8 * most:
                raise _OtherError
            self._do(operation.name, argument)
        (content,) = self._stack
        return content

    def _do(self, name: str, argument: Any) -> None:
        stack = self._stack
        if name in _VALUES:
            stack.append(argument)
        elif name in _CONSTANTS:
            stack.append(_CONSTANTS[name])
        elif name in _EMPTY:
            stack.append(_EMPTY[name]())
        elif name == "MARK":
            stack.append(_Mark)
        elif name in _PUT:
            self._memo[argument] = stack[-1]
        elif name in _GET:
            stack.append(self._memo[argument])
        elif name in _TUPLES:
            stack[-_TUPLES[name] :] = [tuple(stack[-_TUPLES[name] :])]
        elif name == "TUPLE":
            items = self._from_mark()
            stack.append(tuple(items))
        elif name == "APPEND":
            item = stack.pop()
            self._top(list).append(item)
        elif name == "APPENDS":
            items = self._from_mark()
            self._top(list).extend(items)
        elif name in ("SETITEM", "SETITEMS"):
            items = self._from_mark() if name == "SETITEMS" else [stack.pop() for _ in range(2)][::-1]
            self._top(dict).update(zip(items[::2], items[1::2], strict=True))
        elif name == "GLOBAL":
            stack.append(_Name(argument))
        elif name == "BINPERSID":
            stack.append(self._storage(stack.pop()))
        elif name == "REDUCE":
            arguments = stack.pop()
            stack.append(self._made(stack.pop(), arguments))
        elif name == "BUILD":  # attributes of an OrderedDict: the versions of a module's parts
            stack.pop()
            self._top(dict)
        elif name not in ("PROTO", "STOP"):
            raise _OtherError

    def _top(self, kind: type) -> Any:
        if type(self._stack[-1]) is not kind:
            raise _OtherError
        return self._stack[-1]

    def _from_mark(self) -> list[Any]:
        """The items after the last mark, which go with it."""
        start = max(k for k, item in enumerate(self._stack) if item is _Mark)
        items = self._stack[start + 1 :]
        del self._stack[start:]
        return items

    def _storage(self, named: Any) -> npt.NDArray[Any]:
        """The numbers of one member, [size]."""
        kind, name, key, device, size = named
        if kind != "storage" or device != "cpu" or type(size) is not int or type(key) is not str:
            raise _OtherError
        module, _, storage = name.text.partition(" ")
        if module != "torch" or storage not in _TYPES:
            raise _OtherError
        if key not in self._stores:
            self._stores[key] = self._archive.read(f"{self._folder}data/{key}")
        array: npt.NDArray[Any] = np.frombuffer(self._stores[key], _TYPES[storage])
        if len(array) != size:
            raise _OtherError
        return array

    def _made(self, maker: Any, arguments: Any) -> Any:
        if maker == _Name(_DICT) and arguments == ():
            return {}
        if maker != _Name(_TENSOR):
            raise _OtherError
        numbers, start, shape, stride, _, hooks = arguments
        if type(numbers) is not np.ndarray or hooks != {} or not all(_is_size(n) for n in (start, *shape)):
            raise _OtherError
        size = math.prod(shape)
        if tuple(stride) != tuple(_strides(shape)) or start + size > len(numbers):
            raise _OtherError
        return numbers[start : start + size].reshape(shape)


def _is_size(value: Any) -> bool:
    return type(value) is int and value >= 0


def _strides(shape: tuple[int, ...]) -> Iterator[int]:
    """Of a tensor whose numbers lie one after the other, as PyTorch writes them."""
    for axis in range(len(shape)):
        yield math.prod(max(1, n) for n in shape[axis + 1 :])
