"""Commands that are killed, starved or crossed by others: run in forks of a process that has all imported.

    python breakage.py STORY FOLDER SEED

tells a story below on `FOLDER/model.pt` and `other.pt`, and prints what happened as JSON. Forks, since to
start anew for each moment would take a minute; in a process of its own, since pytest must not fork.
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
from collections.abc import Callable
from pathlib import Path
from typing import Any

from snnc.cli import main

OUT = "out.loihi"
MOMENTS = 3


def tell(story: str, folder: Path, seed: int = 0) -> Any:
    """What `story` says, told in a process of its own."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, __file__, story, str(folder), str(seed)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def export(model: str = "model.pt", output: str = OUT) -> list[str]:
    return ["export", model, "-o", output]


def verify(artifact: str = OUT) -> list[str]:
    return ["verify", artifact, "--dataset", "none", "--generated", "0", "--executors", "oracle"]


def quietly(command: list[str]) -> tuple[int, str]:
    """Exit code and stderr of `command`, in this process."""
    said = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
        return main(command), said.getvalue()


def fork(work: Callable[[], int]) -> int:
    """The process that does `work` and exits with what it returns; it prints nowhere."""
    if child := os.fork():
        return child
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    try:
        code = work()
        os._exit(code)
    finally:
        os._exit(99)


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


def export_ended(seed: int) -> object:
    return interrupted(export("other.pt"), signal.SIGTERM, seed)


def verify_killed(seed: int) -> object:
    return interrupted(verify(), signal.SIGKILL, seed)


def two_exports(seed: int) -> object:
    """Exports of two models to one place, all at once, several times; and what stands there at the end."""
    assert quietly(export())[0] == 0
    children = [fork(lambda m=m: main(export(m))) for m in ("model.pt", "other.pt") * 3]
    codes = [ended(child) for child in children]
    return {"codes": codes, "whole": quietly(verify()), "left": hidden()}


def two_verifies(seed: int) -> object:
    assert quietly(export())[0] == 0
    children = [fork(lambda: main(verify())) for _ in range(4)]
    codes = [ended(child) for child in children]
    json.loads(Path(OUT, "report.json").read_text())
    return {"codes": codes, "whole": quietly(verify()), "left": hidden()}


if __name__ == "__main__":
    story, folder, seed = sys.argv[1:]
    os.chdir(folder)
    print(json.dumps(globals()[story](int(seed))))
