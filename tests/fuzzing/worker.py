"""A process that reads cases, so that one that hangs or dies takes nothing else with it."""

from __future__ import annotations

import multiprocessing
import resource
import signal
import time
from multiprocessing.connection import Connection
from pathlib import Path

from fuzzing.targets import make_targets
from fuzzing.trial import MEMORY, SECONDS, STATUS, Finding, attempt, seconds

Case = tuple[str, int]


class Worker:
    """One process and the case that it reads; started anew after it was ended."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._context = folder, multiprocessing.get_context("spawn")
        self._case: Case | None = None
        self._late = 0.0
        self._begin()

    def _begin(self) -> None:
        self._ours, theirs = self._context.Pipe()
        self._process = self._context.Process(target=_serve, args=(self._folder, theirs), daemon=True)
        self._process.start()
        theirs.close()
        self._suffixes: dict[str, str] = self._ours.recv()

    @property
    def names(self) -> list[str]:
        """Of all readers."""
        return list(self._suffixes)

    @property
    def busy(self) -> bool:
        return self._case is not None

    def file(self, name: str) -> Path:
        """Where the last case of reader `name` lies."""
        return self._folder / f"input{self._suffixes[name]}"

    def start(self, name: str, number: int) -> None:
        self._case, self._late = (name, number), time.monotonic() + seconds() + 5
        self._ours.send(self._case)

    def ready(self, seconds: float) -> bool:
        """Whether there is a result within `seconds`: its own, or that it hangs."""
        return self._ours.poll(seconds) or time.monotonic() > self._late

    def result(self) -> tuple[Case, Finding | None]:
        case, self._case = self._case, None
        assert case is not None
        try:
            if self._ours.poll():
                return case, self._ours.recv()
            what = f"no end after some {SECONDS + 5} s, not even for a signal"
        except EOFError:
            self._process.join()
            what = f"the process died ({self._process.exitcode})"
        self.close()
        self._begin()
        return case, Finding(*case, what)

    def close(self) -> None:
        self._process.kill()
        self._process.join()


def _serve(folder: Path, pipe: Connection) -> None:
    targets = {target.name: target for target in make_targets(folder / "seeds")}
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # commands that made the files have set another
    size = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmSize"))
    most = (int(size.split()[1]) << 10) + 3 * MEMORY  # what is above MEMORY is found, and the machine is safe
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    pipe.send({name: target.suffix for name, target in targets.items()})
    while True:
        name, number = pipe.recv()
        pipe.send(attempt(targets[name], number, folder))
