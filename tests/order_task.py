"""A small task of order: two groups of units burst, and the class says which is first."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from snnc.exporter.passes.discretise import Discretise
from snnc.exporter.passes.quantise import quantise
from snnc.stages import QuantizedGraph, TrainedModel
from snnc.trainer.config import TrainConfig, make_config
from snnc.trainer.data import EventDataset, save_events_npz

SHORT = {
    "epochs": 4,
    "sigma_fraction": 0.5,
    "finetune_epochs": 1,
    "weight_bits": (8, 4),
    "quantise_epochs": 2,
}
"""A training that is finished in integers of 8 bits and of 4, as changes to `config`."""


def order_task(recordings: int = 160) -> EventDataset:
    """Class 0: units 0-2 burst at a random step and 3-5 four steps later; class 1: the other way round."""
    rng = np.random.default_rng(7)
    labels = np.arange(recordings) % 2
    start = rng.integers(0, 4, recordings)
    unit = np.arange(6)
    second = (unit[None] >= 3) ^ (labels[:, None] == 1)
    times = 10 * (start[:, None] + 4 * second) + rng.integers(0, 10, (recordings, 6))
    return EventDataset(
        times=times.astype(np.uint16).ravel(),
        units=np.tile(unit, recordings),
        offsets=np.arange(recordings + 1) * 6,
        labels=labels,
        speaker=np.arange(recordings) // 4 % 10,
        trial=np.zeros(recordings, np.int64),
        duration=np.full(recordings, 0.1, np.float32),
        tick_s=1e-3,
        unit_count=6,
        class_names=("rising", "falling"),
        name="order",
    )


def later_task() -> EventDataset:
    """60 recordings of six speakers: `order_task(60)` with the second burst a step later than there."""
    task = order_task(60)
    start = np.minimum.reduceat(task.times, task.offsets[:-1]).repeat(6)
    times = (task.times + np.where(task.times - start > 20, 10, 0)).astype(np.uint16)
    return replace(task, times=times, speaker=np.arange(60) % 6, name="others")


def config(**changes: object) -> TrainConfig:
    values: dict[str, object] = {
        "dataset": "order.npz",
        "bin_s": 0.01,
        "padding_steps": 4,
        "hidden": [10],
        "kernel_size": 7,
        "tau": 1.5,
        "epochs": 12,
        "batch_size": 16,
        "lr_weights": 2e-2,
        "finetune_epochs": 2,
        "quantise_epochs": 1,
        "dropout": 0.1,
        "event_dropout": 0.05,
        "seed": 1,
    }
    return make_config(values | changes)


def graph_of(model: TrainedModel, bits: int) -> QuantizedGraph:
    """What the export makes of `model`."""
    return quantise(Discretise(bits).run(model), bits)


def toml(**changes: object) -> str:
    """`config` as the text of a file."""
    values = config(**changes).model_dump(mode="json", exclude_defaults=True)
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items() if value is not None)


def own_run(folder: Path, **changes: object) -> Path:
    """A TOML file beside its data."""
    save_events_npz(order_task(40), folder / "order.npz")
    (folder / "mine.toml").write_text(toml(**changes))
    return folder / "mine.toml"
