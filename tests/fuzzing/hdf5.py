"""HDF5 files whose objects are sound, and not what they should be: h5py itself writes them, in memory."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from typing import Any

import h5py
import numpy as np

_HUGE = 1 << 40
_VALUES: tuple[Any, ...] = (
    "text",
    "",
    "\x1b[2J",
    b"\xff\xfe",
    0,
    -1,
    1.5,
    np.nan,
    np.inf,
    2**63 - 1,
    np.uint64(2**64 - 1),
    [],
    [1, 2, 3],
    np.zeros((2, 2)),
    ["a", "b"],
    h5py.Empty("f4"),
    np.zeros(2, [("a", "i4"), ("b", "S3")]),
    np.True_,
)


def hdf5(data: bytes, rng: random.Random) -> bytes:
    """One to three objects or attributes changed, left out, linked elsewhere or made huge."""
    buffer = io.BytesIO(data)
    with h5py.File(buffer, "r+") as file:
        for _ in range(rng.randrange(1, 4)):
            names: list[str] = []
            file.visit(names.append)
            if not names:
                break
            change = rng.choice(_CHANGES)
            try:
                change(file, rng.choice(names), rng)
            except (OSError, RuntimeError, ValueError, TypeError, KeyError, MemoryError):
                continue  # not every object can be made of every other
    return buffer.getvalue()


def _attribute(file: h5py.File, name: str, rng: random.Random) -> None:
    item = file[rng.choice((name, "/"))]
    keys = list(item.attrs)
    if keys and rng.random() < 0.8:
        key = rng.choice(keys)
        if rng.random() < 0.2:
            del item.attrs[key]
        else:
            item.attrs[key] = rng.choice(_VALUES)
    else:
        item.attrs["strange"] = rng.choice(_VALUES)


def _leave_out(file: h5py.File, name: str, rng: random.Random) -> None:
    del file[name]


def _rename(file: h5py.File, name: str, rng: random.Random) -> None:
    parent = name.rpartition("/")[0]
    file.move(name, f"{parent}/{rng.choice(('new', 'x' * 300, chr(27) + '[2J', '..', '0', ' '))}")


def _link(file: h5py.File, name: str, rng: random.Random) -> None:
    elsewhere = (
        h5py.ExternalLink("/etc/passwd", "/"),
        h5py.ExternalLink("input", "/"),
        h5py.SoftLink("/nowhere"),
        h5py.SoftLink(f"/{name}"),
        h5py.SoftLink("/"),
        file["/"],
    )
    del file[name]
    file[name] = rng.choice(elsewhere)


def _value(file: h5py.File, name: str, rng: random.Random) -> None:
    del file[name]
    file[name] = rng.choice(_VALUES)


def _numbers(file: h5py.File, name: str, rng: random.Random) -> None:
    """The same shape, other numbers or another type."""
    old = file[name]
    if not isinstance(old, h5py.Dataset) or old.shape is None or old.size > 1 << 20:
        return
    shape = old.shape
    del file[name]
    file[name] = rng.choice(
        (
            np.full(shape, rng.choice((np.nan, np.inf, -1.0, 1e300))),
            np.full(shape, rng.choice((-1, 2**31, 2**62, -(2**63)))),
            np.full(shape, 2**64 - 1, np.uint64),
            np.zeros(shape, np.int8),
            np.ones(shape, np.bool_),
            np.full(shape, b"x"),
            np.zeros(shape, np.complex64),
            np.zeros(shape, [("a", "i4")]),
        )
    )


def _shape(file: h5py.File, name: str, rng: random.Random) -> None:
    old = file[name]
    if not isinstance(old, h5py.Dataset):
        return
    values, dtype = old[()], old.dtype
    del file[name]
    flat = np.asarray(values).reshape(-1)
    shaped = (
        flat,
        flat[:0],
        flat[:1],
        np.asarray(values)[None],
        np.concatenate([flat, flat]),
        flat[0] if flat.size else 0,
    )
    file.create_dataset(name, data=rng.choice(shaped), dtype=dtype)


def _huge(file: h5py.File, name: str, rng: random.Random) -> None:
    """Much is declared, next to nothing is stored."""
    old = file[name]
    if not isinstance(old, h5py.Dataset):
        return
    dtype, ndim = old.dtype, len(old.shape or ())
    shape = tuple(rng.choice((_HUGE, 1 << 20, 3, 0)) for _ in range(ndim)) or (_HUGE,)
    if rng.random() < 0.5:
        shape = (*((old.shape or ())[:-1]), _HUGE)
    del file[name]
    layout = rng.choice(
        ({"chunks": (1,) * len(shape)}, {"chunks": tuple(min(n or 1, 64) for n in shape)}, {})
    )
    filters = {"compression": "gzip"} if layout and rng.random() < 0.5 else {}
    file.create_dataset(name, shape, dtype, **layout, **filters)


def _elsewhere(file: h5py.File, name: str, rng: random.Random) -> None:
    """The bytes lie in another file."""
    old = file[name]
    if not isinstance(old, h5py.Dataset) or not old.shape:
        return
    shape, dtype = old.shape, old.dtype
    del file[name]
    if rng.random() < 0.5:
        file.create_dataset(name, shape, dtype, external=[("/etc/passwd", 0, h5py.h5f.UNLIMITED)])
    else:
        layout = h5py.VirtualLayout(shape, dtype)
        layout[...] = h5py.VirtualSource(rng.choice(("/etc/passwd", "input", ".")), "x", shape)
        file.create_virtual_dataset(name, layout)


def _group(file: h5py.File, name: str, rng: random.Random) -> None:
    if isinstance(file[name], h5py.Dataset):
        del file[name]
        file.create_group(name)
    else:
        del file[name]
        file[name] = rng.choice(_VALUES)


def _ragged(file: h5py.File, name: str, rng: random.Random) -> None:
    old = file[name]
    shape = old.shape if isinstance(old, h5py.Dataset) and old.shape else (3,)
    kind = rng.choice(
        (h5py.vlen_dtype(np.float32), h5py.string_dtype(), h5py.ref_dtype, h5py.vlen_dtype(np.int64))
    )
    del file[name]
    file.create_dataset(name, shape, kind)


def _type(file: h5py.File, name: str, rng: random.Random) -> None:
    del file[name]
    file[name] = np.dtype("f4")


def _shared(file: h5py.File, name: str, rng: random.Random) -> None:
    """Groups that hold the next one twice: a tree that is read along every way has no end."""
    inner = file[name] if rng.random() < 0.5 else file.create_group(f"{name}-innermost")
    for number in range(rng.choice((1, 40))):
        group = file.create_group(f"{name}-{number}")
        group["a"] = group["b"] = inner
        inner = group


_CHANGES: tuple[Callable[[h5py.File, str, random.Random], None], ...] = (
    _attribute,
    _attribute,
    _leave_out,
    _rename,
    _link,
    _value,
    _numbers,
    _numbers,
    _shape,
    _huge,
    _elsewhere,
    _group,
    _ragged,
    _type,
    _shared,
)
