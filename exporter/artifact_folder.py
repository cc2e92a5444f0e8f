"""The files of an artifact's folder: which there are, and the bytes of those that the manifest lists.

A folder of a stranger may hold links, FIFOs, devices, and folders that cannot be listed. A link to a folder
or an unlistable one hides files from whoever checks them, and not from Python's `import`. So none of these is
accepted, wherever it lies.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from snnc.errors import ArtifactError, InputError
from snnc.io.regular import read_regular
from snnc.provenance import sha256

TOTAL_LIMIT = 2 << 30
"""Most bytes that the listed files of an artifact may have together."""
DEPTH_LIMIT = 16
"""Most nested folders."""
PYTHON = (".py", ".pyc", ".so", ".pyd", ".pth")
CODE_SUFFIXES = (*PYTHON, ".c", ".h", ".cc", ".cpp", ".hpp", ".v", ".vh", ".sv", ".svh")
"""What Python, a compiler or a simulator would take for a part of the program, were it run where it lies."""
MAKEFILES = ("gnumakefile", "makefile")
"""Files, in lower case, one of which `make` reads."""
BUILT = ("obj/", "host/__pycache__/")
"""The folders of what a Makefile of ours builds, which `make` would run without building it again."""
_REMEDY = "put that file back, with data of your own in a file of another name, or export the model again"
_KINDS = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def entries_below(path: Path) -> Iterator[tuple[str, int]]:
    """Name relative to `path` and mode of all that lies below it and is no folder. No link is followed.

    Raises
    ------
    ArtifactError
        If a folder cannot be listed, or too many lie in each other.
    """
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        if folder.count("/") > DEPTH_LIMIT:
            raise ArtifactError(f"{path}: holds more than {DEPTH_LIMIT} nested folders; remove them")
        try:
            with os.scandir(path / folder) as entries:
                for entry in entries:
                    with suppress(FileNotFoundError):  # another `snnc verify` puts its report there
                        mode = entry.stat(follow_symlinks=False).st_mode
                        if stat.S_ISDIR(mode):
                            waiting.append(f"{folder}{entry.name}/")
                        else:
                            yield f"{folder}{entry.name}", mode
        except OSError as error:
            if folder and isinstance(error, FileNotFoundError):
                continue
            raise ArtifactError(
                f"{path}: the folder {folder or '.'!r} in it cannot be listed ({error.strerror}), so what it "
                "holds cannot be checked; make it readable, or remove it"
            ) from error


def is_code(name: str) -> bool:
    """Whether a file of an artifact, by its name, is one that a program or `make` there would run."""
    last = name.rpartition("/")[2].lower()
    return last.endswith(CODE_SUFFIXES) or last in MAKEFILES or is_built(name)


def is_built(name: str) -> bool:
    """Whether a file of an artifact, by its name, lies where a Makefile of ours builds."""
    return name.startswith(BUILT)


def built_files(path: Path) -> int:
    """How many files `make` left in the folder of an artifact."""
    return sum(is_built(name) for name, _ in entries_below(path))


def plain_files(path: Path) -> set[str]:
    """Names relative to `path` of all files below it.

    Raises
    ------
    ArtifactError
        If there is anything but regular files and folders, or a folder cannot be listed.
    """
    found = set()
    for name, mode in entries_below(path):
        if not stat.S_ISREG(mode):
            kind = _KINDS.get(stat.S_IFMT(mode), "no regular file")
            raise ArtifactError(
                f"{path}: {name!r} in it is {kind}, and an artifact may hold only regular files and folders; "
                "remove it, or export the model again"
            )
        found.add(name)
    return found


def read_listed(path: Path, listed: Mapping[str, Mapping[str, Any]], present: set[str]) -> dict[str, bytes]:
    """The bytes of the files that the manifest lists, by name, each read once and checked by its hash.

    `present` are the names of `plain_files`.

    Raises
    ------
    ArtifactError
        If one is absent, altered or unreadable, or they are too large together.
    """
    contents, left = {}, TOTAL_LIMIT
    for name, entry in listed.items():
        if name not in present or not name.isprintable():
            raise ArtifactError(
                f"{path}: has no file {name[:80]!r}, which the manifest lists; export the model again"
            )
        try:
            data = read_regular(path / name, min(left, entry["bytes"]))
        except OSError as error:
            raise ArtifactError(
                f"{path / name}: cannot be read ({error.strerror}); export the model again"
            ) from error
        except InputError as error:
            if entry["bytes"] <= left:
                raise ArtifactError(
                    f"{path / name}: is larger than what was exported ({entry['bytes']} bytes); {_REMEDY}"
                ) from error
            raise ArtifactError(
                f"{path / name}: this file and those before it exceed {TOTAL_LIMIT} bytes, the limit of an "
                "artifact; export a smaller network"
            ) from error
        left -= len(data)
        if sha256(data) != entry["sha256"]:
            raise ArtifactError(f"{path / name}: differs from what was exported (SHA-256); {_REMEDY}")
        contents[name] = data
    return contents
