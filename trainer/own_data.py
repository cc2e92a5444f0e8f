"""The data that a model was trained on, where their hash vouches for them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from snnc.errors import InputError, OwnDataError
from snnc.text import shell
from snnc.trainer.data import EventDataset, load
from snnc.trainer.model_file import AnyModel
from snnc.trainer.near import found_near
from snnc.trainer.splitting import published_parts

if TYPE_CHECKING:
    from snnc.trainer.config import TrainConfig


def published_part(
    model: AnyModel, config: TrainConfig, split: str, folder: str | None, near: Path | None
) -> EventDataset:
    """A part of the published data set of training; no test recordings that the model was trained on."""
    if folder is not None:
        config, near = config.model_copy(update={"data_dir": folder}), None
    try:
        (events,) = published_parts(config, (split,), near)
    except InputError as error:
        raise OwnDataError(*error.args, "--dataset FOLDER names another place") from error
    recorded = model.metrics.get("data")
    parts = recorded.get("parts") if isinstance(recorded, Mapping) else None
    if not isinstance(parts, Mapping):  # a model that was not trained here
        return events
    found = events.sha256()
    if found in parts.values() if split == "test" else found != parts.get(split):
        problem = "were trained on or validated with" if split == "test" else "are others than in training"
        raise OwnDataError(
            f"data set '{config.dataset}': the {split} recordings {problem} (by their SHA-256); "
            "give the folder of the published files (--dataset FOLDER)"
        )
    return events


CHANGED = "another SHA-256: the file changed since, or is another one of that name"
"""Why events under the name of the data of training are not those."""


def own_data(model: AnyModel, near: Path | None) -> EventDataset:
    """The data of training, as the hash in the model's metrics vouches."""
    name = model.dataset
    try:
        events = load(found_near(name, near), model.bin_s)
    except InputError as error:
        raise OwnDataError(f"{error}; --dataset FILE names data in another place") from error
    recorded = model.metrics.get("data")
    if recorded is None:  # a model that was not trained here
        return events
    if not isinstance(recorded, Mapping) or recorded.get("sha256") != events.sha256():
        raise OwnDataError(
            f"event data '{name}' are not those that the model was trained on ({CHANGED}), and it may "
            f"have seen what is a test recording now; to use them on purpose, give {shell('--dataset', name)}"
        )
    return events
