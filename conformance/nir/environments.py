"""Where readers run: an environment of its own for each lock file, made once and kept in the user's cache."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from snnc.errors import ExecutorUnavailableError
from snnc.io import files
from snnc.io.folder_lock import directory_lock
from snnc.io.user_cache import user_cache
from snnc.provenance import sha256
from snnc.targets.locked import find_uv, python_of
from snnc.targets.processes import run_group

REQUIREMENTS = Path(__file__).resolve().parent / "requirements"
PYTHON = "3.11"
FROM_SOURCE = ("norse", "rockpool")
"""Published without wheels. They are built last, by the setuptools of the lock file."""
SECONDS = 1200.0


def surroundings(environment: Mapping[str, str]) -> dict[str, str]:
    """`environment`, in which uv looks where pip does for torch's builds for CPUs; the index has no such."""
    links = environment.get("UV_FIND_LINKS") or environment.get("PIP_FIND_LINKS")
    return {**environment, "UV_FIND_LINKS": links} if links else dict(environment)


def parts(lock: str) -> tuple[str, str]:
    """Of a lock file the entries with wheels, and those without."""
    entries = re.findall(r"^\w\S*==.*\n(?: +.*\n)*", lock, re.MULTILINE)
    built = [entry for entry in entries if entry.split("==")[0] in FROM_SOURCE]
    return "".join(entry for entry in entries if entry not in built), "".join(built)


def python_for(name: str | None) -> str:
    """The Python of the environment with that lock file; without a name that of snnc.

    Raises
    ------
    ExecutorUnavailableError
        If it cannot be made; the text says why.
    """
    if name is None:
        return sys.executable
    uv = find_uv()
    if uv is None:
        raise ExecutorUnavailableError(
            "uv is not installed beside snnc, and makes the environments of readers"
        )
    lock = (REQUIREMENTS / f"{name}.txt").read_text()
    path = user_cache() / f"nir-{name}-{sha256(lock.encode())[:16]}"
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    with directory_lock(path.parent):  # one makes it, the others wait
        if not python_of(path).is_file():
            with files.atomic_folder(path) as new:
                _make(uv, name, lock, new)
    return str(python_of(path))


def _make(uv: str, name: str, lock: str, new: Path) -> None:
    """Fill the empty folder `new`."""
    env = surroundings(os.environ)
    with files.temporary("snnc-nir-uv-") as folder:
        (folder / "uv.toml").touch()  # else uv reads that of a folder above, which may be another user's
        wheels, sources = parts(lock)
        (folder / "wheels.txt").write_text(wheels)
        (folder / "sources.txt").write_text(sources)
        options = ["--quiet", "--no-config"]
        install = [
            uv,
            "pip",
            "install",
            *options,
            "--python",
            str(python_of(new)),
            "--no-deps",
            "--require-hashes",
        ]
        commands = [
            [uv, "venv", *options, "--no-project", "--allow-existing", "--python", PYTHON, str(new)],
            [*install, "--no-build", "-r", "wheels.txt"],
        ]
        if sources:
            commands.append([*install, "--no-build-isolation", "-r", "sources.txt"])
        for command in commands:
            done = run_group(command, cwd=folder, env=env, time_limit=SECONDS)
            if done.code != 0:
                why = " ".join(done.stderr.split())[-400:]
                raise ExecutorUnavailableError(
                    f"the environment of {name}.txt cannot be made ({done.how}): {why} See that uv reaches a "
                    "package index, and UV_FIND_LINKS names the folder or page with torch's builds for CPUs"
                )
