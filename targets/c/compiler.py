"""The C compiler of this machine."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path

from snnc.errors import ExecutorError, ExecutorUnavailableError, InputError
from snnc.io import files
from snnc.targets.programs import ExitError, StartError, call, calls
from snnc.text import shell

__all__ = ("ExitError", "build", "call", "calls", "command", "compile_c", "run", "unavailable_reason")

VARIABLE = "CC"
KNOWN = ("gcc", "cc", "clang")
PROGRAM = "the C program"
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


def machine() -> str:
    """The triple of the processor that the compiler says it compiles for; empty if it says none."""
    try:
        with files.temporary("snnc-c-") as folder:
            said = call([*command(), "-dumpmachine"], folder, TIME_LIMIT, "the C compiler").strip()
    except (ExecutorError, InputError):
        return ""
    return said if said.isprintable() and " " not in said else ""


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


def build(commands: Sequence[Sequence[str]], folder: Path) -> None:
    """As `compile_c`, programs that are to run on this machine; errors say how another compiler is named."""
    try:
        compile_c(commands, folder)
    except ExitError as error:
        raise ExitError(error.status, f"{error}; {_other_compiler()}") from None


def run(
    words: Sequence[str], folder: Path, limit: float, *, given: Path | None = None, out: Path | None = None
) -> str:
    """Run `words`, a program of `build`, as `call` does, within `limit` seconds.

    Raises as `call`; of a program that this machine cannot run, `ExecutorError` names its compiler.
    """
    try:
        return call(words, folder, limit, PROGRAM, given=given, out=out)
    except StartError as error:
        made = f"{PROGRAM} that {shell(*command())} makes does not run on this machine ({error.why})"
        if not Path(words[0]).exists():
            made = f"the C compiler ({shell(*command())}) made no program, and ended without an error"
        raise ExecutorError(f"{made}; {_other_compiler()}") from None
    except ExitError as error:
        if error.status >= 0:
            raise
        raise ExitError(error.status, f"{error}; {_other_compiler()}") from None  # a signal ended it


def _other_compiler() -> str:
    """The remedy, where a compiler is for another machine, or damaged."""
    if os.environ.get(VARIABLE, "").strip():
        return (
            f"if {VARIABLE} names a compiler for another machine, unset it here, or name one for this: CC=gcc"
        )
    return f"{VARIABLE}=COMPILER names another"
