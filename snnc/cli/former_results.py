"""The results that a former `snnc verify` left: where the next one ends without a verdict, nobody takes them
for its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from snnc.cli.replacing import JSON, XML, refuse_other_text

_STARTS = {"junit": ("--junit", XML, "XML"), "as_json": ("--json", JSON, "JSON")}


def remove_former(given: Mapping[str, object]) -> None:
    """Remove the files of --junit and --json, as `given` to `verify`.

    What is needed or in an artifact stays, and the command refuses to replace it.

    Raises
    ------
    InputError
        One is no text of its kind, or cannot be removed.
    """
    if given.get("listing"):
        return
    for parameter, (option, starts, what) in _STARTS.items():
        place = given.get(parameter)
        if not isinstance(place, Path) or not place.is_file() or _is_needed(place, given):
            continue
        refuse_other_text(option, place, starts, what)
        from snnc.io import files

        try:
            place.unlink()
        except OSError as error:
            raise files.cannot_write(place, error, option) from error


def _is_needed(place: Path, given: Mapping[str, object]) -> bool:
    """Whether it is the input, a page of the report, or in the artifact, behind a link too."""
    from snnc.exporter.artifact import REPORTS
    from snnc.io.files import real_path

    artifact, inputs, output = (given.get(each) for each in ("artifact", "inputs", "output"))
    real = real_path(place)
    needed = {real_path(inputs)} if isinstance(inputs, Path) else set()
    needed |= {real_path(output / name) for name in REPORTS} if isinstance(output, Path) else set()
    return real in needed or (isinstance(artifact, Path) and real_path(artifact) in real.parents)
