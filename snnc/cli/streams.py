"""The standard streams of a command: it must not matter whether they are open, nor what they can encode."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper


@contextmanager
def ready() -> Iterator[None]:
    """In this block all three streams are open, and what stdout and stderr cannot encode is escaped.

    A stream that the caller closed goes nowhere: else the next file opened would get what is printed. Names
    of files are any bytes, and a terminal may know ASCII alone: what is printed, is printed somehow.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115 (it takes the stream's free number)
    streams = [s for s in (sys.stdout, sys.stderr) if isinstance(s, TextIOWrapper)]
    before = [stream.errors for stream in streams]
    for stream in streams:
        stream.reconfigure(errors="backslashreplace")
    try:
        yield
    finally:
        for stream, errors in zip(streams, before, strict=True):
            with suppress(OSError, ValueError):  # it is full, or closed
                stream.reconfigure(errors=errors)
