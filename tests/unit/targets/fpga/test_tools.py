"""Which Verilator is taken, and what is said where none can be."""

from __future__ import annotations

from pathlib import Path

import pytest

from snnc.errors import ExecutorUnavailableError
from snnc.targets.fpga import tools

PROGRAM = "bin/verilator_bin"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a program of Verilator that is on PATH, and none of its files."""
    (tmp_path / "bin").mkdir()
    (tmp_path / PROGRAM).write_text("")
    (tmp_path / PROGRAM).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("VERILATOR_ROOT", raising=False)
    monkeypatch.setattr(tools.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(tools, "SYSTEM", ())
    return tmp_path


def add_files(root: Path, version: str) -> None:
    (root / "include").mkdir(parents=True)
    (root / "include/verilated.h").write_text("")
    (root / "include/verilated_config.h").write_text(f'#define VERILATOR_VERSION "{version}"\n')


@pytest.mark.parametrize("root", [".", "share/verilator"])
def test_the_files_lie_beside_the_program(installed: Path, root: str) -> None:
    add_files(installed / root, "5.020 2024-01-01")
    assert tools.verilator() == tools.Verilator(installed / PROGRAM, installed / root)


def test_the_root_of_the_environment_is_taken(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_files(installed / "elsewhere", "5.020 2024-01-01")
    with pytest.raises(ExecutorUnavailableError, match=r"bin/verilator_bin was found, .* set VERILATOR_ROOT"):
        tools.verilator()
    monkeypatch.setenv("VERILATOR_ROOT", str(installed / "elsewhere"))
    assert tools.verilator().root == installed / "elsewhere"


@pytest.mark.parametrize(
    ("version", "said"),
    [("4.228 2022-10-01", "is version 4.228, 5 or later"), ("", "does not say its version")],
)
def test_an_old_version_is_refused(installed: Path, version: str, said: str) -> None:
    add_files(installed / "share/verilator", version)
    assert said in str(tools.unavailable_reason())
