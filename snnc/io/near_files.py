"""Files that are not there, and the file or folder beside them that may be meant."""

from __future__ import annotations

import os
from pathlib import Path

from snnc.io import files

SIBLINGS = 1000
"""Most names of a folder in which one that was meant is looked for."""
ENDINGS = 3
"""Most names that are told of a name without its ending."""
NEAR = 0.75
"""Least likeness of such a name: endings alone make files alike."""


def is_missing(path: Path) -> bool:
    """Whether nothing is at `path`, as far as can be seen, nor what a killed command was putting there."""
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        # What a killed command was replacing lies beside its place: the next one puts it back.
        return not files.parts_of(path)
    except (OSError, ValueError):
        return False
    return False


def near_file(path: Path) -> str:
    """ " (did you mean 'model.pt'?)", of the names beside `path`; "" where none is near.

    A name that is `path`'s but for its case, or its ending, comes first; of several endings, all are named.
    """
    try:
        names = [entry.name for _, entry in zip(range(SIBLINGS), os.scandir(path.parent), strict=False)]
    except (OSError, ValueError):
        return ""
    from difflib import get_close_matches

    wanted, lowered = path.name.lower(), dict[str, str]()
    for name in sorted(names):
        if not name.startswith("."):
            lowered.setdefault(name.lower(), name)
    if wanted in lowered:
        near = [lowered[wanted]]
    else:
        near = [name for low, name in lowered.items() if Path(low).stem == wanted][:ENDINGS]
        near = near or [lowered[each] for each in get_close_matches(wanted, list(lowered), 1, NEAR)]
    return f" (did you mean {' or '.join(map(repr, near))}?)" if near else ""
