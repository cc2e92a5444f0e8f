"""The environment of PyNN with Brian2 and NEST: every package of `program/requirements.txt`, by its hash."""

from __future__ import annotations

import os
import sys
from importlib.resources import files

from snnc.errors import ExecutorUnavailableError
from snnc.extras import remedy
from snnc.targets.locked import LOCK, Locked, find_uv

PYTHON_VARIABLE = "SNNC_PYNN_PYTHON"
VERSION = "3.11"
ISOLATED = ("-I", "-B")
"""Python imports from its own packages alone, not from PYTHONPATH or the user's; it writes no bytecode."""
NO_UV = (
    f"uv is not installed, which provides PyNN's environment; {remedy('lava')}, or set "
    f"{PYTHON_VARIABLE} to a Python {VERSION} in which "
    "`python -m pip install --no-deps --require-hashes -r requirements.txt` of the artifact was run"
)
_LEFT_OUT = ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "PYENV_VERSION", "__PYVENV_LAUNCHER__")


def _lock() -> bytes:
    return files(__package__).joinpath("program", LOCK).read_bytes()


ENVIRONMENT = Locked("PyNN", "pynn", VERSION, lambda: _lock())


def unavailable_reason() -> str | None:
    """Why PyNN cannot be run here and what to do, or None."""
    return None if os.environ.get(PYTHON_VARIABLE) or find_uv() else NO_UV


def command() -> list[str]:
    """Command line that runs a script with PyNN. May build its environment first.

    Raises
    ------
    ExecutorUnavailableError
        If it cannot be built; the text says what to do.
    """
    return [_given() or _built(), *ISOLATED]


def ready() -> str | None:
    """The Python with which `command` would run a script, or None if something has to be downloaded first.

    Whether one that a user names has PyNN, a run tells.
    """
    try:
        return _given() or _built(offline=True)
    except ExecutorUnavailableError:
        return None


def _given() -> str | None:
    path = os.environ.get(PYTHON_VARIABLE)
    return os.path.abspath(os.path.expanduser(path)) if path and os.sep in path else path or None


def _built(*, offline: bool = False) -> str:
    uv = find_uv()
    if uv is None:
        raise ExecutorUnavailableError(NO_UV)
    python = sys.executable if f"{sys.version_info.major}.{sys.version_info.minor}" == VERSION else None
    return ENVIRONMENT.build(uv, python, environment(), offline=offline)


def environment() -> dict[str, str]:
    """Variables for PyNN: nothing of ours leaks in, no bytecode is written, one thread computes."""
    inherited = {name: value for name, value in os.environ.items() if name not in _LEFT_OUT}
    threads = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    return inherited | threads | {"PYTHONDONTWRITEBYTECODE": "1"}
