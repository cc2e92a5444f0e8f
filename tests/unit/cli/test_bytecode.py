"""`snnc.cli.bytecode`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import snnc
from snnc.cli.bytecode import cut_short

SNNC = "import sys; from snnc.cli import main; sys.exit(main(['targets']))"


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": ""}
    return subprocess.run(
        [sys.executable, "-c", SNNC], cwd=folder, env=environment, capture_output=True, text=True
    )


@pytest.mark.parametrize("module", ["cli/app", "targets/registry"])
def test_a_compiled_file_that_is_cut_short_is_named(tmp_path: Path, module: str) -> None:
    """Before a command begins, and in one."""
    shutil.copytree(
        Path(snnc.__file__).parent, tmp_path / "snnc", ignore=shutil.ignore_patterns("*.nb?", "*.pyc")
    )
    assert run(tmp_path).returncode == 0
    source = tmp_path / "snnc" / f"{module}.py"
    (kept,) = (source.parent / "__pycache__").glob(f"{source.stem}.*.pyc")
    kept.write_bytes(kept.read_bytes()[:100])
    done = run(tmp_path)
    assert done.returncode == 2
    assert done.stderr == f"snnc: {kept}: Python did not write all of it (a full disk?); remove it\n"
    kept.unlink()
    assert run(tmp_path).returncode == 0


def test_other_files_are_not_compiled_ones() -> None:
    assert cut_short(EOFError("Ran out of input")) is None
    assert cut_short(ValueError()) is None
