"""Run programs of this machine, side by side, and end them whatever happens."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from snnc.errors import ExecutorError
from snnc.io.regular import open_regular
from snnc.io.signals import defer_signals, owed

_ERRORS = ("error", "undefined reference", "cannot find")
_OF_LINKER = ("collect2: error", "clang: error: linker")


class ExitError(ExecutorError):
    """A program ended with the exit status `status`, which is not 0."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class StartError(ExecutorError):
    """A program cannot be started; `why` is what the system says."""

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why


def call(
    words: Sequence[str],
    folder: Path,
    time_limit: float,
    what: str,
    *,
    given: Path | None = None,
    out: Path | None = None,
    variables: Mapping[str, str] | None = None,
) -> str:
    """Run `words` in `folder`, with the files `given` and `out`, if named, for stdin and stdout.

    `variables` are set in its environment, besides those of this process.

    Returns what it wrote to stdout, if not to `out`. Raises `StartError` if it cannot be started,
    `ExitError` if it fails, `ExecutorError` if it is too slow.
    """
    return calls([words], folder, time_limit, what, given, out, variables)[0]


def calls(
    commands: Sequence[Sequence[str]],
    folder: Path,
    time_limit: float,
    what: str,
    given: Path | None = None,
    out: Path | None = None,
    variables: Mapping[str, str] | None = None,
) -> list[str]:
    """Run all `commands` side by side in `folder`; what each wrote to stdout. Raises as `call`.

    However it ends, by the first failure or by a signal too, neither they nor what they started run on: each
    leads a process group of its own, since a compiler is many programs. So Ctrl-C is for this process alone.
    """
    started: list[subprocess.Popen[str]] = []
    kill = owed(lambda: _kill_all(started))
    end = time.monotonic() + time_limit
    try:
        for words in commands:
            try:
                with defer_signals():
                    started.append(_start(words, folder, given, out, variables))
            except OSError as error:
                why = error.strerror or str(error)
                raise StartError(why, f"{what} ({words[0]}) cannot be started ({why})") from error
        return [
            _output(process, words, end, time_limit, what)
            for process, words in zip(started, commands, strict=True)
        ]
    finally:
        kill()


def _start(
    words: Sequence[str],
    folder: Path,
    given: Path | None,
    out: Path | None,
    variables: Mapping[str, str] | None,
) -> subprocess.Popen[str]:
    with ExitStack() as files:  # the process has descriptors of its own
        return subprocess.Popen(
            words,
            cwd=folder,
            env=None if variables is None else {**os.environ, **variables},
            stdin=files.enter_context(open_regular(given)) if given else subprocess.DEVNULL,
            stdout=files.enter_context(out.open("wb")) if out else subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )


def _output(
    process: subprocess.Popen[str], words: Sequence[str], end: float, time_limit: float, what: str
) -> str:
    """What it wrote to stdout, once it ended."""
    try:
        said, complaint = process.communicate(timeout=max(0.0, end - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise ExecutorError(f"{what} ({words[0]}) took more than {time_limit:.0f} s and was ended") from None
    if process.returncode != 0:
        status = process.returncode
        failed = f"{what} ({words[0]}) failed with exit status {status}"
        raise ExitError(status, f"{failed}: {why}" if (why := _telling(complaint)) else failed)
    return said or ""


def _telling(complaint: str) -> str:
    """The line of what a program wrote to stderr that tells most; "" if there is none.

    The first error, but for what a compiler says of its linker's, which stands above; else the last line.
    """
    lines = [line.strip() for line in complaint.splitlines() if line.strip()]
    errors = [line for line in lines if any(word in line.lower() for word in _ERRORS)]
    own = [line for line in errors if not line.startswith(_OF_LINKER)]
    return next(iter([*own, *errors, *lines[-1:]]), "")


def _kill_all(started: Sequence[subprocess.Popen[str]]) -> None:
    for process in started:
        _kill(process)


def _kill(process: subprocess.Popen[str]) -> None:
    """End it and its group, unless its end was seen: its number may be another's by now."""
    if process.returncode is None:
        if hasattr(os, "killpg"):
            with suppress(
                ProcessLookupError, PermissionError
            ):  # it is gone; to some systems a zombie is barred
                os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    with process:  # closes its pipes and waits
        pass
