"""HDF5 content that libhdf5 cannot bear, made of content that it wrote."""

from __future__ import annotations

import re


def endless(data: bytes) -> bytes:
    """The first object of each heap says a size that leads from it to itself again."""
    changed, heaps = bytearray(data), [match.start() for match in re.finditer(b"GCOL", data)]
    assert heaps
    for start in heaps:
        changed[start + 24 : start + 32] = (2**64 - 16).to_bytes(8, "little")
    return bytes(changed)


def crashing(data: bytes) -> bytes:
    """Types of variable length are of a kind that there is not."""
    changed, count = re.subn(
        rb"\x19[\x00\x01]([\x00\x01]\x00\x10\x00\x00\x00)", lambda found: b"\x19\x08" + found[1], data
    )
    assert count
    return changed
