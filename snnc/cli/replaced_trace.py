"""A file that is there already where `snnc run` is to write a trace: only another trace is replaced."""

from __future__ import annotations

from pathlib import Path

from snnc.cli.inspect import describe
from snnc.cli.replacing import refused
from snnc.errors import SnncError


def refuse_other_file(option: str, path: Path) -> None:
    """Raise `InputError` if a file is at `path` that `snnc inspect` does not tell for a trace."""
    if not path.is_file() or not path.stat().st_size:
        return
    try:
        kind = describe(path).kind
    except SnncError:
        kind = ""
    if kind != "trace":
        raise refused(option, path, "no trace of `snnc run`")
