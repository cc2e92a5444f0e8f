"""The command line. Each command is a file of its own and imports what it needs when it runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run `snnc` with `argv` (default: the process's); returns the exit code.

    0 done and, for `verify`, equal; 1 not equal; 2 bad input; 70 a fault of snnc; 130 interrupted; the others
    stand in `docs/ci.md`.
    """
    _open_closed_streams()
    from snnc.cli.app import app

    # Waiting threads of torch must not spin: beside other work, training took four times as long.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        app(args=None if argv is None else list(argv), prog_name="snnc")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 2
    return 0


def _open_closed_streams() -> None:
    """Streams that the caller closed go nowhere: else the next file opened would get what is printed."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115 (it takes the stream's free number)
