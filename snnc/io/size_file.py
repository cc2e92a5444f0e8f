"""What the export measured of the memory that a program takes, as `snnc.exporter.measured_size` keeps it."""

from __future__ import annotations

import json

from snnc.errors import InputError
from snnc.io.regular import read_regular
from snnc.stages import Artifact
from snnc.target import MEASURED
from snnc.text import one_line

SIZE_FILE = "size.json"
LIMIT = 1 << 16
"""Most bytes of the file."""
KEYS = {"graph_hash", "rows"}


def kept_size(artifact: Artifact) -> tuple[dict[str, str], tuple[str, ...]]:
    """What the export of `artifact` measured, name -> text, and notes.

    A file that cannot be used is a note: executors agree without it.
    """
    path = artifact.path / SIZE_FILE
    try:
        content = json.loads(read_regular(path, LIMIT))
        rows = rows_of(content)
        if content["graph_hash"] != artifact.manifest["graph_hash"]:
            raise InputError("is of another network")
        return rows, ()
    except FileNotFoundError:
        return {}, ()
    except OSError as error:
        why = f"cannot be read ({error.strerror})"
    except InputError as error:
        why = str(error).removeprefix(f"{path}: ")
    except (ValueError, RecursionError):
        why = "is no JSON"
    return {}, (one_line(f"{path}: {why}, so the report lacks what the export measured; export it again"),)


def rows_of(content: object) -> dict[str, str]:
    """The rows of the file, name -> text. Raises `InputError` if they are damaged."""
    if not isinstance(content, dict) or content.keys() != KEYS:
        raise InputError("is not what an export writes")
    rows = content["rows"]
    if not isinstance(rows, dict) or MEASURED not in rows:
        raise InputError("does not say how it was measured")
    if not all(isinstance(text, str) and f"{name}{text}".isprintable() for name, text in rows.items()):
        raise InputError("has a row that is no printable text")
    return rows
