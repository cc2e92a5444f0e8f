"""Which recordings train, validate and test, as a configuration says."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from snnc.errors import ConfigError
from snnc.trainer.data import EventDataset, Splits, load, split_by_default, split_by_speaker, train_on_all
from snnc.trainer.data.copies import of_copies
from snnc.trainer.data.dense import assumed_steps
from snnc.trainer.data.published import PUBLISHED, load_part
from snnc.trainer.data.short_recordings import check_labelled
from snnc.trainer.near import above

if TYPE_CHECKING:
    from snnc.trainer.config import TrainConfig

Notify = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Recordings:
    """The data of a training run: their parts, and the hashes that vouch for them later.

    `parts` are the hashes of the parts of a published data set, by name. Its test part is not read in
    training: `splits.test` is empty, and no hash covers it.
    """

    name: str
    splits: Splits
    sha256: str
    parts: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        held_out = 0 if self.splits.trains_all else len(self.splits.validation)
        return len(self.splits.train) + held_out + len(self.splits.test)

    def needed_steps(self, bin_s: float) -> int:
        """Fewest time steps of `bin_s` seconds that hold every event that was read."""
        parts = (self.splits.train, self.splits.validation, self.splits.test)
        return max(part.needed_steps(bin_s) for part in parts)


def load_recordings(config: TrainConfig, notify: Notify | None = None) -> Recordings:
    """Read and split the data of `config`; of a published data set, all but the test part.

    Raises
    ------
    InputError
        A file is missing or damaged, a speaker does not exist, or none is left to train.
    ConfigError
        Fields are missing, or not meant for this data set.
    """
    if config.dataset not in PUBLISHED:
        if config.data_dir is not None or config.cache_dir is not None:
            raise ConfigError(
                f"dataset = '{config.dataset}': data_dir and cache_dir are for {', '.join(PUBLISHED)}; "
                "leave them out"
            )
        data = load(config.dataset, config.bin_s)
        if notify is not None:
            for note in assumed_steps(config.dataset, config.bin_s):
                notify(note)
            for note in data.notes:
                notify(f"event data '{data.name}': {note}")
        return recordings_of(config, data, notify)
    train, validation = published_parts(config, ("train", "validation"), notify=notify)
    hashes = {"train": train.sha256(), "validation": validation.sha256()}
    if train.class_names != validation.class_names:
        raise ConfigError(
            f"data set '{config.dataset}': the training and the validation part have different classes; "
            "take both from the same release"
        )
    together = hashlib.sha256(repr(sorted(hashes.items())).encode()).hexdigest()
    return Recordings(config.dataset, Splits(train, validation, train.select([])), together, hashes)


def recordings_of(config: TrainConfig, data: EventDataset, notify: Notify | None = None) -> Recordings:
    """`data`, split as `config` says; `notify` is told which of them are others again.

    Raises `InputError` if some have no label.
    """
    check_labelled(data, data.name, "training")
    if notify is not None:
        for note in of_copies(data):
            notify(f"event data '{data.name}': {note}")
    return Recordings(data.name, splits_of(config, data), data.sha256())


def published_parts(
    config: TrainConfig, names: Sequence[str], near: Path | None = None, notify: Notify | None = None
) -> list[EventDataset]:
    """These parts of the published data set of `config`, by its official split; no other is read.

    The Spiking Heidelberg Digits have no validation part: the `validation_speakers` of the training file are
    it. `near` is another folder to look in; from it, and from those above it, a relative `data_dir` is, too.

    Raises
    ------
    InputError
        A file is missing or damaged.
    ConfigError
        `data_dir` or `validation_speakers` are missing, or speakers are named where the split is given.
    """
    dataset = config.dataset
    by_speaker = "validation" not in PUBLISHED[dataset].parts
    _check_fields(config, by_speaker)
    folders = [Path(config.data_dir)] if config.data_dir is not None else []
    if near is not None:
        named = [near / each for each in folders] + [other for each in folders for other in above(near, each)]
        folders += [near, *(each for each in named if each.is_dir() and each not in folders)]
    cache = None if config.cache_dir is None else Path(config.cache_dir)
    if not by_speaker or "test" in names:
        return [load_part(dataset, name, folders, cache, notify) for name in names]
    splits = splits_of(config, load_part(dataset, "train", folders))
    return [splits.train if name == "train" else splits.validation for name in names]


def _check_fields(config: TrainConfig, by_speaker: bool) -> None:
    dataset = config.dataset
    unwanted = {
        "cache_dir": config.cache_dir if dataset != "gsc" else None,
        "test_speakers": list(config.test_speakers),
        "testing": config.testing if config.tests_nobody else None,
        "validation_speakers": [] if by_speaker else list(config.validation_speakers),
    }
    for name, value in unwanted.items():
        if value:
            raise ConfigError(f"{name} = {value!r}: dataset '{dataset}' does not use it; leave it out")
    if config.keeps_last and not by_speaker:
        raise ConfigError(
            f"validation = 'training': dataset '{config.dataset}' has a validation part of its own; "
            "leave the field out"
        )
    if by_speaker and not config.validation_speakers and not config.keeps_last:
        raise ConfigError(
            f"validation_speakers is missing: dataset '{dataset}' has no validation part; name two of its "
            "training speakers, as [0, 9]"
        )


def splits_of(config: TrainConfig, data: EventDataset) -> Splits:
    """The parts of `data` by the speakers that `config` holds out, or the data come with, or by default.

    Raises
    ------
    InputError
        A speaker does not exist, or none is left to train.
    """
    validation, test = data.held_out or ((), ())
    if config.keeps_last:
        return train_on_all(data, () if config.tests_nobody else config.test_speakers or test)
    if config.validation_speakers:
        return split_by_speaker(data, config.validation_speakers, config.test_speakers)
    if validation:
        return split_by_speaker(data, validation, () if config.tests_nobody else test)
    if data.held_out is not None:
        return split_by_speaker(data, *data.held_out)
    return split_by_default(data, config.seed, tests=not config.tests_nobody)
