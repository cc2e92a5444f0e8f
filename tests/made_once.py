"""Folders that several files of tests read, each made by one of the processes that run tests."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def made_once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """The folder `name`, which `make` fills: who asks first does it, others wait. Do not change it.

    Of what fails nothing is left; the next one tries again, so that each of their tests fails.
    """
    here = tmp_path_factory.getbasetemp()
    shared = here.parent if "PYTEST_XDIST_WORKER" in os.environ else here
    there = shared / name
    with FileLock(shared / f"{name}.lock"):
        if not there.is_dir():
            new = tmp_path_factory.mktemp(name)
            make(new)
            new.rename(there)
    return there
