"""Start programs; from the second run on as forks of a process that has imported what they import.

A verification, or a search for a smaller case, runs many programs, and most of a short run is imports. A fork
is a process of its own, in a session of its own, with its own environment and files: nothing of one run
reaches another, and it is watched and ended as any other. One run alone would gain nothing.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import wait as until_ready
from pathlib import Path
from typing import IO

from snnc.io import forks

KILLED = -9
"""How a run counts as ended whose end nobody could tell: the process that it is a fork of was killed."""

PATIENCE = 60.0
"""Seconds within which the modules must be imported, and a fork be made; else a run is started without."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Programs that run alike: the Python, its options, and the modules that it imports for all of them."""

    python: str
    options: tuple[str, ...]
    modules: tuple[str, ...]


_ran: set[Kind] = set()
"""Kinds of which a program ran."""
_idle: dict[Kind, list[Warm]] = {}
"""For each kind, the processes of which no run is a fork now."""


def start(
    command: Sequence[str],
    *,
    modules: Sequence[str],
    options: Sequence[str] = (),
    lifeline: str = "",
    cwd: str | Path,
    env: Mapping[str, str],
    pass_fds: Sequence[int] = (),
    stdin: IO[bytes],
    stdout: IO[bytes],
    stderr: IO[bytes],
    start_new_session: bool = True,
) -> subprocess.Popen[bytes] | Fork:
    """Start `command`: a Python, its `options`, a script and its arguments; the rest as `subprocess.Popen`.

    `modules` are what its scripts import. `lifeline` names the variable of `env` that tells the one
    descriptor of `pass_fds`.

    Raises
    ------
    OSError
        If the Python cannot be started.
    """
    python, *arguments = command
    kind = Kind(python, tuple(options), tuple(modules))
    files = (stdin, stdout, stderr)
    if kind in _ran and start_new_session and hasattr(socket, "send_fds"):
        waiting = _idle.setdefault(kind, [])
        warm = waiting.pop() if waiting else Warm(kind, env)
        request = {"arguments": arguments[len(kind.options) :], "cwd": str(cwd), "env": dict(env)}
        fork = warm.fork(request | {"lifeline": lifeline}, [*(file.fileno() for file in files), *pass_fds])
        if fork is not None:
            return fork
    _ran.add(kind)
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
    """A process that has imported the modules of `kind`. It ends by itself when this one does."""

    def __init__(self, kind: Kind, env: Mapping[str, str]) -> None:
        self.kind = kind
        self.socket, theirs = socket.socketpair()
        self.socket.settimeout(PATIENCE)
        with theirs:
            self.process = subprocess.Popen(
                [kind.python, *kind.options, forks.__file__, str(theirs.fileno()), *kind.modules],
                cwd="/",
                env=env,
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )

    def fork(self, request: Mapping[str, object], descriptors: Sequence[int]) -> Fork | None:
        """A run of what is asked for; None if this process is gone, or has no such module."""
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
                _idle.setdefault(self._warm.kind, []).append(self._warm)
        return self.returncode

    def kill(self) -> None:
        """End it, unless it has ended: its number may be that of another process then."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)


def _end_all() -> None:
    for warm in [each for waiting in _idle.values() for each in waiting]:
        warm.end()
    _idle.clear()


atexit.register(_end_all)
if hasattr(os, "register_at_fork"):  # a fork of this process would speak to them too
    os.register_at_fork(after_in_child=_idle.clear)
