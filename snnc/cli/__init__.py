"""The command line. Each command is a file of its own and imports what it needs when it runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from snnc.cli import console, streams
from snnc.cli.bytecode import cut_short
from snnc.cli.memory import OUT_OF_MEMORY, is_of_memory
from snnc.io import signals
from snnc.lasting import tell_with

_ENDS = {"SIGINT": "interrupted"}


def main(argv: Sequence[str] | None = None) -> int:
    """Run `snnc` with `argv` (default: the process's); returns the exit code.

    0 done and, for `verify`, equal; 1 not equal; 2 bad input; 70 a fault of snnc; 130 interrupted; the others
    stand in `docs/ci.md`.
    """
    with streams.ready():
        return _main(argv)


def _main(argv: Sequence[str] | None) -> int:
    # Waiting threads of torch must not spin: beside other work, training took four times as long.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    tell_with(console.lasting)
    code: object = 0
    with signals.by_signals() as came:
        try:
            from snnc.cli.app import command_line

            command_line()(args=None if argv is None else list(argv), prog_name="snnc")
        except SystemExit as stop:
            code = stop.code
        except Exception as error:  # before a command began
            said = OUT_OF_MEMORY if is_of_memory(error) else cut_short(error)
            if said is None:
                raise
            print(said, file=sys.stderr)
            code = 2  # Python's own exit code, 1, would say "not equal"
    if number := came():
        with suppress(OSError):  # after SIGHUP nobody may be there to read it
            print(f"snnc: {_ENDS.get(number.name, f'ended by {number.name}')}", file=sys.stderr)
        return 128 + number
    return code if isinstance(code, int) else 0 if code is None else 2
