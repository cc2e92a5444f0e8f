"""Packages that only a test needs and snnc never imports: in a folder of their own, in another process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from uv import find_uv_bin

HERE = Path(__file__).resolve().parent
TIMEOUT = 600


def install(folder: Path, *requirements: str, dependencies: bool = True) -> Path:
    """`requirements` in `folder`, for this Python; uv keeps what it fetched, so a second time is quick."""
    bare = [] if dependencies else ["--no-deps"]
    command = [os.fsdecode(find_uv_bin()), "pip", "install", "--quiet", "--python", sys.executable, *bare]
    _run([*command, "--target", str(folder), *requirements], dict(os.environ))
    return folder


def run_script(script: str, packages: Path, data: Any, *, alone: bool = True) -> Any:
    """What `script`, a file beside this one, prints as JSON when it reads `data` as JSON from stdin.

    `alone`: without the packages of the project, which it may see otherwise.
    """
    environment = {**os.environ, "PYTHONPATH": str(packages), "OMP_NUM_THREADS": "1"}
    found = _run(
        [sys.executable, *(["-S"] if alone else []), str(HERE / script)], environment, json.dumps(data)
    )
    return json.loads(found.splitlines()[-1])


def _run(command: list[str], environment: dict[str, str], text: str | None = None) -> str:
    done = subprocess.run(
        command, env=environment, input=text, capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    assert done.returncode == 0, f"{command[0]} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout
