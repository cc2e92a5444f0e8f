"""Verilator's runtime, compiled once for all processes of a run of the tests; every core has the same."""

from __future__ import annotations

import shutil
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace

import pytest
from filelock import FileLock

from snnc.targets.fpga import simulation


def share(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `simulation` find in `folder` what another process compiled; the first one compiles as ever."""
    compiled = simulation._runtime_folder

    @lru_cache(maxsize=1)
    def shared(root: Path, compiler: tuple[str, ...]) -> SimpleNamespace:
        there = folder / "runtime"
        with FileLock(folder / "lock"):
            if not there.is_dir():
                new = shutil.copytree(compiled(root, compiler).path, folder / "new", dirs_exist_ok=True)
                new.rename(there)
        return SimpleNamespace(path=there)

    monkeypatch.setattr(simulation, "_runtime_folder", shared)
