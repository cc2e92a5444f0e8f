"""Run a command in a process group of its own, and leave nothing of it behind.

Lava starts a process for each part of a network. If one fails, or the one that started them is killed, the
others wait for ever and their shared memory stays. So whatever happens here, the whole group is ended.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

SHARED_MEMORY = Path("/dev/shm")


@dataclass(frozen=True, slots=True)
class Finished:
    """`code` is the exit status, or None if the command was ended for the reason in `ended`."""

    code: int | None
    ended: str
    stdout: str
    stderr: str


def run_group(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    time_limit: float,
    fatal: str = "Traceback (most recent call last)",
    grace: float = 3.0,
) -> Finished:
    """Run `command` for at most `time_limit` seconds.

    A command that writes `fatal` to stderr gets `grace` seconds to end by itself. Interrupts (Ctrl-C) end
    the group too.
    """
    with tempfile.TemporaryFile("w+b") as out, tempfile.TemporaryFile("w+b") as err:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        try:
            ended = _wait(process, time_limit, fatal, grace, err.fileno())
        finally:
            end_group(process)
        return Finished(
            None if ended else process.returncode, ended, _text(out.fileno()), _text(err.fileno())
        )


def _wait(process: subprocess.Popen[bytes], time_limit: float, fatal: str, grace: float, stderr: int) -> str:
    deadline = time.monotonic() + time_limit
    failing = False
    while True:
        try:
            process.wait(timeout=0.1)
        except subprocess.TimeoutExpired:
            pass
        else:
            return ""
        if time.monotonic() > deadline:
            return (
                "it failed and did not end" if failing else f"the time limit of {time_limit:g} s was reached"
            )
        if not failing and fatal in _text(stderr):
            failing, deadline = True, time.monotonic() + grace


def _text(descriptor: int) -> str:
    """Content so far; by position, because the child writes through the same file offset."""
    return os.pread(descriptor, os.fstat(descriptor).st_size, 0).decode("utf-8", "replace")


def end_group(process: subprocess.Popen[bytes], patience: float = 3.0) -> None:
    """End every process of the group that `process` leads, and remove the shared memory they mapped.

    SIGTERM comes first: Python's resource tracker outlives it and removes what its processes leave.
    """
    group = process.pid
    segments = shared_memory(group)
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(group, number)
        waited = time.monotonic() + patience
        while (alive := process.poll() is None or bool(members(group))) and time.monotonic() < waited:
            time.sleep(0.02)
        if not alive:
            break
    for segment in segments:
        (SHARED_MEMORY / segment).unlink(missing_ok=True)


def members(group: int) -> list[int]:
    """Running processes of a process group; zombies do not count. Empty where there is no /proc."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # pid (name, which may hold spaces and brackets) state parent group ...
            state, _, pgrp = stat.read_text().rpartition(")")[2].split()[:3]
            if int(pgrp) == group and state not in "ZX":
                found.append(int(stat.parent.name))
    return found


def shared_memory(group: int) -> set[str]:
    """Names of the POSIX shared memory that Python processes of the group have mapped."""
    names = set()
    for pid in members(group):
        with suppress(OSError):
            for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
                path = line.partition("/")[1] + line.partition("/")[2]
                if path.startswith(f"{SHARED_MEMORY}/psm_"):
                    names.add(path.removeprefix(f"{SHARED_MEMORY}/").removesuffix(" (deleted)"))
    return names
