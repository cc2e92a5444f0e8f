"""The C compiler of this machine."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path

from snnc.errors import ExecutorUnavailableError
from snnc.targets.programs import ExitError, call, calls

__all__ = ("ExitError", "call", "calls", "command", "compile_c", "unavailable_reason")

VARIABLE = "CC"
KNOWN = ("gcc", "cc", "clang")
TIME_LIMIT = 600.0
"""Seconds; a network of some hundred thousand synapses compiles in one."""


def command() -> list[str]:
    """The compiler and what `CC` adds to it.

    Raises
    ------
    ExecutorUnavailableError
        If there is none.
    """
    if given := shlex.split(os.environ.get(VARIABLE, "")):
        if shutil.which(given[0]) is None:
            raise ExecutorUnavailableError(
                f"{VARIABLE}={given[0]!r} is not a program; unset it or correct it"
            )
        if os.sep in given[0]:  # it is called in another folder
            given[0] = os.path.abspath(given[0])
        return given
    for name in KNOWN:
        if shutil.which(name):
            return [name]
    raise ExecutorUnavailableError(
        f"no C compiler was found ({', '.join(KNOWN)}); install one, or name yours in {VARIABLE}"
    )


def unavailable_reason() -> str | None:
    """Why nothing can be compiled here, or None."""
    try:
        command()
    except (ExecutorUnavailableError, ValueError) as error:  # ValueError: a quote in CC is not closed
        return str(error)
    return None


def compile_c(commands: Sequence[Sequence[str]], folder: Path) -> None:
    """Run the compiler in `folder` with the arguments of each of `commands`, all side by side.

    Raises
    ------
    ExecutorUnavailableError
        If there is no compiler.
    ExecutorError
        If one fails, or they take longer than `TIME_LIMIT`.
    """
    calls([[*command(), *arguments] for arguments in commands], folder, TIME_LIMIT, "the C compiler")
