"""Changes of bytes that know nothing of the format but a few of its words."""

from __future__ import annotations

import random

WORDS = (
    b"PK\x03\x04",
    b"PK\x01\x02",
    b"PK\x05\x06",
    b"\x89HDF\r\n\x1a\n",
    b"TREE",
    b"HEAP",
    b"SNOD",
    b"OHDR",
    b"GCOL",
    b"BTHD",
    b"\x93NUMPY\x01\x00",
    b"descr",
    b"fortran_order",
    b"|O",
    b"<U4",
    b"(" * 300,
    b"[" * 3000,
    b"{" * 3000,
    b"data.pkl",
    b"../",
    b"\x80\x02",
    b"cposix\nsystem\n",
    b"NaN",
    b"-Infinity",
    b"1e999",
    b"9" * 5000,
    b"\\ud800",
    b"null",
    b"true",
    b'""',
    b"\xff\xfe",
    b"\x00" * 8,
    b"\xff" * 8,
    b"\x7f" + b"\xff" * 7,
)


def mutate(data: bytes, rng: random.Random) -> bytes:
    """One to eight of: a bit, a byte, a number, a word, a stretch moved, doubled, left out; the end cut."""
    changed = bytearray(data)
    for _ in range(2 ** rng.randrange(4)):
        rng.choice(_CHANGES)(changed, rng)
    return bytes(changed)


def _place(data: bytearray, rng: random.Random) -> int:
    """Anywhere; often near an end, where formats keep what they say of themselves."""
    near = min(len(data), 512)
    return rng.choice(
        (rng.randrange(len(data) + 1), rng.randrange(near + 1), len(data) - rng.randrange(near + 1))
    )


def _bit(data: bytearray, rng: random.Random) -> None:
    if data:
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def _number(data: bytearray, rng: random.Random) -> None:
    size, place = rng.choice((1, 2, 4, 8)), _place(data, rng)
    value = rng.choice((0, 1, -1, 1 << (8 * size - 1), (1 << (8 * size - 1)) - 1, rng.getrandbits(8 * size)))
    data[place : place + size] = (value % (1 << (8 * size))).to_bytes(size, rng.choice(("little", "big")))


def _word(data: bytearray, rng: random.Random) -> None:
    word, place = rng.choice(WORDS), _place(data, rng)
    data[place : place + rng.choice((0, len(word)))] = word


def _splice(data: bytearray, rng: random.Random) -> None:
    start, place = _place(data, rng), _place(data, rng)
    part = data[start : start + rng.randrange(1, 200)]
    data[place : place + rng.choice((0, len(part)))] = part


def _leave_out(data: bytearray, rng: random.Random) -> None:
    place = _place(data, rng)
    del data[place : place + rng.randrange(1, 100)]


def _cut(data: bytearray, rng: random.Random) -> None:
    del data[_place(data, rng) :]


_CHANGES = (_bit, _bit, _bit, _number, _number, _word, _splice, _leave_out, _cut)
