"""How compilers are started, and what becomes of them when they fail or a signal ends the command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from golden import GOLDEN, GoldenCase, artifact_of, assert_same_trace
from graph_cases import GraphCase
from graph_golden import GRAPH_GOLDEN
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


NO_LIBC = """\
arm-none-eabi/bin/ld: /usr/lib/libc.a(exit.o): in function `exit': undefined reference to `_exit'
collect2: error: ld returned 1 exit status
"""
LINKS = """\
#!/bin/sh
while [ "$1" != -o ]; do shift; done
{made} >"$2"
chmod +x "$2"
"""
"""A compiler whose program is what `made` writes."""


@pytest.mark.skipif(sys.platform == "win32", reason="shell scripts")
@pytest.mark.parametrize(
    ("script", "said"),
    [
        (
            f"#!/bin/sh\ncat >&2 <<END\n{NO_LIBC.replace('`', chr(92) + '`')}END\nexit 1\n",
            f"the C compiler (CC) failed with exit status 1: {NO_LIBC.splitlines()[0]}; ",
        ),
        ("#!/bin/sh\nexit 1\n", "the C compiler (CC) failed with exit status 1; "),
        (
            LINKS.format(made="printf '\\177ELF\\001\\001\\001of another machine'"),
            "the C program that CC makes does not run on this machine (Exec format error); ",
        ),
        ("#!/bin/sh\n", "the C compiler (CC) made no program, and ended without an error; "),
        (
            LINKS.format(made="printf '#!/bin/sh\\nkill -ILL $$\\n'"),
            "failed with exit status -4; ",
        ),
    ],
    ids=["no C library", "no word", "another machine", "nothing made", "illegal instruction"],
)
@pytest.mark.parametrize("graph", [GOLDEN[0], GRAPH_GOLDEN[0]], ids=["chain", "graph"])
def test_a_cross_compiler_is_named_with_the_remedy(
    script: str, said: str, graph: GoldenCase | GraphCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the first line, which is all that `snnc verify` prints."""
    compiler_of = written(tmp_path, script)
    monkeypatch.setenv("CC", compiler_of)
    with pytest.raises(ExecutorError) as found:
        CExecutor().run(artifact_of(graph.graph), graph.input)
    (line,) = str(found.value).replace(compiler_of, "CC", 1).splitlines()
    assert said in line
    assert line.endswith(
        "; if CC names a compiler for another machine, unset it here, or name one for this: CC=gcc"
    )
    assert found.value.__suppress_context__


def test_without_cc_its_name_is_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, "#!/bin/sh\nexit 1\n")
    (tmp_path / "mycc").rename(tmp_path / "gcc")
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(ExecutorError, match=r"the C compiler \(gcc\) failed .*; CC=COMPILER names another$"):
        compiler.build([["x.c"]], tmp_path)
