"""Files that are there already where a command is to write: only what it writes itself is replaced."""

from __future__ import annotations

from pathlib import Path

from snnc.errors import InputError
from snnc.io.regular import open_regular

JSON, XML = (b"{", b"["), (b"<",)
"""How texts of these kinds begin."""


def refuse_other_text(option: str, path: Path, starts: tuple[bytes, ...], what: str) -> None:
    """Raise `InputError` if a file is at `path` that is of an artifact, or no `what`: it begins with none of
    `starts`."""
    from snnc.exporter.manifest import MANIFEST  # here: what it imports takes long to load

    if path.exists() and (path.parent / MANIFEST).exists():
        raise InputError(f"{option} {path}: is a file of an artifact; choose another name")
    if not path.is_file() or not path.stat().st_size:
        return
    with open_regular(path) as file:
        if not file.read(max(map(len, starts))).startswith(starts):
            raise refused(option, path, f"no {what}")


def refuse_other_toml(option: str, path: Path) -> None:
    """Raise `InputError` if what is at `path` is no TOML file: a model, say, which a slip would replace."""
    from snnc.io import toml_text

    if not path.exists():
        return
    try:
        toml_text.read(path)
    except (OSError, ValueError):
        raise refused(option, path, "no TOML file") from None


def refused(option: str, path: Path, not_what: str) -> InputError:
    """The error that says so, and what to do."""
    return InputError(f"{option} {path}: is there and {not_what}; remove it or choose another name")
