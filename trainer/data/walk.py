"""All files below a folder: WAV files, recordings of other kinds, and what else lies there."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from snnc.errors import InputError
from snnc.trainer.data.array_files import advice_of_folder
from snnc.trainer.data.other_sound import OTHER_SOUND, WAV, foreign
from snnc.trainer.data.refusals import left_out

ENTRIES = 1 << 22
"""Most files and folders that are looked at."""
_OF_SYSTEMS = frozenset(("__macosx", "thumbs.db", "desktop.ini", "$recycle.bin", "@eadir"))


@dataclass(slots=True)
class Walk:
    sounds: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    again: list[str] = field(default_factory=list)
    tops: list[str] = field(default_factory=list)


def sounds_below(folder: Path, skip: bool = False) -> tuple[list[str], list[str]]:
    """Paths from `folder` on of all WAV files below it, whatever their class, and notes as of `Found`.

    `skip`: as of `find_recordings`.

    Raises
    ------
    InputError
        It cannot be read, holds recordings of other kinds alone, or none.
    """
    walk = walked(folder)
    skipped = refuse_foreign(folder, walk, skip)
    if not walk.sounds:
        arrays = advice_of_folder(folder, walk.others)
        raise InputError(arrays or f"{folder}: holds no WAV file; check the path")
    return walk.sounds, skipped


def walked(folder: Path) -> Walk:
    """All below `folder`; links are followed, and each folder is looked into once, a link last."""
    walk, seen, waiting, count = Walk(), set[tuple[int, int]](), [""], 0
    linked: list[str] = []
    while waiting or linked:
        below = waiting.pop() if waiting else linked.pop(0)
        here = folder / below
        try:
            status = here.stat()
            if (status.st_dev, status.st_ino) in seen:
                walk.again.append(below)
                continue
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(here) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except (OSError, ValueError) as error:
            raise _unreadable(here, error) from error
        count += len(entries)
        if count > ENTRIES:
            raise InputError(f"{folder}: holds more than {ENTRIES} files; encode parts of it by themselves")
        folders = []
        for entry in entries:
            name = f"{below}/{entry.name}" if below else entry.name
            end = os.path.splitext(entry.name)[1].lower()
            if entry.name.startswith(".") or entry.name.lower() in _OF_SYSTEMS:
                walk.hidden.append(name)
            elif _is_folder(entry):
                folders.append(name)
            else:
                kind = walk.sounds if end in WAV else walk.others
                (walk.foreign if end in OTHER_SOUND else kind).append(name)
        if not below:
            walk.tops = folders
        links = {each.name for each in entries if each.is_symlink()}
        linked += [each for each in folders if each.rpartition("/")[2] in links]
        waiting += [each for each in reversed(folders) if each.rpartition("/")[2] not in links]
    walk.sounds.sort()
    walk.again.sort()
    return walk


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself: it is refused when it is read, if it is to be
        return False


def _unreadable(path: Path, error: OSError | ValueError) -> InputError:
    if isinstance(error, NotADirectoryError):
        return InputError(f"{path}: is no folder; give the folder that holds CLASS/NAME.wav")
    if isinstance(error, FileNotFoundError):
        return InputError(f"{path}: no such folder; check the path")
    why = getattr(error, "strerror", None) or error
    return InputError(f"{path}: cannot be read ({why}); check the path and who may read it")


def refuse_foreign(folder: Path, walk: Walk, skip: bool) -> list[str]:
    """Raise `InputError` for recordings of other kinds, unless each has a WAV file of its name beside it.

    With `skip`, of WAV files among them, notes that name them.
    """
    there = {os.path.splitext(name)[0] for name in walk.sounds}
    left = [name for name in walk.foreign if name not in there and os.path.splitext(name)[0] not in there]
    walk.others += [name for name in walk.foreign if name not in left] if walk.foreign else []
    if left and not (skip and walk.sounds):
        raise InputError(foreign(folder, left))
    return [left_out(name, "is no WAV file") for name in left]
