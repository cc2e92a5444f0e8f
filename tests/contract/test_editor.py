"""Types hold; an editor finds the packages of the top level under `snnc.`, also from another folder."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from places import ROOT

pytestmark = pytest.mark.slow

PROBE = """
from snnc.trainer.kernel import nothing_of_that_name
from snnc.hwsim.machine.run import run
import snnc.exporter.no_such_module
"""


def test_types_hold() -> None:
    """As `make lint` checks them; here beside other tests, as it takes half a minute."""
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "-p", "snnc"], capture_output=True, text=True, cwd=ROOT
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_pyright_follows_imports(tmp_path: Path) -> None:
    (tmp_path / "probe.py").write_text(PROBE)
    command = [sys.executable, "-m", "basedpyright", "--outputjson", "--level", "error"]
    command += ["--pythonpath", sys.executable, str(tmp_path / "probe.py")]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=120)
    found = {
        (one["range"]["start"]["line"], one["rule"]) for one in json.loads(ran.stdout)["generalDiagnostics"]
    }
    assert found == {(1, "reportAttributeAccessIssue"), (3, "reportMissingImports")}


def test_the_packages_of_the_top_level_are_linked() -> None:
    for name in ("trainer", "exporter", "targets", "hwsim"):
        assert (ROOT / "snnc" / name).readlink() == Path("..") / name
