"""`snnc inspect`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from snnc.cli.results import Json, Quiet
from snnc.errors import InputError, UnknownKindError
from snnc.io.regular import open_regular
from snnc.text import shell

if TYPE_CHECKING:
    from snnc.cli.inspect.description import Description

SOUND = "snnc encode FOLDER makes events of a folder of sound, CLASS/*.wav"


def inspect(
    path: Annotated[Path, typer.Argument(help="Any file or folder that snnc writes or reads.")],
    others: Annotated[
        list[Path] | None,
        typer.Argument(help="Further models or exports: their figures stand beside each other in a table."),
    ] = None,
    as_json: Json = None,
    quiet: Quiet = False,
) -> None:
    """Show what a file is, what it contains, and which commands take it; or compare models and exports.

    The kind of a file is decided by its content, not by its name. Nothing in it is executed. Of several, a
    table has what the files tell: for example accuracy, bits, bytes, delays, and the last report's estimates.

    Example: snnc inspect model.loihi
    """
    from snnc.cli import console, results

    if others:
        _compare([path, *others], as_json)
        return
    found = describe(path)
    following = (found.next,) if isinstance(found.next, str) else found.next or ()
    fields = {"path": path, "kind": found.kind, "what": found.what, "facts": found.facts, "next": following}
    results.write(as_json, "inspect", fields)
    for line in found.lines(path):
        console.out().print(line)


def _compare(paths: list[Path], as_json: Path | None) -> None:
    """Print the figures of several networks side by side; raise `SnncError` at the end if one is refused."""
    from dataclasses import asdict

    from snnc.cli import console, results
    from snnc.cli.inspect.side_by_side import compared, notes, tables

    found, refused = compared(paths, describe)
    told = (*notes(found), *(f"left out: {error}" for error in refused[1:]))
    if found:
        files = [{"path": path, **asdict(figures)} for path, figures in found.items()]
        results.write(as_json, "inspect", {"files": files, "notes": told})
    for table in tables(found):
        console.out().print(table, soft_wrap=False)
    for note in told:
        console.out().print(f"note: {note}")
    if refused:
        raise refused[0]


def describe(path: Path) -> Description:
    """What lies at `path`.

    Raises
    ------
    SnncError
        If there is nothing, it is damaged, or of no kind that is known by its content.
    """
    from snnc.cli.inspect import archives, hdf5
    from snnc.cli.inspect.description import Description

    if path.is_dir():
        from snnc.cli.inspect import folders  # here, as below: a model file needs none of it

        return folders.describe(path)
    try:
        with open_regular(path) as file:
            start = file.read(16)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    if not start:
        raise UnknownKindError(f"{path}: is empty")
    if start.startswith(b"\x93NUMPY"):
        from snnc.trainer.data.array_files import advice

        raise UnknownKindError(f"{path}: {advice(path)}")
    if start[:4] == b"RIFF" and start[8:12] == b"WAVE":
        return Description(
            "sound (WAV)", {"events": SOUND}, f"snnc run ARTIFACT {shell('--input', path)}", "sound"
        )
    if start.startswith(hdf5.SIGNATURE):
        return hdf5.describe(path)
    if start.startswith(archives.SIGNATURE):
        return archives.describe(path)
    from snnc.cli.inspect import folders, for_programs, onnx_file, texts

    found = texts.describe(path) or onnx_file.describe(path) or folders.describe_member(path)
    found = found or for_programs.describe(path)
    if found is None:
        from snnc.trainer.data import own_files, table_files
        from snnc.trainer.data.other_sound import OTHER_SOUND, alone, end_of

        if end_of(path.name) in OTHER_SOUND:
            raise UnknownKindError(alone(path))
        if table_files.is_table(path):
            raise UnknownKindError(table_files.advice(path))
        if end_of(path.name) in own_files.PICKLES or re.match(rb"\x80[\x02-\x05]", start):
            raise UnknownKindError(f"{path}: {own_files.PICKLED}")
        remedy = f"; {own_files.OF_YOUR_OWN}" if own_files.is_event_file(path) else ""
        raise UnknownKindError(
            f"{path}: of no kind that snnc knows by its content, or damaged at its start{remedy}"
        )
    return found
