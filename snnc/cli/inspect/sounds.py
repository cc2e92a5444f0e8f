"""Folders of sound, which `snnc encode` makes events of."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

from snnc.cli.inspect.description import Description, command

_DEEPEST, _LOOKED_AT = 4, 2000
"""Folders below the one that is described, and entries of each, in which a recording is looked for."""


def describe(path: Path) -> Description | None:
    """A folder with WAV files in it or in folders below, or None."""
    first = _first(path, _DEEPEST)
    if first is None:
        return None
    following = (command("encode", path, "-o", "events.npz"), command("train", path, "-o", "model.pt"))
    facts = {"a recording": first.relative_to(path)}
    return Description("folder of recordings (WAV)", facts, following, "recordings")


def _first(folder: Path, deep: int) -> Path | None:
    """The first WAV file; links to folders are not followed."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(islice(found, _LOOKED_AT), key=lambda entry: (entry.is_dir(), entry.name))
    except OSError:
        return None
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.name.lower().endswith((".wav", ".wave")):
            return Path(entry.path)
        if deep and entry.is_dir(follow_symlinks=False) and (below := _first(Path(entry.path), deep - 1)):
            return below
    return None
