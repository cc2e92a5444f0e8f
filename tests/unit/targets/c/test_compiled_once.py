"""What the tests share of the C compiler: never what another program, flag or compiler makes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import compiled_once
import pytest

from snnc.errors import ExecutorError
from snnc.targets.c import compiler

pytestmark = pytest.mark.slow
PROGRAM = '#include "n.h"\nint main(void) { return N + EXTRA; }\n'


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "kept").mkdir()
    compiled_once.share(tmp_path / "kept", monkeypatch)
    return tmp_path


def built(folder: Path, header: int, extra: int) -> Path:
    folder.mkdir()
    (folder / "main.c").write_text(PROGRAM)
    (folder / "n.h").write_text(f"#define N {header}\n")
    compiler.compile_c([["main.c", f"-DEXTRA={extra}", "-o", "run"]], folder)
    return folder / "run"


def status(program: Path) -> int:
    return subprocess.run([program], check=False).returncode


def test_equal_programs_are_compiled_once_and_others_are_not_taken_for_them(shared: Path) -> None:
    first, again = built(shared / "a", 3, 4), built(shared / "b", 3, 4)
    assert first.samefile(again)
    assert [status(each) for each in (first, again)] == [7, 7]
    assert status(built(shared / "c", 3, 5)) == 8
    assert status(built(shared / "d", 2, 5)) == 7
    assert sorted(path.name for path in (shared / "b").iterdir()) == ["main.c", "n.h", "run"]


def test_another_compiler_and_another_limit_take_nothing(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built(shared / "a", 3, 4)
    with monkeypatch.context() as changed:
        changed.setattr(compiler, "TIME_LIMIT", 0.0)
        with pytest.raises(ExecutorError, match="took more than 0 s"):
            built(shared / "b", 3, 4)
    monkeypatch.setenv("CC", "false")
    with pytest.raises(ExecutorError, match="failed with exit status 1"):
        built(shared / "c", 3, 4)


def test_what_fails_is_not_kept(shared: Path) -> None:
    for name in ("a", "b"):
        (shared / name).mkdir()
        (shared / name / "main.c").write_text("int main(void) { return N; }\n")
        with pytest.raises(ExecutorError, match="failed with exit status 1"):
            compiler.compile_c([["main.c"]], shared / name)
    assert not list((shared / "kept").iterdir())
