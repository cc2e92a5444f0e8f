"""What `snnc place` left in the folder of an artifact: read here, and understood by its target."""

from __future__ import annotations

from snnc.errors import InputError
from snnc.io.regular import read_regular
from snnc.stages import Artifact, BoardClock
from snnc.stages.board_clock import PLACE_FILE
from snnc.target import Target
from snnc.text import one_line

LIMIT = 1 << 20
"""Most bytes of the file."""


def board_clock(artifact: Artifact, target: Target) -> tuple[BoardClock | None, tuple[str, ...]]:
    """The clock that the design of `artifact` reaches, if it was placed, and notes.

    A file that cannot be used, damaged or of another design, is a note: executors agree without it.
    """
    if target.routed is None:
        return None, ()
    path = artifact.path / PLACE_FILE
    try:
        return target.routed(artifact, read_regular(path, LIMIT)), ()
    except FileNotFoundError:
        return None, ()
    except OSError as error:
        why = f"cannot be read ({error.strerror})"
    except InputError as error:
        why = str(error).removeprefix(f"{path}: ")
    again = "so the report does not know the board's clock; run `snnc place` again"
    return None, (one_line(f"{path}: {why}, {again}"),)
