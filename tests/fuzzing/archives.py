"""Zip archives of NumPy and of torch: members that lie about type, shape and size, bombs, strange names."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

Members = list[tuple[str, bytes]]

_DTYPES = (
    "<f8",
    "<f4",
    "<f2",
    "<i8",
    "<u8",
    ">i4",
    "|i1",
    "|b1",
    "<c16",
    "<U3",
    "|S3",
    "<M8[s]",
    "|V4",
    "|O",
)
_SHAPES = ("()", "(0,)", "(1,)", "(-1,)", "(1, 0, 3)", "(4611686018427387904, 4)", "(0, 9223372036854775807)")
_HEADERS = (
    "{}",
    "[",
    "(" * 4000,
    "{'descr': '<f8', 'fortran_order': False, 'shape': (1,)",
    "{'descr': [('a', '<f8'), ('b', '|O')], 'fortran_order': False, 'shape': (1,)}",
    "{'descr': '<f8', 'fortran_order': 3, 'shape': (True,)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (1L,)}",
    "\n  {'descr': 1\n",
    "'''",
    "__import__('os').abort()",
    "{'descr': ('<f8', (99999, 99999)), 'fortran_order': False, 'shape': (1,)}",
)
_NAMES = (
    "/etc/passwd.npy",
    "../x.npy",
    "",
    "x" * 300,
    "new.npy",
    "\x1b[2J.npy",
    "a/b/c.npy",
    "data.pkl",
    "x/",
)
_BOMB = 1 << 32


def npz(data: bytes, rng: random.Random) -> bytes:
    """One to three members changed, doubled, added or left out; now and then a bomb."""
    held = members(data)
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(held))
        name, content = held[at]
        match rng.randrange(8):
            case 0 | 1:
                held[at] = name, _other_array(content, rng)
            case 2 | 3:
                held[at] = name, _other_header(content, rng)
            case 4:
                held[at] = rng.choice((*_NAMES, *(each for each, _ in held))), content
            case 5:
                held.append((rng.choice((name, *_NAMES)), content))
            case 6 if len(held) > 1:
                del held[at]
            case _:
                held[at] = name, content[: rng.randrange(len(content))]
    packed = zipped(
        held, rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))
    )
    return _lie(packed, rng) if rng.random() < 0.3 else packed


def bomb(name: str, size: int, dtype: str = "|u1") -> bytes:
    """A small npz whose member `name` unpacks to `size` bytes of zeros."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(f"{name}.npy", "w") as member,
    ):
        member.write(_npy_header(dtype, f"({size // np.dtype(dtype).itemsize},)"))
        for _ in range(size >> 20):
            member.write(bytes(1 << 20))
    return buffer.getvalue()


def members(data: bytes) -> Members:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def zipped(members: Members, how: int) -> bytes:
    import warnings

    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", how) as archive:
        warnings.simplefilter("ignore")  # names that stand twice are wanted
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=how)
    return buffer.getvalue()


def _lie(data: bytes, rng: random.Random) -> bytes:
    """A field of a member's entry in the directory changed: flags, method, sizes, offset, lengths."""
    changed, at = bytearray(data), data.find(b"PK\x01\x02")
    offset, size = rng.choice(
        ((8, 2), (10, 2), (16, 4), (20, 4), (24, 4), (28, 2), (30, 2), (42, 4), (46, 1))
    )
    value = rng.choice((0, 1, 8, 12, 14, 99, 2048, _BOMB - 1, rng.getrandbits(32)))
    changed[at + offset : at + offset + size] = (value % (1 << (8 * size))).to_bytes(size, "little")
    return bytes(changed)


def _npy_header(descr: str, shape: str) -> bytes:
    return _npy(f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}")


def _npy(header: str) -> bytes:
    text = header.encode("latin1") + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text) % 65536) + text


def _other_header(content: bytes, rng: random.Random) -> bytes:
    """The same numbers under a header that says something else of them."""
    length = 10 + int.from_bytes(content[8:10], "little")
    if rng.random() < 0.4:
        return _npy(rng.choice(_HEADERS)) + content[length:]
    return _npy_header(rng.choice(_DTYPES), rng.choice(_SHAPES)) + content[length:]


