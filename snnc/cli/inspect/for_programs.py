"""Files that snnc writes for other programs: events for that of an export, and what TensorBoard reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from snnc.cli.inspect.description import Description
from snnc.errors import InputError
from snnc.io.regular import open_regular

WRITTEN = "as `snnc run --write-input` writes them"
IN_C = f"events as bytes of 0 and 1, {WRITTEN} for a program of the target c"
IN_HEXADECIMAL = f"events in hexadecimal, {WRITTEN} for a core of the target fpga"
_LINE = 12
"""Bytes of a line in hexadecimal."""
_CHUNK = _LINE << 16
_END = b"10000000000\n"
_LINES = re.compile(rb"(?:0[0-9a-f]{10}\n|10000000000\n)+")
_TENSORBOARD = b"brain.Event:"
"""The version that is in the first record."""


def describe(path: Path) -> Description | None:
    """None if it is no such file, or like any other: bytes with payloads above 1, or silence alone."""
    try:
        with open_regular(path) as file:
            start = file.read(64)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    if _TENSORBOARD in start:
        return Description("log of a training for TensorBoard, as `snnc train --log-dir` writes it")
    if _LINES.fullmatch(start[: len(start) // _LINE * _LINE]):
        return _in_hexadecimal(path)
    return None if start.strip(b"\0\1") else _in_bytes(path)


def _in_hexadecimal(path: Path) -> Description | None:
    steps = lines = 0
    for chunk in _chunks(path):
        if not _LINES.fullmatch(chunk):
            return None
        steps += chunk.count(_END)
        lines += len(chunk) // _LINE
    return Description(IN_HEXADECIMAL, {"steps of all samples": steps, "events": lines - steps})


def _in_bytes(path: Path) -> Description | None:
    size = events = 0
    for chunk in _chunks(path):
        if chunk.strip(b"\0\1"):
            return None
        size += len(chunk)
        events += chunk.count(1)
    facts = {
        "bytes": size,
        "events": events,
        "samples, steps, lines": "not in the file: a sample is SNN_STEPS * SNN_INPUTS bytes (snn.h)",
    }
    return Description(IN_C, facts) if events else None


def _chunks(path: Path) -> Iterator[bytes]:
    with open_regular(path) as file:
        while chunk := file.read(_CHUNK):
            yield chunk
