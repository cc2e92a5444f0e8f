"""Whether a command can use the data that a network was trained on, and what it is told instead."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from snnc.text import shell

if TYPE_CHECKING:
    from snnc.stages import Artifact
    from snnc.trainer.model_file import AnyModel


def own_data_refused(artifact: Artifact) -> bool:
    """As `refused`, of the model that was exported; False of a network without one."""
    from snnc.exporter.artifact import carries_model, source_model

    return carries_model(artifact) and refused(source_model(artifact), artifact.beside)


def refused(model: AnyModel, near: Path | None) -> bool:
    """Whether they are not here, damaged or others by their SHA-256.

    False without a look at published data, which take long to read, and at those that come with snnc.
    """
    from snnc.errors import OwnDataError
    from snnc.trainer.data import NAMED, PUBLISHED
    from snnc.trainer.own_data import own_data

    if model.dataset in (*NAMED, *PUBLISHED):
        return False
    try:
        own_data(model, near)
    except OwnDataError:
        return True
    return False


def to_measure_on(model: AnyModel, near: Path | None, dataset: str | None) -> str | None:
    """`dataset`, if `snnc export` needs it to measure on, and finds recordings there that validate."""
    from snnc.errors import SnncError
    from snnc.trainer.samples import load_splits

    if dataset is None or not refused(model, near):
        return None
    try:
        load_splits(model, ("validation",), dataset, near, to_train=True)
    except SnncError:
        return None
    return dataset


def measured_instead(artifact: Artifact) -> str | None:
    """The file on which its export measured in place of the network's own data, if it still can be used."""
    from snnc.exporter.artifact import source_model
    from snnc.exporter.record import MEASURED_FILE
    from snnc.trainer.near import found_near

    name, near = artifact.manifest["provenance"].get(MEASURED_FILE), artifact.beside
    if not isinstance(name, str) or not exists(name, near):
        return None
    return to_measure_on(source_model(artifact), near, str(found_near(name, near)))


def verification(path: Path, dataset: str, refused: bool, tests: bool = True) -> str:
    """The command that verifies an artifact of a model of `dataset`, whose data may not be here.

    `refused`: a command that reads them refuses them. `tests`: some of them were kept for testing.
    """
    from snnc.stages.trained import NO_DATA
    from snnc.trainer.data import NAMED, PUBLISHED

    words: list[object] = ["verify", path]
    own = [] if tests else ["--split", "validation"]
    if dataset in PUBLISHED:
        words += ["--dataset", "FOLDER"]
    elif dataset not in (*NAMED, NO_DATA):
        there = exists(dataset, Path(os.path.abspath(path)).parent)
        words += ["--dataset", "none"] if refused or not there else own
    return shell("snnc", *words)


def exists(name: str, near: Path | None = None) -> bool:
    """Whether there is such a file, in the folder `near` too."""
    from snnc.trainer.near import found_near

    try:
        return Path(found_near(name, near)).exists()
    except (OSError, ValueError):  # no file can have that name
        return False
