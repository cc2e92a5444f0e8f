"""Types hold; an editor finds the packages of the top level under `snnc.`, also from another folder."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from doc_pages import blocks
from places import ROOT

pytestmark = pytest.mark.slow

DROP_SMALL = '"""Pass: leave out synapses whose weight is small."""'
"""The first line of the pass of the page."""
PROBE = """
from snnc.trainer.kernel import nothing_of_that_name
from snnc.hwsim.machine.run import run
import snnc.exporter.no_such_module
"""


def test_types_hold() -> None:
    """As `make lint` checks them; here beside other tests, as it takes half a minute."""
    assert_types("-p", "snnc")


def test_types_hold_in_the_pass_of_the_docs(tmp_path: Path) -> None:
    """Who begins with it passes `make lint`."""
    (block,) = [each for each in blocks() if each.key == ("add_a_pass.md", DROP_SMALL)]
    (tmp_path / "drop_small.py").write_text(block.text)
    assert_types(str(tmp_path / "drop_small.py"))


def assert_types(*checked: str) -> None:
    ran = subprocess.run([sys.executable, "-m", "mypy", *checked], capture_output=True, text=True, cwd=ROOT)
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
