"""Files of plain tensors as `torch.save` writes them, read without torch, which takes seconds to load.

Only what is exactly so written is read: parts of known names, a pickle of the few instructions below, tensors
that lie whole and in order in their storage. Nothing is looked up by name and nothing is called. All else is
left to `torch.load`, which decides whether such a file is refused, and with which words.
"""

from __future__ import annotations

import math
import os
import pickletools
import struct
import sys
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

_MAGIC = b"PK\x03\x04"
_LONG_END, _LOCATOR, _END = (struct.Struct(form) for form in ("<4sQ2H2I4Q", "<4sIQI", "<4s4H2LH"))
_MADE_BY = (798, 45)
"""Versions of the format: of what wrote the file, and what reads it."""
_MOST_END = _LONG_END.size + _LOCATOR.size + _END.size + 1
_PART = struct.Struct("<4s6H3I5H2I")
_OF_DOS, _MOST_BYTES = 0xFFFF, (1 << 32) - 2
_FLAGS = 0x808
"""Of a part: its size stands behind it, too; its name is in UTF-8."""
_PICKLE, _STORAGE = "data.pkl", "data/"
_SAME: Mapping[str, bytes] = {
    "version": b"3\n",
    "byteorder": b"little",
    ".format_version": b"1",
    ".storage_alignment": b"64",
}
"""Parts that every file has alike; earlier releases of torch write only the first."""
_OF_ANY = ".data/serialization_id"

_PROTOCOL = 2
_LITERALS = frozenset({"BINFLOAT", "BININT", "BININT1", "BININT2", "BINUNICODE", "LONG1"})
_CONSTANTS: Mapping[str, Any] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_FIRST = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}

_DICT, _TENSOR = "collections OrderedDict", "torch._utils _rebuild_tensor_v2"
_TYPES = {
    "torch BoolStorage": "?",
    "torch ByteStorage": "u1",
    "torch CharStorage": "<i1",
    "torch ShortStorage": "<i2",
    "torch IntStorage": "<i4",
    "torch LongStorage": "<i8",
    "torch HalfStorage": "<f2",
    "torch FloatStorage": "<f4",
    "torch DoubleStorage": "<f8",
}


class _Unusual(Exception):
    """It is not for this reader."""


class _Name:
    """A class or a function that the pickle names: its module and its name, as text."""

    def __init__(self, text: str) -> None:
        self.text = text


class _Numbers:
    """A storage, which is no content by itself."""

    def __init__(self, values: npt.NDArray[Any]) -> None:
        self.values = values


def content(file: BinaryIO) -> Any:
    """What the file holds, with arrays for tensors; None if that is for `torch.load` to say.

    It may hold itself, a part of it may stand in many places, and a part may be of a class of this module.
    """
    try:
        if sys.byteorder != "little":
            return None
        file.seek(0)
        if file.read(len(_MAGIC)) != _MAGIC:
            return None
        with zipfile.ZipFile(file) as archive:
            if not _is_as_written(file, len(archive.namelist())):
                return None
            return _Reader(_Parts(archive)).read()
    except Exception:  # whatever it is, `torch.load` meets the file next, and says what is wrong with it
        return None


def _is_as_written(file: BinaryIO, count: int) -> bool:
    """Whether the list of `count` parts and what follows it are as torch writes them; zipfile takes more."""
    file.seek(-_END.size, os.SEEK_END)
    *_, size, start, _ = _END.unpack(file.read())
    last = _END.pack(b"PK\5\6", 0, 0, count, count, size, start, 0)
    found = _LONG_END.pack(b"PK\6\6", _LONG_END.size - 12, *_MADE_BY, 0, 0, count, count, size, start)
    locator = _LOCATOR.pack(b"PK\6\7", 0, start + size, 1)
    file.seek(start)
    listed = file.read(size)
    return file.read(_MOST_END) in (last, found + locator + last) and _is_list(listed)


def _is_list(data: bytes) -> bool:
    """Of parts that are whole, stored, no folders and without anything of a later format."""
    at = 0
    while at < len(data):
        sign, _, _, flags, method, _, _, _, packed, size, name, *none, attributes, _ = _PART.unpack_from(
            data, at
        )
        if (sign, method, packed, flags | _FLAGS) != (b"PK\1\2", zipfile.ZIP_STORED, size, _FLAGS):
            return False
        if any(none) or attributes & _OF_DOS or size > _MOST_BYTES:
            return False
        at += _PART.size + name
    return at == len(data)


