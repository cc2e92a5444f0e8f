"""Files and folders written aside and renamed, so that a crash leaves the old one or none."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from snnc.errors import InputError


def write_file(path: Path, data: bytes) -> None:
    """Replace `path` by `data` atomically. Raises `InputError` if the folder cannot be written."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.chmod(name, 0o644)
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from error


def write_folder(path: Path, files: Mapping[str, bytes], marker: str) -> None:
    """Replace folder `path` by one that holds `files` (relative name -> content).

    An existing `path` is replaced only if it is a folder that contains a file called `marker`,
    that is, one of ours.

    Raises
    ------
    InputError
        If `path` is something else, or the place cannot be written; nothing is changed then.
    """
    path = path.absolute()
    if path.exists() and not (path.is_dir() and (path / marker).is_file()):
        raise InputError(f"{path} exists and was not written by snnc; remove it or choose another name (-o)")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from error
    try:
        new = aside / "new"
        for name, data in files.items():
            target = new / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        if path.exists():
            os.rename(path, aside / "old")
        os.rename(new, path)
    except OSError as error:
        if (aside / "old").exists() and not path.exists():
            os.rename(aside / "old", path)
        raise InputError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
