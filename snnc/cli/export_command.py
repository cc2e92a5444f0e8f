"""The command that exports a trained model, as `train`, `test` and `inspect` name it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from snnc.text import shell

TARGETS = "c  # or loihi, fpga"
"""What most users export to; a shell takes the line as it is."""


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
