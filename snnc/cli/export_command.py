"""The command that exports a network, as errors and last lines name it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from snnc.text import shell

TARGETS = "c  # or loihi, fpga"
"""What most users export to; a shell takes the line as it is."""
BOARD = "ulx3s"
SUITED = {
    "chip": "loihi  # or fpga, of which it counts cycles",
    "place": f"fpga --board {BOARD} --lanes 16  # more lanes take far longer to place",
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


def default_output(model: Path, target: str) -> Path:
    """The folder that `snnc export` writes without -o: beside `model`, or the artifact that holds it."""
    from snnc.exporter.manifest import MANIFEST

    suffix = f".{target.partition(':')[0]}"
    if (model.parent / MANIFEST).is_file():
        from snnc.exporter.artifact import OF_THE_EXPORTER  # here: it takes long to load

        if model.name in OF_THE_EXPORTER:
            model = _named(model.parent)
    return model.with_suffix(suffix)


def _named(folder: Path) -> Path:
    """`folder`, which may be the one that commands run in, by its name."""
    return folder if folder.name not in ("", "..") else folder.resolve()


def exported_again(artifact: Path) -> str | None:
    """The command that exports the network of `artifact` again; None where no file there holds it."""
    from snnc.exporter.artifact import SOURCES

    files = (artifact / name for name in SOURCES)
    return next((shell("snnc", "export", each) for each in files if each.is_file()), None)


def suited(line: str, name: str, made_of: Path) -> str:
    """`line`, which exports the network of `made_of`, with a target that the command `name` takes."""
    if name not in SUITED:
        return line
    of_any = re.sub(rf" --target (?:{re.escape(TARGETS)}|\S+)", "", line)
    target, _, why = SUITED[name].partition("  # ")
    beside = _named(made_of)
    # Not in the place of a core without a board, which may be there.
    other = f" -o {shell(beside.with_name(f'{beside.stem}-{BOARD}.fpga'))}" if name == "place" else ""
    return f"{of_any} --target {target}{other}  # {why}"
