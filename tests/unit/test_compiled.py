"""`snnc.compiled`: machine code is kept where there is room, and no loop fails where there is none."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numba
import pytest
from numba.core.caching import FunctionCache
from outside import largest_file
from places import ROOT

from snnc import lasting
from snnc.compiled import LOCKS, ROOMS, _of, compiled
from snnc.io.folder_lock import directory_lock

pytestmark = pytest.mark.slow

SOURCE = """
from snnc.compiled import compiled

@compiled
def triple(number):
    return 3 * number
"""


@pytest.fixture
def triple(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "loops.py").write_text(SOURCE)
    spec = importlib.util.spec_from_file_location("loops", tmp_path / "loops.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.triple


def kept(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_machine_code_is_kept(triple, tmp_path: Path) -> None:
    assert triple(2) == 6
    assert {path.suffix for path in kept(tmp_path)} == {".nbi", ".nbc"}


@pytest.mark.skipif(sys.platform != "linux", reason="limits of Linux")
def test_a_full_disk_is_no_reason_to_stop(triple, tmp_path: Path) -> None:
    with largest_file(10):
        assert triple(2) == 6
    assert not kept(tmp_path)
    assert triple(2.0) == 6.0
    assert kept(tmp_path)


CALLER = """
from snnc.compiled import compiled
from inner import inner

@compiled
def outer(number):
    return inner(number)
"""
INNER = """
from snnc.compiled import compiled

@compiled
def inner(number):
    return {factor} * number
"""


def test_a_change_of_another_file_is_noticed(tmp_path: Path) -> None:
    """`inner` is compiled into `outer`, whose file stays as it is."""
    (tmp_path / "outer.py").write_text(CALLER)
    code = "from outer import outer; print(outer(2), sum(outer.stats.cache_hits.values()))"
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "cache"), "PYTHONDONTWRITEBYTECODE": "1"}
    found = []
    for factor in (3, None, 50):
        if factor is not None:
            (tmp_path / "inner.py").write_text(INNER.format(factor=factor))
        command = [sys.executable, "-c", code]
        found.append(subprocess.check_output(command, cwd=tmp_path, env=environment, text=True).split())
    assert found == [["6", "0"], ["6", "1"], ["100", "0"]]


def started(tmp_path: Path) -> subprocess.Popen[str]:
    """A process that says what `outer` gives, and how often it was compiled."""
    code = "from outer import outer; print(outer(2), sum(outer.stats.cache_misses.values()))"
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "cache"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", code]
    return subprocess.Popen(command, cwd=tmp_path, env=environment, text=True, stdout=subprocess.PIPE)


@pytest.mark.skipif(not LOCKS, reason="there are no locks")
def test_of_several_processes_one_compiles(tmp_path: Path) -> None:
    (tmp_path / "outer.py").write_text(CALLER)
    (tmp_path / "inner.py").write_text(INNER.format(factor=3))
    found = [process.communicate()[0].split() for process in [started(tmp_path) for _ in range(3)]]
    assert sorted(found) == [["6", "0"], ["6", "0"], ["6", "1"]]


@pytest.fixture
def told() -> Iterator[list[str]]:
    """What is said to last, and that it is over."""
    lines: list[str] = []

    @contextmanager
    def teller(text: str) -> Iterator[None]:
        lines.append(text)
        yield
        lines.append("done")

    lasting.tell_with(teller)
    yield lines
    lasting.tell_with(lasting._silent)


def test_compiling_is_told_while_it_lasts_and_once(triple, tmp_path: Path, told: list[str]) -> None:
    triple(2)
    assert told == ["compiling loops, once on this machine", "done"]
    triple(3)
    assert len(told) == 2  # it is compiled for integers
    spec = importlib.util.spec_from_file_location("loops", tmp_path / "loops.py")
    assert spec is not None
    assert spec.loader is not None
    again = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(again)
    assert again.triple(2) == 6
    assert len(told) == 2  # it is on disk


def test_what_cannot_be_kept_is_compiled_and_told_as_such(
    tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a package that may not be written, by a user without a home: numba finds no place."""
    monkeypatch.setattr(FunctionCache, "__init__", no_locator)
    assert compiled(lambda number: 3 * number)(2) == 6
    assert told == ["compiling loops, which cannot be kept here (snnc doctor)", "done"]


def test_nothing_is_loaded_from_the_working_folder(
    tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where numba falls back to a relative place; one that a user names may be relative."""
    monkeypatch.setattr(FunctionCache, "cache_path", property(lambda self: "numba/loops"))
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    assert compiled(lambda number: 3 * number)(2) == 6
    assert told == ["compiling loops, which cannot be kept here (snnc doctor)", "done"]


def no_locator(*_: object) -> None:
    raise RuntimeError("cannot cache function: no locator available")


def test_what_is_compiled_is_named_by_its_room() -> None:
    from snnc.hwsim.kernels import event_rows
    from snnc.verification.inputs.distances import __name__ as module

    assert _of(event_rows) == "the simulator"
    assert module.split(".")[1] in ROOMS


def test_who_stands_still_holds_nobody_up_for_ever(triple, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("snnc.compiled.PATIENCE", 0.1)
    with directory_lock(Path(triple._cache.cache_path)):
        assert triple(2) == 6
    assert triple(2.0) == 6.0


def test_line_coverage_leaves_the_files_of_loops_alone() -> None:
    """Its probes are calls of Python, which neither numba nor Triton can compile."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["slipcover"]
    rooms = [ROOT / room for room in settings["source"]]
    files = {path.resolve() for room in rooms for path in room.rglob("*.py")}
    loops = re.compile(r"^ *@(compiled|floats|triton\.jit)\b", re.M)
    decorated = {path for path in files if loops.search(path.read_text())}
    assert {path.relative_to(ROOT).as_posix() for path in decorated} == {
        name for name in settings["omit"] if name.endswith(".py")
    }
