"""Running a command in a group of its own: whatever it does, it ends, and nothing of it stays."""

from __future__ import annotations

import _thread
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from snnc.targets.processes import SHARED_MEMORY, Finished, members, run_group

pytestmark = pytest.mark.slow

FAMILY = """
import os, sys, time
from multiprocessing import shared_memory
from pathlib import Path
shared_memory._SHM_NAME_PREFIX = "/" + os.environ["SNNC_SHARED_MEMORY_PREFIX"]
def write(name, text):
    Path("part").write_text(text)
    os.replace("part", name)  # who sees the name finds the whole text
if os.fork() == 0:
    block = shared_memory.SharedMemory(create=True, size=64)
    write("segment", block.name)
    write("child", str(os.getpid()))
    time.sleep(600)
while not Path("child").exists():
    time.sleep(0.01)
write("parent", str(os.getpid()))
"""


def run(code: str, folder: Path, time_limit: float = 60.0, grace: float = 0.3) -> Finished:
    return run_group(
        [sys.executable, "-c", code], cwd=folder, env=os.environ, time_limit=time_limit, grace=grace
    )


def nothing_is_left(folder: Path) -> bool:
    """Neither of the two processes of FAMILY runs, and their shared memory is gone."""
    assert not members(int((folder / "parent").read_text()))
    for name in ("parent", "child"):
        stat = Path("/proc", (folder / name).read_text(), "stat")
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has ended
            assert stat.read_text().rpartition(")")[2].split()[0] in "ZX"
    return not (SHARED_MEMORY / (folder / "segment").read_text()).exists()


needs_proc = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="reads /proc to see what is left"
)


def test_output_and_status_come_back(tmp_path: Path) -> None:
    finished = run("import sys; print('out'); print('err', file=sys.stderr); sys.exit(7)", tmp_path)
    assert finished == Finished(7, "", "out\n", "err\n")


@needs_proc
def test_command_that_fails_but_hangs_is_ended(tmp_path: Path) -> None:
    waiting = FAMILY + "\nprint('Traceback (most recent call last)', file=sys.stderr)\ntime.sleep(600)"
    finished = run(waiting, tmp_path)
    assert finished.code is None
    assert finished.ended == "it failed and did not end"
    assert nothing_is_left(tmp_path)


def test_time_limit_is_named(tmp_path: Path) -> None:
    finished = run("import time; time.sleep(600)", tmp_path, time_limit=0.2)
    assert (finished.code, finished.ended) == (None, "the time limit of 0.2 s was reached")


@needs_proc
def test_child_that_outlives_its_parent_is_ended(tmp_path: Path) -> None:
    assert run(FAMILY + "\nos._exit(0)", tmp_path).code == 0
    assert nothing_is_left(tmp_path)


@pytest.mark.skipif(not SHARED_MEMORY.is_dir(), reason="shared memory is no file here")
def test_shared_memory_that_nobody_maps_is_removed_and_that_of_others_is_not(tmp_path: Path) -> None:
    code = """
import os
import _posixshmem
own = os.environ["SNNC_SHARED_MEMORY_PREFIX"]
for name in (own + "0a1b", own[:-1] + "~0a1b"):
    os.close(_posixshmem.shm_open("/" + name, os.O_CREAT | os.O_EXCL | os.O_RDWR, mode=0o600))
    print(name)
"""
    finished = run(code, tmp_path)
    own, other = (SHARED_MEMORY / name for name in finished.stdout.split())
    try:
        assert other.exists()
        assert not own.exists()
    finally:
        other.unlink(missing_ok=True)
        own.unlink(missing_ok=True)


def test_each_run_has_a_prefix_that_python_can_use(tmp_path: Path) -> None:
    code = """
import os
from multiprocessing import shared_memory
shared_memory._SHM_NAME_PREFIX = "/" + os.environ["SNNC_SHARED_MEMORY_PREFIX"]
print(os.environ["SNNC_SHARED_MEMORY_PREFIX"], shared_memory._make_filename())
"""
    prefixes = set()
    for _ in range(3):
        prefix, name = run(code, tmp_path).stdout.split()
        assert name.startswith(f"/{prefix}")
        assert len(name) > len(prefix) + 4
        prefixes.add(prefix)
    assert len(prefixes) == 3


def test_text_is_given_on_stdin(tmp_path: Path) -> None:
    code = "import sys; print(sys.stdin.read().upper(), end='')"
    finished = run_group(
        [sys.executable, "-c", code], cwd=tmp_path, env=os.environ, time_limit=60, stdin="a\nb"
    )
    assert finished.stdout == "A\nB"
    assert run(code, tmp_path).stdout == ""


@needs_proc
def test_process_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + FAMILY + "\nos._exit(0)"
    run(deaf, tmp_path)
    assert nothing_is_left(tmp_path)


@needs_proc
def test_interrupt_ends_the_group(tmp_path: Path) -> None:
    def interrupt() -> None:
        while not (tmp_path / "parent").exists():
            time.sleep(0.01)
        _thread.interrupt_main()

    # A test run that a script started in the background ignores SIGINT.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    thread = threading.Thread(target=interrupt, daemon=True)
    try:
        with pytest.raises(KeyboardInterrupt):  # noqa: PT012
            thread.start()
            run(FAMILY + "\ntime.sleep(600)", tmp_path)
    finally:
        signal.signal(signal.SIGINT, before)
    assert nothing_is_left(tmp_path)


@needs_proc
def test_sigterm_ends_what_a_command_started(tmp_path: Path) -> None:
    """The command line turns SIGTERM into an orderly end, so that `finally` takes Lava down."""
    code = f"""
import os, sys
from pathlib import Path
from snnc.io import signals
from snnc.targets.processes import run_group
with signals.by_signals():
    run_group([sys.executable, "-c", {FAMILY + "time.sleep(600)"!r}],
              cwd=Path({str(tmp_path)!r}), env=os.environ, time_limit=60.0)
"""
    process = subprocess.Popen([sys.executable, "-c", code])
    deadline = time.monotonic() + 60
    while not (tmp_path / "parent").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.terminate()
    assert process.wait(timeout=30) == 128 + signal.SIGTERM
    assert nothing_is_left(tmp_path)
