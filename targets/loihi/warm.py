"""Start Lava's programs; from the second run on as forks of a process that has imported Lava (`forks.py`).

A verification, or a search for a smaller case, runs many programs, and most of a short run is imports. A fork
is a process of its own, in a session of its own, with its own environment and files: nothing of one run
reaches another, and it is watched and ended as any other. One run alone would gain nothing.
"""

from __future__ import annotations

import atexit
import json
import os
import socket
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from multiprocessing.connection import wait as until_ready
from pathlib import Path
from typing import IO

from snnc.targets.loihi import forks
from snnc.targets.loihi.interpreter import ISOLATED, environment
from snnc.targets.loihi.processes import LIFELINE_VARIABLE, Process

KILLED = -9
"""How a run counts as ended whose end nobody could tell: the process that it is a fork of was killed."""

PATIENCE = 60.0
"""Seconds within which Lava must be imported, and a fork be made; else a run is started without."""

_ran: set[str] = set()
"""Pythons that ran a program."""
_idle: dict[str, list[Warm]] = {}
"""For each Python, the processes of which no run is a fork now."""


def start(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    pass_fds: tuple[int],
    stdin: IO[bytes],
    stdout: IO[bytes],
    stderr: IO[bytes],
    start_new_session: bool,
) -> Process:
    """Start a `command` of `interpreter.command`; arguments and result as those of `subprocess.Popen`."""
    python, *arguments = command
    files = (stdin, stdout, stderr)
    if python in _ran and start_new_session and hasattr(socket, "send_fds"):
        waiting = _idle.setdefault(python, [])
        warm = waiting.pop() if waiting else Warm(python)
        request = {"arguments": arguments[len(ISOLATED) :], "cwd": str(cwd), "env": dict(env)}
        fork = warm.fork(
            {**request, "lifeline": LIFELINE_VARIABLE}, [*(f.fileno() for f in files), *pass_fds]
        )
        if fork is not None:
            return fork
    _ran.add(python)
    return subprocess.Popen(
        command,
        cwd=cwd,
        env=env,
        pass_fds=pass_fds,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        start_new_session=start_new_session,
    )


class Warm:
    """A process of `python` that has imported Lava. It ends by itself when this one does."""

    def __init__(self, python: str) -> None:
        self.python = python
        self.socket, theirs = socket.socketpair()
        self.socket.settimeout(PATIENCE)
        with theirs:
            self.process = subprocess.Popen(
                [python, *ISOLATED, forks.__file__, str(theirs.fileno())],
                cwd="/",
                env=environment(),
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )

    def fork(self, request: Mapping[str, object], descriptors: Sequence[int]) -> Fork | None:
        """A run of what is asked for; None if this process is gone, or has no Lava."""
        with tempfile.TemporaryFile("w+", encoding="ascii") as file:
            json.dump(request, file)
            file.seek(0)
            try:
                socket.send_fds(self.socket, [b"!"], [file.fileno(), *descriptors])
            except OSError:
                pid = None
            else:
                pid = self.answer()
        if pid is None:
            self.end()
            return None
        return Fork(self, pid)

    def answer(self) -> int | None:
        """The next number that it says, None if it is gone."""
        try:
            said = self.socket.recv(forks.NUMBER.size, socket.MSG_WAITALL)
        except OSError:
            return None
        return forks.NUMBER.unpack(said)[0] if len(said) == forks.NUMBER.size else None

    def end(self) -> None:
        self.socket.close()
        self.process.kill()  # it has nothing to tidy up
        self.process.wait()


class Fork:
    """A run, as `subprocess.Popen` would show it."""

    def __init__(self, warm: Warm, pid: int) -> None:
        self._warm, self.pid = warm, pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """How it ended, or None."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """How it ended. Raises `subprocess.TimeoutExpired` if it has not within `timeout` seconds."""
        if self.returncode is None:
            if not until_ready([self._warm.socket], timeout):
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
            code = self._warm.answer()
            if code is None:
                self.returncode = KILLED
                self._warm.end()
            else:
                self.returncode = code
                _idle.setdefault(self._warm.python, []).append(self._warm)
        return self.returncode


def _end_all() -> None:
    for warm in [each for waiting in _idle.values() for each in waiting]:
        warm.end()
    _idle.clear()


atexit.register(_end_all)
if hasattr(os, "register_at_fork"):  # a fork of this process would speak to them too
    os.register_at_fork(after_in_child=_idle.clear)
