"""What is told of augmentation: what is on, and that deleted events may be why validation is low."""

from collections.abc import Mapping, Sequence
from typing import Any

from snnc.percent import percent
from snnc.trainer.config import TrainConfig

AUGMENTATION = (
    "time_shift",
    "channel_shift",
    "event_dropout",
    "time_warp",
    "channel_warp",
    "event_noise",
    "time_mask",
    "channel_mask",
    "blend",
    "mix",
)
"""Fields of `TrainConfig` that change the recordings which train; 0 is off."""
FAR = 0.2
"""Share by which validation lies below training where deleted events are named."""


def augmentation_on(config: TrainConfig) -> dict[str, float]:
    """The fields of `config` that augment, and are not 0, with their values."""
    return {name: getattr(config, name) for name in AUGMENTATION if getattr(config, name)}


def deleted_note(config: TrainConfig, history: Sequence[Mapping[str, Any]], validation: float) -> str:
    """That `event_dropout` may be why validation is far below training; empty if it is off or not far.

    `history` : `EpochMetrics.record` of each epoch; the last one without integers tells how training went.
    `validation` : accuracy of the network that is kept, in floating point with whole delays, 0 .. 1.
    """
    trained = [row["train_accuracy"] for row in history if not str(row["phase"]).startswith("int")]
    if not config.event_dropout or not trained or trained[-1] - validation < FAR:
        return ""
    return (
        f"note: training ended at {percent(trained[-1], 1, 1)}, validation at {percent(validation, 1, 1)}; "
        f"event_dropout = {config.event_dropout:g} may be why: it deletes events of what trains alone, and "
        "where classes differ in how many they have, recordings that keep all look like another class; train "
        "again with event_dropout = 0"
    )
