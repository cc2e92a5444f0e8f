"""The command that exports a network, as errors and last lines name it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from snnc.text import shell

TARGETS = "c  # or loihi, fpga"
"""What most users export to; a shell takes the line as it is."""
SUITED = {
    "chip": "loihi  # or fpga, of which it counts cycles",
    "place": "fpga --board ulx3s  # or icebreaker, tangnano20k",
}
"""The same, of the commands that take artifacts of some targets alone."""


def export_command(
    path: Path,
    metrics: Mapping[str, Any] | None = None,
    finished: Collection[int] = (),
    dataset: str | None = None,
) -> str:
    """A command that exports the model in `path` with these `metrics`; if it was fine-tuned, as it was.

    `finished`: the bits that training finished it in. `dataset`: what it is measured on instead of its data.
    """
    from snnc.trainer.tuning import as_made

    made = as_made(metrics or {}, finished)
    measured_on = [] if dataset is None else ["--dataset", dataset]
    command = shell("snnc", "export", path, *made, *measured_on)
    return command if "--target" in made else f"{command} --target {TARGETS}"


def exported_again(artifact: Path) -> str | None:
    """The command that exports the network of `artifact` again; None where no file there holds it."""
    from snnc.exporter.artifact import SOURCES

    files = (artifact / name for name in SOURCES)
    return next((shell("snnc", "export", each) for each in files if each.is_file()), None)


def suited(line: str, name: str) -> str:
    """`line`, which exports a network, with a target that the command `name` takes."""
    if name not in SUITED:
        return line
    of_any = re.sub(rf" --target (?:{re.escape(TARGETS)}|\S+)", "", line)
    return f"{of_any} --target {SUITED[name]}"
