"""Lava's environment: every package of `program/requirements.txt`, in that version and with these hashes.

Lava is archived and its dependencies are not: without the lock another day would give another environment.
"""

from __future__ import annotations

from importlib.resources import files

from snnc.targets.locked import LOCK, Locked, python_of

__all__ = ["ENVIRONMENT", "LOCK", "build", "cached", "python_of"]


def _lock() -> bytes:
    return files("snnc.targets.loihi").joinpath("program", LOCK).read_bytes()


ENVIRONMENT = Locked("Lava", "lava", "3.10", lambda: _lock())
cached, build = ENVIRONMENT.cached, ENVIRONMENT.build
