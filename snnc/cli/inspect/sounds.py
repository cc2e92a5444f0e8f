"""Folders of sound, which `snnc encode` makes events of."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

from snnc.cli.free_model import free_model
from snnc.cli.inspect.description import Description, command
from snnc.text import one_line

_DEEPEST, _LOOKED_AT = 4, 2000
"""Folders below the one that is described, and entries of each, in which a recording is looked for."""


def describe(path: Path) -> Description | None:
    """A folder with WAV files, or sound of another kind, in it or in folders below, or None."""
    from snnc.trainer.data.encode_options import encode_options, events_of, free, is_told
    from snnc.trainer.data.other_sound import OTHER_SOUND, WAV, converting, end_of

    if (first := _first(path, _DEEPEST, WAV)) is not None:
        facts: dict[str, object] = {"a recording": first.relative_to(path)}
        options = encode_options(path)
        if "--layout" not in options and _first(path, 0, WAV) is not None:
            facts["classes"] = (
                "none known: recordings lie in the folder itself; `snnc encode` tells the ways to say them"
            )
            following: tuple[str, ...] = (command("run", "ARTIFACT", "--input", path),)
        elif not is_told(path):
            facts["classes"] = "names may be read in several ways; `snnc encode` tells them"
            following = (command("encode", path, "-o", free(Path(events_of(path)))),)
        else:
            if "--layout" in options:
                layout = options[options.index("--layout") + 1]
                facts["read as"] = f"{layout}; `snnc encode` without it tells other ways, if there are some"
            events = free(Path(events_of(path)))
            following = (
                command("encode", path, "-o", events, *options),
                command("train", events if options else path, "-o", free_model()),
            )
        return Description("folder of recordings (WAV)", facts, following, "recordings")
    if (first := _first(path, _DEEPEST, tuple(OTHER_SOUND))) is not None:
        facts = {"a recording": first.relative_to(path)}
        what = f"folder of recordings that are no WAV files ({one_line(end_of(first.name))})"
        return Description(what, facts, converting(path, [end_of(first.name)]), "recordings")
    return None


def _first(folder: Path, deep: int, ends: tuple[str, ...]) -> Path | None:
    """The first file whose name ends so; links are followed, as `snnc encode` does, to a depth."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(islice(found, _LOOKED_AT), key=lambda entry: (_is_folder(entry), entry.name))
    except OSError:
        return None
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if not _is_folder(entry):
            if entry.name.lower().endswith(ends):
                return Path(entry.path)
        elif deep and (below := _first(Path(entry.path), deep - 1, ends)):
            return below
    return None


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False
