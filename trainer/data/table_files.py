"""Tables of text (.csv, .tsv), which no command reads: what makes data of them."""

from collections.abc import Sequence
from pathlib import Path

from snnc.trainer.data.other_sound import end_of, listed
from snnc.trainer.data.own_files import REMEDY

TABLES = (".csv", ".tsv")


def is_table(path: Path) -> bool:
    """Whether the name of a file says so."""
    return end_of(path.name) in TABLES


def advice(path: Path) -> str:
    """What the file at `path` is, and what to do with it."""
    return f"{path}: a table of text, which no command reads as data; {REMEDY}"


def advice_of_folder(folder: Path, names: Sequence[str]) -> str | None:
    """That recordings below `folder` are such files, if some of `names` are; None if none is."""
    tables = [name for name in names if end_of(name) in TABLES]
    if not tables:
        return None
    count = "1 table" if len(tables) == 1 else f"{len(tables)} tables"
    return f"{folder}: holds no WAV file, but {count} of text ({listed(tables)}); {REMEDY}"
