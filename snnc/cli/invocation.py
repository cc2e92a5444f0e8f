"""How a user starts `snnc` in the shell at hand: `make demo` leaves it off PATH."""

from __future__ import annotations

import os
import shutil
import sysconfig
from pathlib import Path

from snnc.text import shell

NAME = "snnc"


def own_command() -> str:
    """A word for the shell: `snnc` if PATH leads to this installation, else the path of its script."""
    script = _script()
    found = shutil.which(NAME)
    if not script.exists() or (found is not None and os.path.samefile(found, script)):
        return NAME
    return shell(Path(_near(script)))


def next_steps(artifact: Path) -> list[str]:
    """Lines on what to do with a first artifact; each command works as it is typed."""
    word, folder = own_command(), shell(artifact)
    lines = [f"next: {word} chip {folder}", f"      {word} inspect {folder}", f"      {word} --help"]
    activate = _script().with_name("activate")
    if word != NAME and activate.exists():
        lines.append(
            f"`source {shell(Path(_near(activate)))}` puts {NAME} on PATH, so that `{NAME}` alone starts it"
        )
    return lines


def _near(path: Path) -> str:
    """Relative where it lies below the working folder, so that it can be read."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _script() -> Path:
    """Where this installation's `snnc` stands, if it was installed with one."""
    return Path(sysconfig.get_path("scripts")) / NAME
