"""Find how to run a script that needs Lava: Python 3.10, and numpy and packages of its own.

In this order: the interpreter that `SNNC_LAVA_PYTHON` names (used as it is if it has Lava); else uv builds
an environment (`environment.py`) on a Python 3.10 found on PATH or among pyenv's, or on one that uv finds or
downloads itself. All artifacts share it.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from snnc.errors import ExecutorUnavailableError
from snnc.extras import remedy
from snnc.io import warm
from snnc.targets.locked import find_uv
from snnc.targets.loihi.environment import build
from snnc.targets.processes import LIFELINE_VARIABLE

PYTHON_VARIABLE = "SNNC_LAVA_PYTHON"
VERSION = (3, 10)
ISOLATED = ("-I", "-B")
"""Python imports from its own packages alone, not from PYTHONPATH or the user's; it writes no bytecode."""
OWN_PYTHON = (
    f"set {PYTHON_VARIABLE} to a Python 3.10 in which "
    "`python -m pip install --no-deps --require-hashes -r requirements.txt` of the artifact was run"
)
REMEDY = f"{remedy('lava')}, or {OWN_PYTHON}"
IMPORTED = (
    "lava.magma.compiler.compiler",
    "lava.magma.core.run_configs",
    "lava.magma.runtime.runtime",
    "lava.proc.dense.models",
    "lava.proc.io.source",
    "lava.proc.lif.models",
)
"""What every program imports. Nothing that one replaces, as `run_netx.py` does modules of lava-dl."""
_KEEP_MEMORY = {
    # Lava's DelayDense makes arrays of a megabyte in every step. By default, glibc returns each of them to
    # the system and the next one is paged in again: a quarter of the time of a run. Only glibc reads these.
    "MALLOC_MMAP_THRESHOLD_": str(1 << 25),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 30),
    "MALLOC_TOP_PAD_": str(1 << 26),
}

_PROBE = """
import sys
from importlib.util import find_spec
print(*sys.version_info[:2], int(find_spec("lava") is not None and find_spec("lava.magma") is not None))
"""

start = partial(warm.start, options=ISOLATED, modules=IMPORTED, lifeline=LIFELINE_VARIABLE)
"""As `subprocess.Popen`, for a `command` with its arguments."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python that was run: its path, version, and whether it has Lava."""

    path: str
    version: tuple[int, int]
    has_lava: bool


@cache
def probe(path: str | Path) -> Interpreter | None:
    """Run the Python at `path`, once; None if it does not run (a pyenv shim can be there and fail)."""
    try:
        done = subprocess.run(
            [str(path), *ISOLATED, "-c", _PROBE],
            capture_output=True,
            text=True,
            timeout=30,
            env=environment(),
            check=True,
        )
        major, minor, lava = map(int, done.stdout.split())
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return Interpreter(str(path), (major, minor), bool(lava))


def candidates() -> Iterator[Path]:
    """Where a Python 3.10 may be: PATH, then pyenv's versions, newest first."""
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        path = Path(folder, "python3.10")
        if folder and path.is_file():
            yield path
    versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv", "versions")
    found = [p for p in versions.glob("3.10.*/bin/python") if p.parts[-3].split(".")[-1].isdigit()]
    yield from sorted(found, key=lambda p: int(p.parts[-3].split(".")[-1]), reverse=True)


def chosen() -> Interpreter | None:
    """The interpreter that `SNNC_LAVA_PYTHON` names, or None if it is not set.

    Raises
    ------
    ExecutorUnavailableError
        If it does not run or is no Python 3.10.
    """
    path = os.environ.get(PYTHON_VARIABLE)
    if not path:
        return None
    if os.sep in path:  # the program is started in another folder
        path = os.path.abspath(os.path.expanduser(path))
    interpreter = probe(path)
    if interpreter is None:
        raise ExecutorUnavailableError(f"{PYTHON_VARIABLE}={path} does not run; unset it, or {OWN_PYTHON}")
    if interpreter.version != VERSION:
        found = ".".join(map(str, interpreter.version))
        raise ExecutorUnavailableError(
            f"{PYTHON_VARIABLE}={path} is Python {found}, Lava 0.10 needs 3.10; unset it, or {OWN_PYTHON}"
        )
    return interpreter


def find_python() -> str | None:
    """Path of a Python 3.10 that runs, for uv to build on; None leaves the choice to uv."""
    for path in candidates():
        interpreter = probe(path)
        if interpreter is not None and interpreter.version == VERSION:
            return interpreter.path
    return None


def command(script: Path) -> list[str]:
    """Command line that runs `script` with Lava; arguments may follow it. May build an environment first.

    Raises
    ------
    ExecutorUnavailableError
        If neither a Python with Lava nor uv is there, or uv fails; the text says what to install.
    """
    interpreter = chosen()
    if interpreter is not None and interpreter.has_lava:
        return [interpreter.path, *ISOLATED, str(script)]
    return [_built(interpreter), *ISOLATED, str(script)]


def ready() -> str | None:
    """The Python with which `command` would run a script, or None if something has to be downloaded first.

    Raises
    ------
    ExecutorUnavailableError
        If what `SNNC_LAVA_PYTHON` names is no Python 3.10.
    """
    interpreter = chosen()
    if interpreter is not None and interpreter.has_lava:
        return interpreter.path
    try:
        return _built(interpreter, offline=True)
    except ExecutorUnavailableError:
        return None


def _built(interpreter: Interpreter | None, *, offline: bool = False) -> str:
    """The Python of Lava's environment, on `interpreter` or on one that is found."""
    uv = find_uv()
    if uv is None:
        raise ExecutorUnavailableError(f"uv is not installed, which provides Lava's environment; {REMEDY}")
    python = interpreter.path if interpreter is not None else find_python()
    try:
        return build(uv, python, environment(), offline=offline)
    except ExecutorUnavailableError as error:
        first, *tail = error.args
        raise ExecutorUnavailableError(f"{first}, or {OWN_PYTHON}", *tail) from error


def unavailable_reason() -> str | None:
    """Why Lava cannot be run here and what to do, or None."""
    try:
        if chosen() is None and find_uv() is None:
            return f"uv is not installed, which provides Lava's environment; {REMEDY}"
    except ExecutorUnavailableError as error:
        return str(error)
    return None


def environment() -> dict[str, str]:
    """Variables for Lava: nothing of ours leaks in, no bytecode is written, memory is kept."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "PYENV_VERSION", "__PYVENV_LAUNCHER__")
    }
    # A process of Lava does small sums; a thread pool in each of twenty only costs.
    threads = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    return _KEEP_MEMORY | inherited | threads | {"PYTHONDONTWRITEBYTECODE": "1"}
