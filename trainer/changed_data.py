"""Data under the name of those of training, which are not those: what is said of their parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from snnc.trainer.data import EventDataset
from snnc.trainer.other_data import OtherData, looked_up

if TYPE_CHECKING:
    from snnc.trainer.config import TrainConfig
    from snnc.trainer.model_file import AnyModel


def of_changed(
    model: AnyModel,
    config: TrainConfig,
    parts: Sequence[tuple[str, EventDataset]],
    events: EventDataset,
    near: Path | None,
    to_train: bool,
) -> dict[str, OtherData]:
    """What is said of the `parts` of `events`, by name; nothing if these are the data of training.

    `to_train`: nothing is measured on them, so whether recordings trained the model is not looked up.
    """
    recorded = model.metrics.get("data")
    if not isinstance(recorded, Mapping) or recorded.get("sha256") == events.sha256():
        return {}
    said = {}
    for name, part in parts:
        how = f"{name}, by the rules of training"
        found = OtherData(
            Path(model.dataset).name, len(part), len(events), how, looked_up=not to_train, changed=True
        )
        said[name] = found if to_train else looked_up(found, model, config, part, near)
    return said
