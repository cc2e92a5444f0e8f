"""The C compiler of this machine."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from snnc.errors import ExecutorError, ExecutorUnavailableError

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
            raise ExecutorUnavailableError(f"{VARIABLE}={given[0]!r} is no program; unset it or correct it")
        return given
    for name in KNOWN:
        if shutil.which(name):
            return [name]
    raise ExecutorUnavailableError(
        f"there is no C compiler ({', '.join(KNOWN)}); install one, or name yours in {VARIABLE}"
    )


def missing() -> str | None:
    """Why nothing can be compiled here, or None."""
    try:
        command()
    except (ExecutorUnavailableError, ValueError) as error:  # ValueError: a quote in CC is not closed
        return str(error)
    return None


def compile_c(arguments: Sequence[str], folder: Path) -> None:
    """Run the compiler with `arguments` in `folder`.

    Raises
    ------
    ExecutorUnavailableError
        If there is no compiler.
    ExecutorError
        If it fails, or takes longer than `TIME_LIMIT`.
    """
    call([*command(), *arguments], folder, TIME_LIMIT, "the C compiler")


def call(words: Sequence[str], folder: Path, time_limit: float, what: str) -> str:
    """Run `words` in `folder`; what it wrote to stdout. Raises `ExecutorError` if it fails or is too slow."""
    try:
        done = subprocess.run(
            words,
            cwd=folder,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=time_limit,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ExecutorError(f"{what} ({words[0]}) took more than {time_limit:.0f} s and was ended") from None
    except OSError as error:
        raise ExecutorError(f"{what} ({words[0]}) cannot be started ({error.strerror})") from error
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        why = [line for line in said if "error" in line.lower()] or said[-1:]
        raise ExecutorError(f"{what} ({words[0]}) failed with exit status {done.returncode}", *why[:1])
    return done.stdout
