"""Run a command in a process group of its own, and leave nothing of it behind.

Lava starts a process for each part of a network. If one fails, or the one that started them is killed, the
others wait for ever and their shared memory stays. So whatever happens here, the whole group is ended. Should
this process be killed (SIGKILL), a pipe to the command closes, by which it knows.

Shared memory is known by its name: the command is told a prefix that no other run has. What its processes
have mapped would not do, because one that is ended may have made a segment and not mapped it yet.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from snnc.errors import InputError

SHARED_MEMORY = Path("/dev/shm")
PREFIX_VARIABLE = "SNNC_SHARED_MEMORY_PREFIX"
"""Tells the command how to begin the names of its shared memory; at most 9 characters, for Python's sake."""
LIFELINE_VARIABLE = "SNNC_LIFELINE"
"""Tells the command the file descriptor of a pipe that closes when this process is gone."""


class Process(Protocol):
    """What is used of a `subprocess.Popen`."""

    pid: int
    returncode: int | None

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...


@dataclass(frozen=True, slots=True)
class Finished:
    """`code` is the exit status, or None if the command was ended for the reason in `ended`."""

    code: int | None
    ended: str
    stdout: str
    stderr: str

    @property
    def how(self) -> str:
        """How it ended, in a few words."""
        if self.code is not None and self.code < 0:
            return f"it was ended by {signal.Signals(-self.code).name}"
        return self.ended or f"exit status {self.code}"

    @property
    def tail(self) -> str:
        """The last lines it wrote to stderr."""
        return "\n".join(self.stderr.strip().splitlines()[-15:])


def seconds_of(variable: str) -> float | None:
    """Seconds by an environment variable, or None. Raises `InputError` if it holds no positive number."""
    if not (text := os.environ.get(variable)):
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not seconds > 0:
        raise InputError(f"{variable}={text!r} is not a positive number of seconds")
    return seconds


def run_group(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    time_limit: float,
    stdin: str = "",
    fatal: str = "Traceback (most recent call last)",
    grace: float = 3.0,
    start: Callable[..., Process] = subprocess.Popen,
) -> Finished:
    """Run `command` for at most `time_limit` seconds; `start` takes the arguments of `subprocess.Popen`.

    `PREFIX_VARIABLE` and `LIFELINE_VARIABLE` are added to `env`. A command that writes `fatal` to stderr gets
    `grace` seconds to end by itself. Interrupts (Ctrl-C) end the group too.
    """
    prefix = f"snn{secrets.token_urlsafe(4)}"
    file = tempfile.TemporaryFile
    with file("w+b") as given, file("w+b") as out, file("w+b") as err, _lifeline() as lifeline:
        given.write(stdin.encode())
        given.seek(0)
        process = start(
            command,
            cwd=cwd,
            env={**env, PREFIX_VARIABLE: prefix, LIFELINE_VARIABLE: str(lifeline)},
            pass_fds=(lifeline,),
            stdin=given,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        try:
            ended = _wait(process, time_limit, fatal, grace, err.fileno())
        finally:
            with _undisturbed():
                end_group(process)
                remove_shared_memory(prefix)
        return Finished(
            None if ended else process.returncode, ended, _text(out.fileno()), _text(err.fileno())
        )


@contextmanager
def _lifeline() -> Iterator[int]:
    """The end of a pipe to hand on. The other end is ours alone, and closes with us."""
    ends = os.pipe()
    try:
        yield ends[0]
    finally:
        for end in ends:
            os.close(end)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ignore a second Ctrl-C; it must not stop the tidying that the first one began."""
    if threading.current_thread() is not threading.main_thread():  # which alone is interrupted
        yield
        return
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _wait(process: Process, time_limit: float, fatal: str, grace: float, stderr: int) -> str:
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


def end_group(process: Process, patience: float = 3.0) -> None:
    """End every process of the group that `process` leads.

    SIGTERM comes first: it lets Lava's processes, and what tracks their resources, tidy up.
    """
    group = process.pid
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(group, number)
        waited = time.monotonic() + patience
        while (alive := process.poll() is None or bool(members(group))) and time.monotonic() < waited:
            time.sleep(0.02)
        if not alive:
            break


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


def remove_shared_memory(prefix: str) -> None:
    """Remove the POSIX shared memory whose name begins with `prefix`; for when nobody is left to make more.

    Linux alone shows it as files; elsewhere there is nothing to do.
    """
    for segment in SHARED_MEMORY.glob(f"{prefix}*"):
        segment.unlink(missing_ok=True)
