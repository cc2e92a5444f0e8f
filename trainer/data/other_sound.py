"""Recordings that are no WAV files: how their names end, and the command that converts them."""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from snnc.text import one_line, shell

WAV = (".wav", ".wave")
"""Ends of names of WAV files."""
OTHER_SOUND = frozenset(
    (
        *(".aac", ".aif", ".aifc", ".aiff", ".amr", ".au", ".flac", ".m4a", ".mka", ".mp3", ".mp4"),
        *(".oga", ".ogg", ".opus", ".sph", ".w64", ".webm", ".wma"),
    )
)
"""Ends of names of recordings that are no WAV files."""
_SHOWN = 3


def listed(names: Sequence[str]) -> str:
    """The first few of `names`, fit to be printed."""
    return ", ".join(map(one_line, names[:_SHOWN])) + (", ..." if len(names) > _SHOWN else "")


def foreign(folder: Path, names: Sequence[str]) -> str:
    """That `names` below `folder` are to be converted first, and how."""
    ends = Counter(end_of(name) for name in names)
    counts = ", ".join(f"{count} {end}" for end, count in sorted(ends.items()))
    one = len(names) == 1
    many = "1 recording that is no WAV file" if one else f"{len(names)} recordings that are no WAV files"
    them = "it" if one else "them"
    return (
        f"{folder}: holds {many} ({counts}: {listed(names)}); move {them} out, leave {them} out with --skip, "
        f"or convert {them}: {converting(folder, sorted(ends))}"
    )


def alone(path: Path) -> str:
    """That the file `path` is to be converted first, and how."""
    convert = shell("ffmpeg", "-i", path, path.with_suffix(WAV[0]))
    return f"{path}: is no WAV file; convert it: {convert}"


def converting(folder: Path, ends: Sequence[str]) -> str:
    """A command that makes a WAV file beside each file below `folder` whose name ends so."""
    which = [word for end in ends for word in ("-o", "-iname", f"*{end}")][1:]
    if len(ends) > 1:
        which = ["(", *which, ")"]
    return shell("find", folder, *which, "-exec", "ffmpeg", "-i", "{}", "{}.wav", ";")


def end_of(name: str) -> str:
    """Its extension in small letters, with the dot."""
    return os.path.splitext(name)[1].lower()
