"""The results that a former `snnc verify` left: where the next one ends without a verdict, nobody takes them
for its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

_BEGINS = {
    "junit": ("--junit", re.compile(rb'<\?xml [^>]*>\s*<testsuites name="snnc verify"')),
    "as_json": ("--json", re.compile(rb'\{\s*"schema": \d+,\s*"trusted": ')),
}
"""Parameter -> its option, and how `snnc verify` begins such a file, in any version."""
_HEAD = 200
"""Bytes in which that is looked for."""


def remove_former(given: Mapping[str, object]) -> None:
    """Remove the files of --junit and --json, as `given` to `verify`, that a former one wrote.

    All others stay until there is something to replace them with, and what is needed or in an artifact is
    never replaced: the command refuses that.

    Raises
    ------
    InputError
        One cannot be removed.
    """
    if given.get("listing"):
        return
    for parameter, (option, begins) in _BEGINS.items():
        place = given.get(parameter)
        if not isinstance(place, Path) or not _begins(place, begins) or _is_needed(place, given):
            continue
        from snnc.io import files

        try:
            place.unlink()
        except OSError as error:
            raise files.cannot_write(place, error, option) from error


def _begins(place: Path, begins: re.Pattern[bytes]) -> bool:
    from snnc.errors import SnncError
    from snnc.io.regular import open_regular

    try:
        if not place.is_file():
            return False
        with open_regular(place) as file:
            return begins.match(file.read(_HEAD)) is not None
    except (OSError, SnncError):  # cannot be read: the command tells why it does not replace it
        return False


def _is_needed(place: Path, given: Mapping[str, object]) -> bool:
    """Whether it is the input, a page of the report, or in the artifact, behind a link too."""
    from snnc.exporter.artifact import REPORTS
    from snnc.io.files import real_path

    artifact, inputs, output = (given.get(each) for each in ("artifact", "inputs", "output"))
    real = real_path(place)
    needed = {real_path(inputs)} if isinstance(inputs, Path) else set()
    needed |= {real_path(output / name) for name in REPORTS} if isinstance(output, Path) else set()
    return real in needed or (isinstance(artifact, Path) and real_path(artifact) in real.parents)
