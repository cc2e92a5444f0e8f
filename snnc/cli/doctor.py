"""`snnc doctor`."""

from __future__ import annotations

from typing import Annotated

import typer

from snnc.cli.results import Json, Quiet

STYLES = {"ok": "green", "note": "yellow", "missing": "bold red"}
FETCHED = ("lava", "pynn")
"""Checks of what the first run downloads."""


def doctor(
    deep: Annotated[
        bool,
        typer.Option(
            "--deep", help="Also run a tiny network on every executor; the first time takes minutes."
        ),
    ] = False,
    as_json: Json = None,
    quiet: Quiet = False,
) -> None:
    """Check this machine: what snnc needs, what is missing, and the command that installs it.

    Exit code 0: nothing is missing; 1: something is missing.

    Example: snnc doctor --deep
    """
    from snnc.cli import console, results
    from snnc.verification.doctor import State, checks

    found = []
    with console.status("looking") as progress:
        for check in checks(deep):
            progress(check.name)
            found.append(check)
            _print(check.name, check.state.value, check.found, check.remedy)
    missing = [check.name for check in found if check.state is State.MISSING]
    results.write(as_json, "doctor", {"well": not missing, "checks": found})
    untried = not deep and any(check.name in FETCHED and check.remedy for check in found)
    if missing:
        last = f"missing: {', '.join(missing)}"
    elif untried:
        last = "nothing is missing; `snnc doctor --deep` fetches these environments and tries every executor"
    else:
        last = "all is well: every executor can run"
    console.out().print(last, soft_wrap=True)
    if missing:
        raise typer.Exit(1)


def _print(name: str, state: str, found: str, remedy: str) -> None:
    from rich.text import Text

    from snnc.cli import console

    line = Text.assemble((f"{state:<8}", STYLES[state]), f"{name}: {found}")
    if remedy:
        line.append(f"; {remedy}")
    console.out().print(line, soft_wrap=True)
