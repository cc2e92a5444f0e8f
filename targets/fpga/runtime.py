"""Verilator's own runtime, which is the same for every core: compiled once and kept in the user's cache."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from snnc.errors import InputError
from snnc.io import files
from snnc.io.folder_lock import directory_lock
from snnc.io.regular import read_regular
from snnc.io.scratch import Scratch
from snnc.io.user_cache import of_others, user_cache
from snnc.provenance import sha256
from snnc.targets.programs import call, calls

UNITS = ("verilated", "verilated_threads")
SECONDS = 600.0
OPTIMISED = "-O1"
TOLD = ("CPATH", "CPLUS_INCLUDE_PATH")
"""Variables of the environment that give a compiler other headers."""
LARGEST = 1 << 26
"""Bytes of a file of Verilator, or of what is compiled of it, at most."""
SUMS = "sums"
"""The file beside what is kept that tells whether it is whole."""
THE_COMPILER = "the C++ compiler"


def options(root: Path) -> list[str]:
    """What a compiler is told of the Verilator in `root`."""
    include = root / "include"
    return ["-std=c++17", "-w", f"-I{include}", f"-I{include / 'vltstd'}"]


def objects(root: Path, compiler: Sequence[str]) -> list[str]:
    """The compiled runtime of the Verilator in `root`; whoever needs it first compiles it, others wait.

    It is kept by the compiler, its version and options, and by Verilator's files. If nothing can be kept, or
    another user could have put it there, each process compiles its own.

    Raises
    ------
    ExecutorError
        If compiling fails.
    """
    folder = _folder(root, tuple(compiler))
    return [str(folder / f"{unit}.o") for unit in UNITS]


def kept(root: Path, compiler: tuple[str, ...]) -> Path:
    """The folder of the cache for what `compiler` makes of the Verilator in `root`."""
    version = call([*compiler, "--version"], root, SECONDS, THE_COMPILER)
    include = root / "include"
    read = [path for folder in (include, include / "vltstd") for path in folder.glob("*.[hc]*")]
    sums = sorted((path.name, sha256(read_regular(path, LARGEST))) for path in read)
    told = [os.environ.get(name) for name in TOLD]
    machine = platform.machine(), platform.libc_ver()
    key = sha256(repr((compiler, version, OPTIMISED, options(Path()), told, machine, sums)).encode())
    return user_cache() / f"verilator-{key[:16]}"


def _folder(root: Path, compiler: tuple[str, ...]) -> Path:
    try:
        path = kept(root, compiler)
    except OSError:  # a file of Verilator cannot be read: its compiler says which
        return _own_folder(root, compiler)
    if of_others(path.parent, path) is not None:
        return _own_folder(root, compiler)
    if _is_whole(path):
        return path
    with suppress(OSError):
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    with directory_lock(path.parent):
        if _is_whole(path):
            return path
        made = _own_folder(root, compiler)
        with suppress(OSError, InputError), files.atomic_folder(path) as new:
            shutil.copytree(made, new, dirs_exist_ok=True)
            (new / SUMS).write_text(_sums(new))
    return made


def _is_whole(folder: Path) -> bool:
    try:
        return read_regular(folder / SUMS, LARGEST) == _sums(folder).encode()
    except (OSError, InputError):
        return False


def _sums(folder: Path) -> str:
    return "".join(f"{sha256(read_regular(folder / f'{unit}.o', LARGEST))}\n" for unit in UNITS)


def _own_folder(root: Path, compiler: tuple[str, ...]) -> Path:
    folder = _own(root, compiler).path
    if not folder.is_dir():  # whoever empties the place of temporary files took it away
        _own.cache_clear()
        folder = _own(root, compiler).path
    return folder


@lru_cache(maxsize=1)
def _own(root: Path, compiler: tuple[str, ...]) -> Scratch:
    """Kept until this process ends."""
    folder = Scratch("snnc-rtl-")
    try:
        command = [*compiler, *options(root), OPTIMISED, "-c"]
        units = [[*command, str(root / "include" / f"{unit}.cpp")] for unit in UNITS]
        calls(units, folder.path, SECONDS, THE_COMPILER)
    except BaseException:
        folder.remove()
        raise
    return folder
