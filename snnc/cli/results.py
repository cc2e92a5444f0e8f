"""What a command gives a script: its result as JSON (`--json`), and silence (`-q`).

docs/results.md has the shapes.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import asdict, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from snnc.cli.given import given_options
from snnc.cli.replacing import JSON, refuse_other_text
from snnc.errors import InputError

SCHEMA = 1
"""Version of the shapes of all commands but `verify`, whose report has its own."""
STDOUT = "-"
PANEL = "What is written"

Json = Annotated[
    Path | None,
    typer.Option(
        "--json",
        metavar="FILE",
        rich_help_panel=PANEL,
        help="Also write the result as JSON to FILE; '-' or nothing: to stdout.",
    ),
]
Quiet = Annotated[
    bool, typer.Option("-q", "--quiet", rich_help_panel=PANEL, help="Print nothing but errors.")
]

QuietButVerdict = Annotated[
    bool,
    typer.Option("-q", "--quiet", rich_help_panel=PANEL, help="Print nothing but errors and the verdict."),
]
QuietButPath = Annotated[
    bool, typer.Option("-q", "--quiet", rich_help_panel=PANEL, help="Print nothing but errors and the path.")
]
Verbose = Annotated[
    bool, typer.Option("-v", "--verbose", rich_help_panel=PANEL, help="Print tables, and all details.")
]


class Command(TyperCommand):
    """A command whose `--json` may stand without a FILE.

    An option that it has not is told with the commands that have it; of `train`, else with the field of the
    configuration that is meant.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if any("--json" in parameter.opts for parameter in self.params):
            args = with_stdout(args)
        given = list(args)  # which click takes apart
        try:
            return super().parse_args(ctx, args)
        except Exception as error:  # click's, which typer has a copy of in some releases
            if type(error).__name__ == "NoSuchOption":
                from snnc.cli.meant_option import name_meant

                name_meant(error, ctx, given)
            raise

    def invoke(self, ctx: Any) -> Any:
        _RUNNING.set(ctx)
        return super().invoke(ctx)


_RUNNING: ContextVar[typer.Context | None] = ContextVar("running", default=None)


def typed(given: Mapping[str, object]) -> dict[str, object]:
    """What of `given` to the command that runs stands on its command line; the rest are defaults."""
    if (context := _RUNNING.get()) is None:
        return {}
    sources = {name: context.get_parameter_source(name) for name in given}
    return {name: given[name] for name, of in sources.items() if of is not None and of.name == "COMMANDLINE"}


def typed_options(without: Collection[str] = ()) -> list[str]:
    """The options on the command line of the command that runs, as words; not the parameters `without`."""
    context = _RUNNING.get()
    return [] if context is None else given_options(context, without)


def with_stdout(args: Sequence[str]) -> list[str]:
    """`args` with "-" after each `--json` that no FILE follows: the end, an option, or a folder does."""
    found = list[str]()
    for place, word in enumerate(args):
        found.append(word)
        after = args[place + 1] if place + 1 < len(args) else None
        if word == "--json" and (
            after is None or (after.startswith("-") and after != STDOUT) or _is_folder(after)
        ):
            found.append(STDOUT)
    return found


def as_told(given: Mapping[str, object]) -> AbstractContextManager[None]:
    """How the options `given` to a command tell it to print."""
    from snnc.cli import console

    return console.told(
        quiet=bool(given.get("quiet")),
        aside=str(given.get("as_json")) == STDOUT,
        verbose=bool(given.get("verbose")),
    )


def check_place(name: str, given: Mapping[str, object]) -> None:
    """Raise `InputError` unless FILE of --json can be written and replaces nothing but a result."""
    from snnc.io import files

    path = given.get("as_json")
    if not isinstance(path, Path) or str(path) == STDOUT:
        return
    if name == "verify":  # which checks more
        return
    for parameter, value in given.items():
        others = value if isinstance(value, list | tuple) else [value]
        if parameter != "as_json" and any(
            isinstance(other, str | Path) and _same(path, Path(other)) for other in others
        ):
            raise InputError(f"--json {path}: is also read or written by this command; choose another name")
    files.check_writable(path, "--json")
    refuse_other_text("--json", path, JSON, "JSON")


def write(path: Path | None, command: str, fields: Mapping[str, Any]) -> None:
    """Write the result of `command` to `path`, stdout if it is "-"; nothing if it is None."""
    if path is None:
        return
    from snnc.io import files

    shape = {"schema": SCHEMA, "command": command, **fields}
    text = json.dumps(_plain(shape), indent=1, allow_nan=False) + "\n"
    if str(path) == STDOUT:
        sys.stdout.write(text)
    else:
        files.write_file(path, text.encode(), "--json")


def _plain(value: Any) -> Any:
    """`value` in types of JSON; a number that it has no form for is null."""
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if hasattr(value, "tolist"):  # of numpy
        return _plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return str(value) if isinstance(value, Path) else value


def _same(one: Path, other: Path) -> bool:
    from snnc.io.files import real_path

    try:
        return real_path(one) == real_path(other)
    except (OSError, ValueError):
        return False


def _is_folder(word: str) -> bool:
    try:
        return Path(word).is_dir()
    except (OSError, ValueError):
        return False
