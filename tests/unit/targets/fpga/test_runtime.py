"""Verilator's runtime is compiled once on a machine, and again where anything of it may be another's.

The compiler is a script: it notes what it compiles, and its objects hold the source that it was given.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from snnc.errors import ExecutorError
from snnc.targets.fpga import runtime

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the compiler is a script of a POSIX shell")

COMPILER = """#!/bin/sh
cd "$(dirname "$0")"; here=$PWD; cd "$OLDPWD"
if [ "$1" = --version ]; then cat "$here/version"; exit; fi
for source; do :; done
sleep 0.1
echo "$source" >>"$here/log"
cat "$source" >"$(basename "$source" .cpp).o"
"""
BOTH = ["verilated.cpp", "verilated_threads.cpp"]


@dataclass
class Machine:
    """A Verilator in `root` and a compiler; `cache` is the folder of the user's cache."""

    folder: Path

    def __post_init__(self) -> None:
        self.root, self.program, self.cache = (self.folder / name for name in ("root", "g++", "cache"))
        (self.root / "include/vltstd").mkdir(parents=True)
        for name in (*BOTH, "verilated.h", "vltstd/svdpi.h"):
            (self.root / "include" / name).write_text(f"// {name}\n")
        self.program.write_text(COMPILER)
        self.program.chmod(0o755)
        (self.folder / "version").write_text("g++ 12\n")

    def objects(self) -> list[str]:
        """What the objects hold that a new process gets."""
        runtime._own.cache_clear()
        return [Path(path).read_text() for path in runtime.objects(self.root, [str(self.program)])]

    def compiled(self) -> list[str]:
        """The files that were compiled since this was asked last."""
        log = self.folder / "log"
        names = [Path(line).name for line in log.read_text().splitlines()] if log.exists() else []
        log.write_text("")
        return sorted(names)

    def kept(self) -> Path:
        (found,) = (self.cache / "snnc").iterdir()
        return found


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("CPATH", raising=False)
    return Machine(tmp_path)


RIGHT = [f"// {name}\n" for name in BOTH]


def test_a_second_process_compiles_nothing(machine: Machine) -> None:
    assert machine.objects() == RIGHT
    assert machine.compiled() == BOTH
    assert machine.objects() == RIGHT
    assert machine.compiled() == []


def test_of_two_that_need_it_one_compiles(machine: Machine) -> None:
    with ThreadPoolExecutor(2) as both:
        found = list(both.map(lambda _: machine.objects(), range(2)))
    assert found == [RIGHT, RIGHT]
    assert machine.compiled() == BOTH


def other_compiler(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(machine.program, machine.folder / "clang++")
    machine.program = machine.folder / "clang++"


def other_headers(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CPATH", "/opt/include")


def other_options(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "OPTIMISED", "-O0")


def other_text(name: str) -> Callable[[Machine, pytest.MonkeyPatch], None]:
    def change(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
        (machine.folder / name).write_text("13\n")

    return change


@pytest.mark.parametrize(
    "change",
    [
        other_text("version"),
        other_text("root/include/verilated.h"),
        other_text("root/include/vltstd/svdpi.h"),
        other_compiler,
        other_headers,
        other_options,
    ],
)
def test_of_another_compiler_or_verilator_nothing_is_taken(
    machine: Machine,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Machine, pytest.MonkeyPatch], None],
) -> None:
    machine.objects()
    before = machine.kept()
    machine.compiled()
    change(machine, monkeypatch)
    machine.objects()
    assert machine.compiled() == BOTH
    assert before in (machine.cache / "snnc").iterdir()
    assert machine.objects() == RIGHT
    assert machine.compiled() == []


@pytest.mark.parametrize("damage", ["cut", "gone", "no sums"])
def test_what_is_not_whole_is_compiled_again(machine: Machine, damage: str) -> None:
    machine.objects()
    machine.compiled()
    file = machine.kept() / ("sums" if damage == "no sums" else "verilated_threads.o")
    file.write_text("") if damage == "cut" else file.unlink()
    assert machine.objects() == RIGHT
    assert machine.compiled() == BOTH
    assert machine.objects() == RIGHT
    assert machine.compiled() == []


@pytest.mark.parametrize("which", ["snnc", "kept"])
@pytest.mark.parametrize("how", ["writable", "owned"])
def test_what_another_user_could_have_put_there_is_not_taken(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, which: str, how: str
) -> None:
    machine.objects()
    path = machine.kept()
    (path / "verilated.o").write_text("a stranger's")
    (path / "sums").write_text(runtime._sums(path))
    assert "a stranger's" in machine.objects()
    spoiled = path.parent if which == "snnc" else path
    if how == "writable":
        spoiled.chmod(0o777)
    elif os.geteuid() == 0:
        os.chown(spoiled, 12345, 12345)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert machine.objects() == RIGHT
    assert (path / "verilated.o").read_text() == "a stranger's"


def test_without_a_cache_each_process_compiles_its_own(machine: Machine) -> None:
    machine.cache.write_text("a file")
    for _ in range(2):
        assert machine.objects() == RIGHT
        assert machine.compiled() == BOTH


def test_whoever_empties_the_temporary_folders_stops_nobody(machine: Machine) -> None:
    machine.cache.write_text("a file")
    words = [str(machine.program)]
    first, _ = runtime.objects(machine.root, words)
    shutil.rmtree(Path(first).parent)
    again, _ = runtime.objects(machine.root, words)
    assert Path(again).read_text() == RIGHT[0]


def test_of_what_cannot_be_compiled_nothing_is_kept(machine: Machine) -> None:
    (machine.root / "include/verilated_threads.cpp").unlink()
    with pytest.raises(ExecutorError, match=r"the C\+\+ compiler"):
        machine.objects()
    assert list((machine.cache / "snnc").iterdir()) == []
