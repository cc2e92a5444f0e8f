"""Modules of simulators that are not installed beside snnc: their tests run in a process that sees both.

sinabs asks for an older nir than snnc. `make` installs it and Rockpool, without what they ask for, into a
folder of the environment (`tests/outside/requirements.txt`).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from places import ROOT, TESTS

pytestmark = pytest.mark.slow

FOREIGN = Path(sys.prefix) / "foreign"
FILES = ("sinabs_neurons.py", "sinabs_three_lines.py", "rockpool_neurons.py", "foreign_kinds.py")


def test_none_fails_and_none_is_skipped() -> None:
    if not FOREIGN.exists():
        pytest.skip(f"{FOREIGN} is absent; `make .venv/.ready-dev` installs sinabs and Rockpool there")
    paths = [str(TESTS / "outside" / each) for each in FILES]
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", *paths]
    environment = {**os.environ, "PYTHONPATH": str(FOREIGN)}
    environment.pop("PYTEST_ADDOPTS", None)  # the caller's plugins may be nowhere on that path
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    passed = re.search(r"^\d\d+ passed(, \d+ warnings?)? in.*\Z", done.stdout.rstrip(), re.MULTILINE)
    assert passed, done.stdout[-8000:] + done.stderr[-2000:]
