"""Environments of other programs' own: every package of a lock, in that version and with these hashes.

uv makes one once for a lock and a Python, in the user's cache, and from then on it is only looked for.
Without the lock another day would give another environment.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from snnc.errors import ExecutorUnavailableError, InputError
from snnc.io import files
from snnc.io.folder_lock import directory_lock
from snnc.io.user_cache import of_others, user_cache
from snnc.provenance import sha256
from snnc.targets.processes import Finished, run_group
from snnc.text import shell

LOCK = "requirements.txt"
SECONDS = 900.0
"""Time for uv to download Python and the packages, once."""
KEPT_OF_UV = (
    "UV_CACHE_DIR",
    "UV_CONCURRENT_",
    "UV_DEFAULT_INDEX",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
    "UV_HTTP_",
    "UV_INDEX",
    "UV_INSECURE_HOST",
    "UV_KEYRING_PROVIDER",
    "UV_LINK_MODE",
    "UV_NATIVE_TLS",
    "UV_NO_INDEX",
    "UV_OFFLINE",
    "UV_PYTHON_DOWNLOADS",
    "UV_PYTHON_INSTALL_",
    "UV_SYSTEM_CERTS",
)
"""Beginnings of the variables of uv that say where it fetches from and how; others could change what."""


def python_of(environment: Path) -> Path:
    """Its Python, whether it is there or not."""
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def find_uv() -> str | None:
    """Path of uv's binary, that of its package before one on PATH; or None."""
    try:
        from uv import find_uv_bin

        return os.fsdecode(find_uv_bin())
    except (ImportError, FileNotFoundError):
        found = shutil.which("uv")
        return None if found is None else os.path.abspath(found)


@dataclass(frozen=True, slots=True)
class Locked:
    """The environment of `what`, kept under a name that begins with `key`, for the Python of that `version`.

    `lock` gives the text of its requirements.
    """

    what: str
    key: str
    version: str
    lock: Callable[[], bytes]

    def cached(self, python: str | None) -> Path:
        """Where the environment that is built on `python`, or on what uv finds, is kept."""
        key = sha256(self.lock() + b"\0" + os.fsencode(python or ""))[:16]
        return user_cache() / f"{self.key}-{key}"

    def build(self, uv: str, python: str | None, inherited: dict[str, str], *, offline: bool = False) -> str:
        """Its Python; made by `uv` if it is not there.

        Its modules are compiled as it is made: else each start would do that again, for a second.

        Parameters
        ----------
        python : what it is built on; None leaves the choice to uv, which may download one.
        inherited : environment variables for uv.
        offline : fail where something would have to be downloaded.

        Raises
        ------
        ExecutorUnavailableError
            If uv fails or the cache cannot be written. The text says why, and gives no remedy.
        """
        path = self.cached(python)
        self._check_ours(path)
        if python_of(path).is_file():  # not so where the Python that it is built on is gone
            return str(python_of(path))
        try:
            path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            with directory_lock(path.parent):  # one builds, the others wait for it
                if not python_of(path).is_file():
                    with files.atomic_folder(path) as new:
                        self._make(uv, python, inherited, new, offline)
        except (OSError, InputError) as error:
            raise ExecutorUnavailableError(
                f"{self.what}'s environment cannot be stored in {path.parent} ({error}); set XDG_CACHE_HOME "
                "to a folder that can be written"
            ) from error
        return str(python_of(path))

    def _check_ours(self, path: Path) -> None:
        """Raise `ExecutorUnavailableError` if another user could have put the environment at `path` there."""
        if (folder := of_others(path.parent, path)) is not None:
            raise ExecutorUnavailableError(
                f"{folder}, where {self.what}'s environment is stored, belongs to another user, or "
                "every user can write to it; remove it, or set XDG_CACHE_HOME to a folder of your own"
            )

    def _make(self, uv: str, python: str | None, inherited: dict[str, str], new: Path, offline: bool) -> None:
        """Fill the empty folder `new`."""
        with files.temporary("snnc-uv-") as folder:
            lock = folder / LOCK
            lock.write_bytes(self.lock())
            (folder / "uv.toml").touch()  # else uv reads that of a folder above, which may be another user's
            env = {name: value for name, value in inherited.items() if not name.startswith("UV_")}
            env |= {name: value for name, value in inherited.items() if name.startswith(KEPT_OF_UV)}
            env |= {"TMPDIR": str(folder)} | ({"UV_OFFLINE": "1"} if offline else {})
            options = ["--quiet", "--no-config"]
            make = ["venv", *options, "--no-project", "--allow-existing", "--python", python or self.version]
            fill = ["pip", "install", *options, "--python", str(python_of(new)), "--compile-bytecode"]
            # Wheels alone: to build a package is to run code that no hash of it tells.
            fill += ["--no-deps", "--no-build", "--require-hashes", "-r", str(lock)]
            for arguments in ([*make, str(new)], fill):
                done = run_group([uv, *arguments], cwd=folder, env=env, time_limit=SECONDS)
                if done.code != 0 or not python_of(new).is_file():
                    raise ExecutorUnavailableError(
                        self._failure([uv, *arguments], done, python), *done.tail.splitlines()
                    )

    def _failure(self, command: Sequence[str], done: Finished, python: str | None) -> str:
        fetched = (
            self.what if python else f"Python {self.version}, of which there is none on PATH, and {self.what}"
        )
        return (
            f"{self.what}'s environment cannot be built with `{shell(*command)}` ({done.how}), which fetches "
            f"{fetched}; "
            f"{'' if python else f'install a python{self.version}, '}see that uv reaches a package index (it "
            f"reads no configuration files; UV_DEFAULT_INDEX names one)"
        )
