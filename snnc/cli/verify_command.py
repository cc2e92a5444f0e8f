"""The command that verifies an artifact, as other commands suggest it."""

from __future__ import annotations

import os
from pathlib import Path

from snnc.text import shell


def verification(path: Path, dataset: str, given: Path | None = None) -> str:
    """The command that verifies an artifact of a model of `dataset`, whose data may not be here.

    On the input `given`, too.
    """
    from snnc.stages.trained import NO_DATA
    from snnc.trainer.data import NAMED, PUBLISHED

    words: list[object] = ["verify", path]
    added: list[object] = [] if given is None else ["--input", given]
    if dataset in PUBLISHED:
        words += ["--dataset", "FOLDER" if given is None else "none"]
    elif dataset not in (*NAMED, NO_DATA) and not exists(dataset, Path(os.path.abspath(path)).parent):
        words += ["--dataset", "none"]
        added = ["--input", given or "FILE"]
    return shell("snnc", *words, *added)


def exists(name: str, near: Path | None = None) -> bool:
    """Whether there is such a file, in the folder `near` too."""
    from snnc.trainer.near import found_near

    try:
        return Path(found_near(name, near)).exists()
    except (OSError, ValueError):  # no file can have that name
        return False