class _Parts:
    """The parts of a file by name, without the name of the folder that all lie in."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive, names = archive, archive.namelist()
        folder = names[0].partition("/")[0] + "/"
        self._members = {name.removeprefix(folder): name for name in names if name.startswith(folder)}
        self._known = {name for name in self._members if not name.startswith(_STORAGE)}
        if len(self._members) != len(names) or self._known - {_PICKLE, _OF_ANY, *_SAME}:
            raise _Unusual
        for name in self._known & _SAME.keys():
            if self[name] != _SAME[name]:
                raise _Unusual
        if "version" not in self._known or (_OF_ANY in self._known and not self[_OF_ANY].isdigit()):
            raise _Unusual

    def __getitem__(self, name: str) -> bytes:
        return self._archive.read(self._members[name])


class _Reader:
    """The instructions of one pickle, done as the reader of torch does them that takes only tensors."""

    def __init__(self, parts: _Parts) -> None:
        self._parts = parts
        self._stack: list[Any] = []
        self._below: list[list[Any]] = []
        """The stacks under each mark."""
        self._memo: dict[int, Any] = {}
        self._storages: dict[str, _Numbers] = {}
        self._do: Mapping[str, Callable[[Any], None]] = {
            "PROTO": self._protocol,
            "MARK": self._mark,
            "BINPUT": self._put,
            "LONG_BINPUT": self._put,
            "BINGET": self._get,
            "LONG_BINGET": self._get,
            "EMPTY_DICT": lambda _: self._stack.append({}),
            "EMPTY_LIST": lambda _: self._stack.append([]),
            "TUPLE": self._tuple,
            "APPEND": lambda _: self._extend([self._stack.pop()]),
            "APPENDS": lambda _: self._extend(self._marked()),
            "SETITEM": lambda _: self._set([self._stack.pop(-2), self._stack.pop()]),
            "SETITEMS": lambda _: self._set(self._marked()),
            "GLOBAL": self._name,
            "BINPERSID": self._storage,
            "REDUCE": self._reduce,
            "BUILD": self._build,
        }

    def read(self) -> Any:
        for opcode, argument, _ in pickletools.genops(self._parts[_PICKLE]):
            name = opcode.name
            if name in _LITERALS:
                self._stack.append(argument)
            elif name in _CONSTANTS:
                self._stack.append(_CONSTANTS[name])
            elif name in _FIRST:
                self._stack[-_FIRST[name] :] = [self._first(_FIRST[name])]
            elif name == "STOP":
                return self._stack.pop()
            elif name in self._do:
                self._do[name](argument)
            else:
                raise _Unusual
        raise _Unusual

    def _first(self, count: int) -> tuple[Any, ...]:
        if len(self._stack) < count:
            raise _Unusual
        return tuple(self._stack[-count:])

    def _protocol(self, number: int) -> None:
        if number != _PROTOCOL:
            raise _Unusual

    def _mark(self, _: None) -> None:
        self._below.append(self._stack)
        self._stack = []

    def _marked(self) -> list[Any]:
        """All above the last mark, which goes."""
        found, self._stack = self._stack, self._below.pop()
        return found

    def _tuple(self, _: None) -> None:
        found = tuple(self._marked())
        self._stack.append(found)

    def _put(self, number: int) -> None:
        self._memo[number] = self._stack[-1]

    def _get(self, number: int) -> None:
        self._stack.append(self._memo[number])

    def _extend(self, items: list[Any]) -> None:
        if type(self._stack[-1]) is not list:
            raise _Unusual
        self._stack[-1].extend(items)

    def _set(self, items: list[Any]) -> None:
        # Keys of other types are refused later; to hash a tuple of tuples may come to no end.
        keys, into = items[::2], self._stack[-1]
        if (
            type(into) not in (dict, OrderedDict)
            or len(items) % 2
            or {type(key) for key in keys} - {str, int}
        ):
            raise _Unusual
        into.update(zip(keys, items[1::2], strict=True))

    def _name(self, text: str) -> None:
        if text not in (_DICT, _TENSOR, *_TYPES):
            raise _Unusual
        self._stack.append(_Name(text))

    def _storage(self, _: None) -> None:
        kind, name, key, place, count = self._stack.pop()
        texts = all(type(each) is str for each in (kind, key, place))
        if type(name) is not _Name or not texts or (kind, place) != ("storage", "cpu"):
            raise _Unusual
        dtype = np.dtype(_TYPES[name.text])
        if key not in self._storages:
            data = self._parts[_STORAGE + key]
            self._storages[key] = _Numbers(
                np.frombuffer(bytearray(data), dtype) if data else np.empty(0, dtype)
            )
        found = self._storages[key]
        if type(count) is not int or (found.values.dtype, len(found.values)) != (dtype, count):
            raise _Unusual
        self._stack.append(found)

    def _reduce(self, _: None) -> None:
        arguments, name = self._stack.pop(), self._stack.pop()
        if type(name) is not _Name or type(arguments) is not tuple:
            raise _Unusual
        if name.text == _DICT and not arguments:
            self._stack.append(OrderedDict())
        elif name.text == _TENSOR:
            self._stack.append(_tensor(*arguments))
        else:
            raise _Unusual

    def _build(self, _: None) -> None:
        """What a state dict says of its modules' versions, which no caller asks for."""
        state = self._stack.pop()
        if (
            type(self._stack[-1]) is not OrderedDict
            or type(state) is not dict
            or state.keys() != {"_metadata"}
        ):
            raise _Unusual


def _tensor(
    storage: object, offset: object, shape: object, strides: object, learns: object, hooks: object
) -> npt.NDArray[Any]:
    """One that lies in `storage` from `offset` on, without gaps."""
    if not isinstance(storage, _Numbers) or learns is not False or type(hooks) is not OrderedDict or hooks:
        raise _Unusual
    if not isinstance(offset, int) or not isinstance(shape, tuple) or not isinstance(strides, tuple):
        raise _Unusual
    if any(type(each) is not int for each in (offset, *shape, *strides)) or min((1, *shape)) < 1:
        raise _Unusual
    steps = tuple(math.prod(shape[axis + 1 :]) for axis in range(len(shape)))
    end = offset + math.prod(shape)
    if strides != steps or not 0 <= offset < end <= len(storage.values):
        raise _Unusual
    return storage.values[offset:end].reshape(shape)
