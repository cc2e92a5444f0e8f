"""Compiled files of Python that a full disk cut short.

Before 3.12.8, Python keeps what fits of a compiled file and takes it for whole the next time; the import then
ends with an `EOFError` (https://github.com/python/cpython/issues/126606).
"""

from __future__ import annotations

import traceback

from snnc.text import one_line


def cut_short(error: Exception) -> str | None:
    """What to say if an import raised `error`, with the path of the compiled file; else None."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_name == "_compile_bytecode" and "importlib" in frame.f_code.co_filename:
            path = frame.f_locals.get("bytecode_path")
            return f"snnc: {one_line(str(path))}: Python did not write all of it (a full disk?); remove it"
    return None