def _other_array(content: bytes, rng: random.Random) -> bytes:
    """Another array, soundly written: other type, shape or values."""
    try:
        array = np.load(io.BytesIO(content), allow_pickle=False)
    except Exception:  # an earlier change broke it
        return content
    changes: list[Callable[[], Any]] = [
        lambda: array.astype(rng.choice((np.float64, np.int8, np.uint64, np.int64, np.complex64))),
        lambda: array.astype(str),
        lambda: array.reshape(-1),
        lambda: array[None],
        lambda: array[:0],
        lambda: np.float64(array.size),
        lambda: np.full(array.shape, rng.choice((np.nan, np.inf, -np.inf, -1.0, 1e300))),
        lambda: np.full(array.shape, rng.choice((-1, 2**31, 2**62, -(2**63)))),
        lambda: np.full(array.shape, 2**64 - 1, np.uint64),
        lambda: np.array(["\x1b[2J", "", "x" * 100]),
        lambda: np.full(array.shape, rng.choice(("", "\x1b", "\ud800", "1"))),
        lambda: np.zeros(array.shape, [("a", "<f4"), ("b", "<U2")]),
        lambda: np.zeros(array.shape, "<M8[s]"),
        lambda: np.concatenate([array.reshape(-1)] * 2),
    ]
    buffer = io.BytesIO()
    try:
        np.save(buffer, rng.choice(changes)(), allow_pickle=False)
    except (ValueError, TypeError, OverflowError, IndexError):  # not every array can be made of every other
        return content
    return buffer.getvalue()


def torch_file(data: bytes, rng: random.Random) -> bytes:
    """A file of torch with one to three values changed, or with its members altered as they stand."""
    if rng.random() < 0.4:
        held = members(data)
        at = rng.randrange(len(held))
        name, content = held[at]
        if rng.random() < 0.5:
            place = rng.randrange(len(content) or 1)
            content = content[:place] + rng.randbytes(rng.randrange(3)) + content[place + 1 :]
        else:
            content = content[: rng.randrange(len(content) + 1)]
        held[at] = name, content
        packed = zipped(held, zipfile.ZIP_STORED)
        return _lie(packed, rng) if rng.random() < 0.3 else packed
    content = torch.load(io.BytesIO(data), weights_only=True)
    for _ in range(rng.randrange(1, 4)):
        content = _other_value(content, rng)
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()


def _other_value(value: Any, rng: random.Random) -> Any:
    if isinstance(value, dict | list) and value and rng.random() < 0.95:
        copy = value.copy()
        key = rng.choice(list(value) if isinstance(value, dict) else range(len(value)))
        copy[key] = _other_value(value[key], rng)
        if rng.random() < 0.05:
            copy.pop(key)
        return copy
    if isinstance(value, list) and value and rng.random() < 0.4:
        return value * rng.choice((2, 600, 5000))  # more layers, classes, sizes than anybody has
    if isinstance(value, torch.Tensor) and _unchanged(value) and rng.random() < 0.8:
        return rng.choice(_TENSORS)(value)
    return rng.choice(_PLAIN)


def _unchanged(value: torch.Tensor) -> bool:
    """Whether no change before has made it one that only claims its size, or that torch cannot change."""
    if value.layout != torch.strided or value.device.type != "cpu" or value.is_quantized:
        return False
    return 0 < value.numel() <= value.untyped_storage().nbytes()


_TENSORS: tuple[Callable[[torch.Tensor], Any], ...] = (
    lambda t: t.to(torch.float64),
    lambda t: t.to(torch.int32),
    lambda t: t.to(torch.bfloat16),
    lambda t: t.to(torch.complex64),
    lambda t: t.reshape(-1),
    lambda t: t.reshape(-1)[:0],
    lambda t: t[None],
    lambda t: t.repeat(2, *[1] * max(0, t.ndim - 1)),
    lambda t: torch.full_like(t, float("nan")) if t.is_floating_point() else -t,
    lambda t: torch.full_like(t, float("inf")) if t.is_floating_point() else t + 1,
    lambda t: torch.full_like(t, 1e30) if t.is_floating_point() else t * 0 - 128,
    lambda t: t.reshape(-1)[:1].as_strided((1 << 40, 4), (0, 0)),
    lambda t: t.to_sparse(),
    lambda t: torch.nn.Parameter(t) if t.is_floating_point() else t,
    lambda t: t.to("meta"),
    lambda t: torch.quantize_per_tensor(t.float(), 0.1, 0, torch.qint8),
)


def shared(depth: int, width: int = 2) -> Any:
    """Lists that hold the next one `width` times: a small file, and `width ** depth` values."""
    value: Any = [1]
    for _ in range(depth):
        value = [value] * width
    return value


def deep(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = {"a": value}
    return value


_PLAIN: tuple[Any, ...] = (
    shared(11, 100),
    shared(2, 3000),
    shared(40),
    deep(300),
    [torch.zeros(1000, 1000)] * 5000,
    ["x" * 100_000] * 5000,
    [*map(str, range(200_000)), "199999"],  # names of which only the last two are equal
    "x" * 5000,
    "\u202ex",
    10**5000,
    "x" * 3_000_000,
    None,
    True,
    0,
    -1,
    1.5,
    float("nan"),
    float("inf"),
    1 << 16,
    1 << 40,
    1 << 70,
    "",
    "\x1b[2J",
    "../x",
    "\ud800",
    [],
    {},
    (),
    {1: 2},
    [None],
    torch.zeros(()),
    torch.zeros(3, dtype=torch.float64),
    torch.float32,
    torch.Size([3]),
)
