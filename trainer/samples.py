"""Recordings of a split, framed as a trained model wants them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.errors import InputError
from snnc.stages import TrainedModel
from snnc.trainer.config import make_config
from snnc.trainer.data import EventDataset, load
from snnc.trainer.splitting import splits_of

SPLITS = ("train", "validation", "test")
_BATCH = 256

Frames = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Samples:
    """Labelled recordings of one split; frames are uint8 [B, T, inputs] of 0 and 1."""

    name: str
    events: EventDataset
    bin_s: float
    time_steps: int
    unit_pool: int

    def __len__(self) -> int:
        return len(self.events)

    def frames(self, which: npt.NDArray[np.int64]) -> tuple[Frames, Labels]:
        """Frames and labels of these recordings. `InputError` if one is longer than T."""
        spikes = self.events.frames(which, self.bin_s, self.time_steps, self.unit_pool)
        return spikes, self.events.labels[which]

    def batches(self) -> Iterator[tuple[Frames, Labels]]:
        """All recordings, in batches of bounded memory."""
        for first in range(0, len(self), _BATCH):
            yield self.frames(np.arange(first, min(first + _BATCH, len(self))))

    def pick(self, count: int) -> tuple[Frames, Labels]:
        """`count` recordings (or all, if fewer) spread evenly over the split, the same each time."""
        count = min(count, len(self))
        order = np.argsort(self.events.labels, kind="stable")  # evenly over the classes too
        return self.frames(order[(np.arange(count) * len(self)) // max(count, 1)])


def load_samples(model: TrainedModel, split: str, dataset: str | None = None) -> Samples:
    """The `split` of the data `model` was trained on, or of `dataset`, by the same rules.

    Raises
    ------
    InputError
        If the split's name is unknown, it is empty, the data cannot be read or does not fit.
    """
    if split not in SPLITS:
        raise InputError(f"split {split!r} is unknown; choose one of {', '.join(SPLITS)}")
    name = dataset or model.dataset
    events = load(name)
    inputs = model.layers[0].weight.shape[1]
    if events.unit_count != inputs * model.unit_pool:
        raise InputError(
            f"event data '{name}' has {events.unit_count} units, the model reads {inputs} inputs "
            f"of {model.unit_pool} units each"
        )
    config = make_config(model.config, "the model's configuration")
    part: EventDataset = getattr(splits_of(config, events), split)
    if not len(part):
        raise InputError(f"event data '{name}': its {split} split is empty; choose another (--split)")
    return Samples(split, part, model.bin_s, model.time_steps, model.unit_pool)
