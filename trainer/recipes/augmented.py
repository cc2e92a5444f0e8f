"""What is told of augmentation: what is on, and that deleted events may be why validation is low.

Few persons who did not train may be why, too, and are told first: they may differ from those who did. Then
follows a long step, in which events become one.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from snnc.percent import percent
from snnc.stages.findings import FEW_SPEAKERS
from snnc.text import LINE, one_line, shortened
from snnc.trainer.config import TrainConfig
from snnc.trainer.data import Splits
from snnc.trainer.data.speakers import sources

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
BESIDE = ("dropout", "label_smoothing")
"""Fields that change what neurons send, and what labels are, of what trains alone; 0 is off."""
AGAIN = "train again with event_dropout = 0"
MERGED = 0.1
"""Share of events that another one of their step and line swallows from which the step is named."""
FAR = 0.2
"""Share by which validation lies below training where deleted events are named."""


def augmentation_on(config: TrainConfig) -> dict[str, float]:
    """The fields of `config` that augment, and are not 0, with their values."""
    return {name: getattr(config, name) for name in AUGMENTATION if getattr(config, name)}


def changed_in_training(config: TrainConfig) -> tuple[str, ...]:
    """Names of all that is on in training alone, so that accuracy there is another than without it."""
    return tuple(name for name in (*AUGMENTATION, *BESIDE) if getattr(config, name))


def deleted_note(
    config: TrainConfig,
    history: Sequence[Mapping[str, Any]],
    validation: float,
    splits: Splits,
    time_steps: int,
) -> str:
    """Why validation may be far below training: deleted events, if some are; empty if it is not far.

    Where few speakers of `splits` validate, and none of them trains, they are named first, and then the step
    where many events of `time_steps` share it with another one on their line.

    `history` : `EpochMetrics.record` of each epoch; the last one without integers that was the best of its
    phase is that of the network that is kept.
    `validation` : accuracy of this network, in floating point with whole delays, 0 .. 1.
    """
    kept = [row for row in history if row["best"] and not str(row["phase"]).startswith("int")]
    if not kept or kept[-1]["train_accuracy"] - validation < FAR:
        return ""
    others = list(filter(None, [_strangers(splits)]))
    if merged := _merged(config, splits, time_steps, ", too" if others else ""):
        others.append(merged)
    trained = percent(kept[-1]["train_accuracy"], 1, 1)
    ended = (
        f"note: of the network that is kept, of epoch {kept[-1]['epoch'] + 1}, training is at {trained}, "
        f"validation at {percent(validation, 1, 1)}; "
    )
    if not config.event_dropout:
        return f"{ended}{'; '.join(others)}" if others else ""
    too, again = (", too", "training again with event_dropout = 0 tells") if others else ("", AGAIN)
    dropped = (
        f"event_dropout = {config.event_dropout:g} may be why{too}: it deletes events of "
        "what trains alone, and where classes differ in how many they have, recordings that keep all look "
        f"like another class; {again}"
    )
    return ended + "; ".join([*others, dropped])


def _merged(config: TrainConfig, splits: Splits, time_steps: int, too: str) -> str:
    """That many events become one with another, which a long step does; empty if few do."""
    from snnc.trainer.introduction import milliseconds, shared_in_training

    shared, events = shared_in_training(splits.train, config, time_steps)
    if shared < MERGED * events or not events:
        return ""
    return (
        f"the step of {milliseconds(config.bin_s)} may be why{too}: {percent(shared, events, 1)} of events "
        "fall into a step and line that has one already and count as one, so what is faster than a step is "
        "lost; training again with a shorter step tells"
    )


def _strangers(splits: Splits) -> str:
    """That few speakers validate who did not train, with their names; empty if that is not so."""
    part = splits.validation
    speakers, trained = np.unique(part.speaker), np.unique(splits.train.speaker)
    if not 0 < len(speakers) < FEW_SPEAKERS or speakers[0] < 0 or trained[0] < 0:  # unknown
        return ""
    if np.isin(speakers, trained).any():
        return ""
    names = [str(each) if part.speaker_names is None else part.speaker_names[each] for each in speakers]
    told = shortened(one_line(", ".join(names)), LINE // 4)
    return (
        f"validation is of {sources(len(names))} (field `speaker`: {told}) that did not train; others may be "
        "classified better or worse, and more of them in validation_speakers tell that"
    )
