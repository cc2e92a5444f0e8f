"""What may lie where a file should: FIFOs, links, devices, folders, holes; and a folder full of these."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

HOLES = 2 << 30


def special(path: Path, data: bytes, rng: random.Random) -> str:
    """Put something special at `path`, where `data` would be a sound file; what it is."""
    remove(path)
    kind = rng.choice(list(_KINDS))
    _KINDS[kind](path, data)
    return kind


def plain(path: Path) -> bool:
    """Whether it is a file of moderate size, not a link."""
    return path.is_file() and not path.is_symlink() and path.stat().st_size < HOLES


def put(source: Path, place: Path) -> None:
    """What lies at `source`, special or not, lies at `place` too."""
    remove(place)
    if source.is_dir() and not source.is_symlink():
        place.mkdir()
    elif source.is_symlink() or not source.is_file():
        os.link(source, place, follow_symlinks=False)
    elif source.stat().st_size > 1 << 27:
        os.link(source, place)
    else:
        shutil.copyfile(source, place)


def keep(source: Path, place: Path) -> None:
    """As `put`, on any file system: a link leads where it led; of a huge file its size alone is kept."""
    remove(place)
    if source.is_symlink():
        place.symlink_to(source.readlink())
    elif source.is_fifo():
        os.mkfifo(place)
    elif source.is_file() and source.stat().st_size >= HOLES:
        with place.open("wb") as file:
            file.truncate(source.stat().st_size)
    elif source.exists():
        put(source, place)


def remove(path: Path) -> None:
    """Whatever it is."""
    if path.is_dir() and not path.is_symlink():
        nested = path
        while nested.is_dir():  # deeper than shutil.rmtree goes
            os.chmod(nested, 0o700)
            entries = [entry for entry in nested.iterdir() if entry.name == "n"]
            if not entries:
                break
            inner = nested / "n"
            moved = path.with_name(f"{path.name}.inner")
            os.rename(inner, moved)
            shutil.rmtree(nested, ignore_errors=True)
            os.rename(moved, nested)
        shutil.rmtree(path, ignore_errors=True)
    path.unlink(missing_ok=True)


def nest(folder: Path, depth: int) -> None:
    """`depth` folders `n`, each in the one before, at `folder/n`: more than a path can name."""
    here = os.open(".", os.O_RDONLY)
    try:
        os.chdir(folder)
        for _ in range(depth):
            os.mkdir("n")
            os.chdir("n")
    finally:
        os.fchdir(here)
        os.close(here)


def _fifo(path: Path, data: bytes) -> None:
    os.mkfifo(path)


def _link(target: str) -> Callable[[Path, bytes], None]:
    return lambda path, data: path.symlink_to(target)


def _link_to_fifo(path: Path, data: bytes) -> None:
    fifo = path.with_name("a.fifo")
    if not fifo.exists():
        os.mkfifo(fifo)
    path.symlink_to(fifo.absolute())


def _linked(path: Path, data: bytes) -> None:
    """A sound file, by way of a link: that is read."""
    place = path.with_name("sound")
    place.write_bytes(data)
    path.symlink_to(place.absolute())


def _holes(size: int, at_end: bool) -> Callable[[Path, bytes], None]:
    def make(path: Path, data: bytes) -> None:
        with path.open("wb") as file:
            if at_end:
                file.seek(size - len(data))
            file.write(data)
            file.truncate(size)

    return make


_KINDS: Mapping[str, Callable[[Path, bytes], None]] = {
    "fifo": _fifo,
    "link to a fifo": _link_to_fifo,
    "link to a device": _link("/dev/zero"),
    "link to itself": _link("input"),
    "link to nothing": _link("nowhere/at/all"),
    "link to a folder": _link("/"),
    "link to a file": _linked,
    "folder": lambda path, data: path.mkdir(),
    "holes after it": _holes(HOLES, at_end=False),
    "holes before it": _holes(HOLES, at_end=True),
    "few holes": _holes(64 << 20, at_end=False),
}


def spoil(folder: Path, words: bytes) -> None:
    """Change the folder of an artifact: one to three things, which `words` choose."""
    rng = random.Random(words)
    for _ in range(rng.randrange(1, 4)):
        names = sorted(path.name for path in folder.iterdir() if path.name != "n")
        name = rng.choice(names)
        path = folder / name
        match rng.randrange(9):
            case 0 | 1:
                small = plain(path) and path.stat().st_size < 1 << 20  # else it may be one of holes by now
                special(path, path.read_bytes() if small else b"", rng)
            case 2:
                special(folder / rng.choice(("new", "new.py", "\x1b[2J", "a\nb", "report.json")), b"x", rng)
            case 3:
                (folder / os.fsdecode(b"\xff\xfe.py")).write_bytes(b"")
            case 4 if not (folder / "n").exists():
                nest(folder, rng.choice((3, 40, 1500)))
            case 5:
                (folder / "closed").mkdir(mode=rng.choice((0o000, 0o111)), exist_ok=True)
            case 6:
                for each in names[:3]:
                    if (folder / each).is_file() and not (folder / each).is_symlink():
                        os.truncate(folder / each, HOLES - (1 << 20))
            case 7:
                remove(folder / "__pycache__")
                (folder / "__pycache__").symlink_to(folder.parent.absolute())
            case _:
                remove(path)
