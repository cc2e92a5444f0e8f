"""Commands that are killed, starved or crossed by others: run in forks of a process that has all imported.

`Teller` starts that process, which tells the stories below on `model.pt` and `other.pt` of a folder. Forks,
since to start anew for each moment would take a minute; in a process of its own, since pytest must not fork.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from models import ON_GOLDEN

from snnc.cli import main
from snnc.targets.processes import members

OUT = "out.loihi"
MOMENTS = 3
TIME_LIMIT = 300
"""Seconds for a story; then a signal ends the process."""


class Teller:
    """The process that tells stories, one after the other; a context manager that ends it."""

    def __init__(self) -> None:
        environment = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def __enter__(self) -> Teller:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def tell(self, story: str, folder: Path, seed: int = 0) -> Any:
        """What happened in `story`, told in `folder`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps([story, str(folder), seed]), file=self._process.stdin, flush=True)
        said = self._process.stdout.readline()
        assert said, f"{story}: the process ended, with {self._process.poll()}"
        found, failed = json.loads(said)
        assert failed is None, failed
        return found


def export(model: str = "model.pt", output: str = OUT) -> list[str]:
    return ["export", model, "-o", output, "--overwrite"]


def verify(artifact: str = OUT) -> list[str]:
    return ["verify", artifact, *ON_GOLDEN, "--executors", "oracle"]


def quietly(command: list[str]) -> tuple[int, str]:
    """Exit code and stderr of `command`, in this process."""
    said = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
        return main(command), said.getvalue()


def fork(work: Callable[[], int], said: Path = Path(os.devnull)) -> int:
    """The process that does `work` and exits with what it returns; its stderr goes to `said`.

    It leads a group of its own, and no signal is ignored in it.
    """
    if child := os.fork():
        return child
    code = None
    try:
        os.setpgid(0, 0)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
        code = work()
        sys.stderr.flush()
    except KeyboardInterrupt:
        if code is None:  # before the work took signals itself, or after: then Python ends by it, too
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGINT)
    finally:
        os._exit(99 if code is None else code)


def ended(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def hidden() -> list[str]:
    """What is not whole, anywhere in the folder."""
    return sorted(p.name for p in Path().rglob(".*") if "snnc-" not in p.name)


def interrupted(command: list[str], number: int, seed: int) -> list[dict[str, Any]]:
    """`command` ended by a signal at moments of chance: what is found after each, and after a next export."""
    assert quietly(export())[0] == 0
    began = time.monotonic()
    assert quietly(command)[0] == 0
    took = time.monotonic() - began
    moments, found = random.Random(seed), []
    for _ in range(MOMENTS):
        child = fork(lambda: main(command))
        time.sleep(moments.uniform(0, 1.2 * took))
        os.kill(child, number)
        code = ended(child)
        left = hidden()
        whole = quietly(verify())
        again = quietly(export())
        found.append({"code": code, "left": left, "whole": whole, "again": again, "at_last": hidden()})
    return found


def export_killed(seed: int) -> object:
    return interrupted(export("other.pt"), signal.SIGKILL, seed)


def verify_killed(seed: int) -> object:
    return interrupted(verify(), signal.SIGKILL, seed)


def together(commands: list[list[str]]) -> dict[str, Any]:
    """All at once: how each ended, and what stands there at the end."""
    assert quietly(export())[0] == 0
    said = [Path(f"said.{number}") for number in range(len(commands))]
    children = [fork(lambda c=c: main(c), s) for c, s in zip(commands, said, strict=True)]
    ends = [(ended(child), s.read_text()) for child, s in zip(children, said, strict=True)]
    return {"ends": ends, "whole": quietly(verify()), "left": hidden()}


def exports_and_verifies(seed: int) -> object:
    return together([export(), export("other.pt"), verify(), export(), export("other.pt"), verify()])


def verifies(seed: int) -> object:
    found = together([verify()] * 4)
    json.loads(Path(OUT, "report.json").read_text())
    return found


def signals(seed: int) -> object:
    """Each command ended at a moment of chance by a signal of chance: how, and what is left of it."""
    chance = random.Random(seed)
    train = ["train", "order.toml", "-o", "trained.pt", "--overwrite"]
    run = ["run", OUT, "-i", "spikes.npz", "--trace", "trace.h5", "-o", "trace.npz"]
    for command in (export(), verify(), train, run):
        assert quietly(command)[0] == 0
    demo = ["demo", "-o", "demo", "--epochs", "1"]  # which trains for longer than we wait
    found = []
    for command in (export("other.pt"), verify(), train, run, demo):
        for number in chance.sample((signal.SIGTERM, signal.SIGINT, signal.SIGHUP), 2):
            child = fork(lambda c=command: main(c), Path("said"))
            time.sleep(chance.uniform(0, 0.4))
            os.kill(child, number)
            code = ended(child)
            said = Path("said").read_text().splitlines()
            left = [*hidden(), *members(child)]
            found.append({"command": command[0], "number": number, "code": code, "said": said, "left": left})
    return found


def answer(story: str, folder: str, seed: int) -> tuple[object, str | None]:
    """What happened in `story`, and the traceback if it could not be told to its end."""
    os.chdir(folder)
    signal.alarm(TIME_LIMIT)
    try:
        return globals()[story](seed), None
    except Exception:
        return None, traceback.format_exc()
    finally:
        signal.alarm(0)


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(answer(*json.loads(line))), flush=True)
