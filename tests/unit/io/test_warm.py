"""Runs of Lava's programs as forks: each is as a process of its own would be, and none outlives its end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from snnc.io import warm
from snnc.targets.loihi import interpreter
from snnc.targets.processes import LIFELINE_VARIABLE, Finished, members, run_group

pytestmark = [
    pytest.mark.lava,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

TELLS = """
import json, os, sys
imported = "lava.magma.compiler.compiler" in sys.modules
print("err", file=sys.stderr)
open(os.environ["OWN"], "w").close()
left = "leftover" in os.environ or hasattr(os, "leftover")
os.environ["leftover"] = os.leftover = ""
print(json.dumps({"imported": imported, "parent": os.getppid(), "stdin": sys.stdin.read(), "left": left,
    "arguments": sys.argv, "folder": os.getcwd(), "name": __name__, "flags": str(sys.flags.isolated),
    "group": os.getpid() == os.getpgid(0) == os.getsid(0), "threads": os.environ["OMP_NUM_THREADS"],
    "lifeline": os.fstat(int(os.environ["LIFELINE"])).st_mode, "bytecode": sys.dont_write_bytecode,
    "descriptors": len(os.listdir("/proc/self/fd"))}))
sys.exit(7)
""".replace("LIFELINE", LIFELINE_VARIABLE)


@pytest.fixture
def python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Lava's Python, which nothing was started with."""
    monkeypatch.setattr(warm, "_ran", set())
    monkeypatch.setattr(warm, "_idle", {})
    yield interpreter.command(tmp_path)[0]
    warm._end_all()


def run(python: str, code: str, folder: Path, *arguments: str, time_limit: float = 60.0) -> Finished:
    script = folder / "script.py"
    script.write_text(code)
    return run_group(
        [python, *interpreter.ISOLATED, str(script), *arguments],
        cwd=folder,
        env=interpreter.environment() | {"OWN": str(folder / f"own{len(arguments)}")},
        time_limit=time_limit,
        stdin="given",
        start=interpreter.start,
    )


def idle(python: str) -> list[warm.Warm]:
    return warm._idle[warm.Kind(python, interpreter.ISOLATED, interpreter.IMPORTED)]


def server(python: str) -> int:
    """The process that the next run will be a fork of."""
    (found,) = idle(python)
    return found.process.pid


def test_a_fork_is_as_a_process_of_its_own(python: str, tmp_path: Path) -> None:
    first, *later = (run(python, TELLS, tmp_path, *["a b", "é"][:count]) for count in range(3))
    expected = json.loads(first.stdout)
    assert (expected["imported"], expected["parent"]) == (False, os.getpid())
    for count, found in enumerate(later, 1):
        assert (found.code, found.ended, found.stderr) == (7, "", "err\n")
        own = {"imported": True, "parent": server(python)}
        arguments = [*expected["arguments"], *["a b", "é"][:count]]
        assert json.loads(found.stdout) == expected | own | {"arguments": arguments}
        assert (tmp_path / f"own{count}").exists()
    assert expected["left"] is False
    assert expected["group"] is True


def test_a_fork_that_takes_too_long_is_ended_and_the_next_one_runs(python: str, tmp_path: Path) -> None:
    run(python, "", tmp_path)
    waiting = "import os, time\nopen('pid', 'w').write(str(os.getpid()))\nos.fork()\ntime.sleep(600)"
    assert run(python, "", tmp_path).code == 0
    found = run(python, waiting, tmp_path, time_limit=1.0)
    assert (found.code, found.ended) == (None, "the time limit of 1 s was reached")
    assert members(int((tmp_path / "pid").read_text())) == []
    assert run(python, "import os, signal; os.kill(os.getpid(), signal.SIGUSR1)", tmp_path).code == (
        -signal.SIGUSR1
    )
    assert run(python, "print(1)", tmp_path).stdout == "1\n"


def test_a_run_whose_server_is_killed_counts_as_killed(python: str, tmp_path: Path) -> None:
    for _ in range(2):
        run(python, "", tmp_path)
    kills = "import os, signal, time\nos.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(600)"
    assert run(python, kills, tmp_path).how == "it was ended by SIGKILL"
    assert run(python, "print(2)", tmp_path).stdout == "2\n"


def test_a_server_that_is_gone_is_not_asked(python: str, tmp_path: Path) -> None:
    for _ in range(2):
        run(python, "", tmp_path)
    os.kill(server(python), signal.SIGKILL)
    found = run(python, "import os; print(os.getppid())", tmp_path)
    assert found.stdout == f"{os.getpid()}\n"


def test_a_python_without_lava_starts_each_run_anew(python: str, tmp_path: Path) -> None:
    for _ in range(3):
        found = run(sys.executable, "import os; print(os.getppid())", tmp_path)
        assert found.stdout == f"{os.getpid()}\n"


def test_two_runs_at_once_are_forks_of_two(python: str, tmp_path: Path) -> None:
    """Here one starts while the other runs; threads would do the same."""
    run(python, "", tmp_path)
    (tmp_path / "script.py").write_text("")
    inner: list[Finished] = []

    def start(*arguments: object, **options: object) -> object:
        process = interpreter.start(*arguments, **options)  # type: ignore[arg-type]
        if not inner:
            inner.append(run(python, "print('inner')", tmp_path))
        return process

    outer = run_group(
        [python, *interpreter.ISOLATED, str(tmp_path / "script.py")],
        cwd=tmp_path,
        env=interpreter.environment(),
        time_limit=60,
        start=start,
    )
    assert (outer.code, inner[0].code, inner[0].stdout) == (0, 0, "inner\n")
    assert len(idle(python)) == 2


@pytest.mark.parametrize("killed", [False, True])
def test_nothing_is_left_when_snnc_ends(killed: bool, python: str, tmp_path: Path) -> None:
    code = f"""
import os, sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_warm import run, server
folder = Path({str(tmp_path)!r})
for _ in range(2):
    run({python!r}, "", folder)
print(server({python!r}), flush=True)
waiting = "import os, sys, time\\nopen('pid', 'w').write(str(os.getpid()))\\nos.replace('pid', 'ready')\\n"
if {killed}:
    run({python!r}, waiting + "os.read(int(os.environ[{LIFELINE_VARIABLE!r}]), 1)", folder)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        processes = [pid]
        if killed:
            deadline = time.monotonic() + 60
            while not (tmp_path / "ready").exists() and time.monotonic() < deadline:
                time.sleep(0.02)
            processes.append(int((tmp_path / "ready").read_text()))
            process.kill()
    deadline = time.monotonic() + 60
    while any(map(members, processes)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(members, processes))
