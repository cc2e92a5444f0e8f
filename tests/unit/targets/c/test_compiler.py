"""How compilers are started, and what becomes of them when they fail or a signal ends the command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from golden import GOLDEN, artifact_of, assert_same_trace
from places import SNNC

from snnc.errors import ExecutorError
from snnc.targets.c import compiler
from snnc.targets.c.executor import CExecutor

pytestmark = pytest.mark.slow

SCRIPT = "#!/bin/sh\necho $$ >>{pids}\nsleep 45 &\necho $! >>{pids}\nwait\n"
"""A compiler that takes its time, in a process of its own."""


def written(folder: Path, text: str) -> str:
    fake = folder / "mycc"
    fake.write_text(text)
    fake.chmod(0o755)
    return str(fake)


def pids(file: Path) -> list[int]:
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def alive(pid: int) -> bool:
    """Whether it runs; a zombie does not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return state.stdout.strip()[:1] not in ("", "Z")


def gone(numbers: list[int]) -> bool:
    """Whether all end within moments."""
    end = time.monotonic() + 5
    while any(map(alive, numbers)) and time.monotonic() < end:
        time.sleep(0.05)
    return not any(map(alive, numbers))


@pytest.mark.skipif(sys.platform == "win32", reason="signals and process groups")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_verify_and_its_compilers(tiny_artifact: Path, tmp_path: Path, number: int) -> None:
    log = tmp_path / "pids"
    command = [*SNNC, "verify", str(tiny_artifact), "--dataset", "none"]
    environment = {**os.environ, "CC": written(tmp_path, SCRIPT.format(pids=log)), "TMPDIR": str(tmp_path)}
    command += ["--generated", "0", "--executors", "c"]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    try:
        end = time.monotonic() + 100
        while len(pids(log)) < 8 and running.poll() is None and time.monotonic() < end:
            time.sleep(0.05)
        assert len(pids(log)) == 8  # four builds
        running.send_signal(number)
        assert running.wait(timeout=15) == 128 + number
        assert gone(pids(log))
        assert not list(tmp_path.glob("snnc-c-*"))
    finally:
        running.kill()
        running.wait()
        for pid in filter(alive, pids(log)):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.skipif(sys.platform == "win32", reason="process groups")
def test_the_first_failure_ends_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "pids"
    fails = '#!/bin/sh\ntest "$1" = bad && exit 3\n' + SCRIPT.format(pids=log).partition("\n")[2]
    monkeypatch.setenv("CC", written(tmp_path, fails))
    began = time.monotonic()
    with pytest.raises(ExecutorError, match="failed with exit status 3"):
        compiler.compile_c([["bad"], ["good"], ["good"]], tmp_path)
    assert time.monotonic() - began < 30
    assert gone(pids(log))


def test_a_compiler_that_is_too_slow_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "pids"
    monkeypatch.setenv("CC", written(tmp_path, SCRIPT.format(pids=log)))
    monkeypatch.setattr(compiler, "TIME_LIMIT", 1.0)
    with pytest.raises(ExecutorError, match="took more than 1 s and was ended"):
        compiler.compile_c([["x.c"], ["y.c"]], tmp_path)
    assert gone(pids(log))


def test_a_build_that_fails_leaves_the_last_one(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = GOLDEN[0], GOLDEN[-1]
    executor = CExecutor()
    assert_same_trace(executor.run(artifact_of(one.graph), one.input), one.layers)
    with monkeypatch.context() as changed:
        changed.setenv("CC", "false")
        with pytest.raises(ExecutorError, match="failed with exit status 1"):
            executor.run(artifact_of(other.graph), other.input)
    for each in (one, other):
        assert_same_trace(executor.run(artifact_of(each.graph), each.input), each.layers)
