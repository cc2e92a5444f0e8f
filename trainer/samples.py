"""Recordings of a split, framed as a trained model wants them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from os.path import isdir
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from snnc.errors import FILE_OF_THEM, TAKES_ALL, InputError, NoDataError
from snnc.io.spike_arrays import other_step
from snnc.stages.trained import NO_DATA
from snnc.text import did_you_mean
from snnc.trainer.changed_data import of_changed
from snnc.trainer.data import EventDataset, load
from snnc.trainer.data.class_names import counted_from_0
from snnc.trainer.data.counted_labels import labels_count
from snnc.trainer.data.dense import step_notes
from snnc.trainer.data.one_step import check_spread
from snnc.trainer.data.published import PUBLISHED
from snnc.trainer.data.short_recordings import labelled, without_label
from snnc.trainer.encoder_record import layout_of
from snnc.trainer.fitting_data import fitted
from snnc.trainer.held_out import Steps, copies_across
from snnc.trainer.line_record import heard, notes_of_lines
from snnc.trainer.model_file import AnyModel
from snnc.trainer.other_data import OtherData, is_other, learned_steps, looked_up, notes_of_file, tested
from snnc.trainer.own_data import own_data, published_part
from snnc.trainer.recipes.untested import untested
from snnc.trainer.splitting import splits_of
from snnc.trainer.step_record import learned_step
from snnc.trainer.tuning import without_tuned

if TYPE_CHECKING:
    from snnc.trainer.config import TrainConfig

SPLITS = ("train", "validation", "test")
_BATCH, _BATCH_BYTES = 128, 128 << 20
"""Most recordings of a batch, and most bytes of their frames."""
_PICKED_BYTES = 512 << 20
"""Most bytes of the frames of the recordings that are picked."""

Frames = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Samples:
    """Labelled recordings of one split; frames are uint8 [B, T, inputs] of 0 and 1.

    `name` is the split's, with a remark where its speakers may have trained; "all of FILE" where all are
    measured. `other`: what is said of data that are not the model's own. `copies`: what trained or validated
    and is of the test part, too. `left_out`: that others have no label. `lines`: input lines silent here, but
    not in training, or the reverse; the notes of `other` tell its.
    """

    name: str
    events: EventDataset
    bin_s: float
    time_steps: int
    unit_pool: int
    other: OtherData | None = None
    copies: tuple[str, ...] = ()
    left_out: str = ""
    lines: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.events)

    def frames(self, which: npt.NDArray[np.int64]) -> tuple[Frames, Labels]:
        """Frames and labels of these recordings. `InputError` if one is longer than T."""
        spikes = self.events.frames(which, self.bin_s, self.time_steps, self.unit_pool)
        return spikes, self.events.labels[which]

    @property
    def _frame_bytes(self) -> int:
        return self.time_steps * (self.events.unit_count // self.unit_pool)

    def batches(self) -> Iterator[tuple[Frames, Labels]]:
        """All recordings, in batches of bounded memory."""
        size = min(_BATCH, max(1, _BATCH_BYTES // self._frame_bytes))
        for first in range(0, len(self), size):
            yield self.frames(np.arange(first, min(first + size, len(self))))

    def pick(self, count: int) -> tuple[Frames, Labels]:
        """`count` recordings (or all, if fewer) spread evenly over the split, the same each time.

        Fewer, where their frames would take more than `_PICKED_BYTES`.
        """
        return self.frames(self.picked(count))

    def picked(self, count: int) -> npt.NDArray[np.int64]:
        """The positions of the recordings that `pick` gives, in their order."""
        return self._spread(min(count, max(1, _PICKED_BYTES // self._frame_bytes)))

    def pick_lazily(self, count: int, seed: int | None = None) -> tuple[LazyFrames, Labels]:
        """What `pick` gives, framed only where it is sliced; by a `seed`, others of each class are drawn."""
        which = self._spread(count, seed)
        return LazyFrames(self, which), self.events.labels[which]

    def _spread(self, count: int, seed: int | None = None) -> npt.NDArray[np.int64]:
        count = min(count, len(self))
        drawn = np.arange(len(self)) if seed is None else np.random.default_rng(seed).permutation(len(self))
        order = drawn[np.argsort(self.events.labels[drawn], kind="stable")]  # evenly over the classes too
        return order[(np.arange(count) * len(self)) // max(count, 1)]


@dataclass(frozen=True, slots=True)
class LazyFrames:
    """The recordings `which` of `samples`; a slice of it is uint8 [B, T, inputs]."""

    samples: Samples
    which: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.which)

    def __getitem__(self, part: slice) -> Frames:
        return self.samples.frames(self.which[part])[0]


def load_samples(
    model: AnyModel, split: str, dataset: str | EventDataset | None = None, near: Path | None = None
) -> Samples:
    """The `split` of the data `model` was trained on, or of `dataset`.

    Of data that are not the model's own, all recordings are the test split, unless a test part comes with
    them; other splits are by the rules of training.

    Parameters
    ----------
    dataset : other data, by name or path, or recordings; or the folder of the model's published data set.
    near : folder to look in for the model's own data where they are not at the path of training.

    Raises
    ------
    InputError
        The split is unknown or empty, the data cannot be read or do not fit, or are not those of training.
    """
    return load_splits(model, (split,), dataset, near)[0]


def load_splits(
    model: AnyModel,
    splits: Sequence[str],
    dataset: str | EventDataset | None = None,
    near: Path | None = None,
    to_train: bool = False,
    some: bool = False,
) -> list[Samples]:
    """As `load_samples`, several splits of data that are read once.

    Of data that are not the model's own, the test split alone is given if it is asked for: it holds all of
    them. The model's own, of which nothing was kept for testing, give their other splits. Recordings of train
    that validate, too, are given once. `some`: those without a label are left out. `to_train`: all parts are
    given, and whether they trained the model is looked up for the test split alone.
    """
    for split in splits:
        if split not in SPLITS:
            near_one = did_you_mean(split, SPLITS)
            raise InputError(f"split {split!r} is unknown{near_one}; choose one of {', '.join(SPLITS)}")
    events = dataset if isinstance(dataset, EventDataset) else None
    place = dataset if isinstance(dataset, str) else None
    dataset = dataset.name if isinstance(dataset, EventDataset) else dataset
    config = trained_config(model, dataset)
    if config.keeps_last and "train" in splits and not to_train:
        splits = [each for each in splits if each != "validation"]
    other: dict[str, OtherData] = {}
    left_out, copies = "", tuple[str, ...]()
    if events is None and model.dataset in PUBLISHED and (dataset is None or isdir(dataset)):
        read = [published_part(model, config, split, dataset, near) for split in splits]
        named = zip(splits, (fitted(model, each, dataset or model.dataset) for each in read), strict=True)
        parts = [without_tuned(model, *each) for each in named]
    else:
        if events is None:
            known = model.class_names, layout_of(model.metrics)
            events = own_data(model, near) if dataset is None else load(dataset, model.bin_s, *known)
        left_out, events = (without_label(events), labelled(events)) if some else ("", events)
        events = fitted(model, events, dataset or model.dataset)
        if dataset is not None and is_other(model, events, place, near):
            parts, other = _other_parts(model, config, events, splits, place, near, to_train)
        else:
            whole = _parts_of(config, events, splits, dataset or model.dataset)
            parts = [without_tuned(model, *each) for each in whole]
            other = of_changed(model, config, parts, events, near, to_train)
            copies = _copies(model, config, events) if "test" in splits else ()
    size = model.bin_s, model.time_steps, model.unit_pool
    again = {name: copies for name, _ in parts if name.startswith("test") and name not in other}
    own = [each for each in parts if not to_train and (each[0] not in other or other[each[0]].changed)]
    lines = {name: notes_of_lines(model, heard(part, model.unit_pool)) for name, part in own}
    return [
        Samples(name, part, *size, other.get(name), again.get(name, ()), left_out, lines.get(name, ()))
        for name, part in parts
    ]


def _copies(model: AnyModel, config: TrainConfig, events: EventDataset) -> tuple[str, ...]:
    """That some of the test part of the model's own data are among its other recordings."""
    steps = Steps(model.bin_s, model.time_steps, model.unit_pool)
    return tuple(copies_across(splits_of(config, events), steps, tested=True))


def _other_parts(
    model: AnyModel,
    config: TrainConfig,
    events: EventDataset,
    splits: Sequence[str],
    place: str | None,
    near: Path | None,
    to_train: bool,
) -> tuple[list[tuple[str, EventDataset]], dict[str, OtherData]]:
    """The `splits` of data that are not the model's own with their names, and what is said of them.

    Whether recordings trained the model is looked up, for those `to_train` with in the test split alone.
    """
    name, learned_s = events.name if place is None else Path(place).name or place, learned_step(model)
    reach = learned_steps(model) or model.time_steps
    check_spread(f"event data '{place or name}'", events, model.bin_s, reach)
    if place is not None:
        steps = step_notes(place, model.bin_s, learned_s)
    else:
        steps = other_step(name, events.step_s, model.bin_s, learned_s)
    counted = place is not None and labels_count(events, model.class_names)
    steps += counted_from_0(model.class_names) if counted else ()
    if "test" not in splits:
        parts = _parts_of(config, events, splits, place or name)
        said = {
            split: OtherData(
                name,
                len(part),
                len(events),
                f"{split}, by the rules of training",
                looked_up=not to_train,
                notes=steps,
                counted=counted,
            )
            for split, part in parts
        }
        if not to_train:
            said = {split: looked_up(said[split], model, config, part, near) for split, part in parts}
        return parts, said
    if not len(events):
        raise InputError(f"event data '{place or name}' have no recordings; give some to test with")
    used, part = tested(events)
    odd = () if place is None else notes_of_file(events, model)
    lines = notes_of_lines(model, heard(used, model.unit_pool))
    found = OtherData(name, len(used), len(events), part, notes=(*steps, *odd, *lines), counted=counted)
    found = looked_up(found, model, config, used, near)
    called = "test" if part else f"all of {name}"
    return [(called, used)], {called: found}


def trained_config(model: AnyModel, dataset: str | None) -> TrainConfig:
    """The configuration of training, which says how data are split.

    Raises
    ------
    InputError
        If the model has none; `NoDataError` if neither it nor `dataset` names data.
    """
    from snnc.trainer.config import make_config  # here: pydantic takes long to load

    recorded = model.metrics.get("data")
    if dataset is None and isinstance(recorded, Mapping) and recorded.get("in_memory") is True:
        raise NoDataError(
            f"the model was trained on recordings that were given in memory ({model.dataset}, SHA-256 "
            f"{recorded.get('sha256')!s:.12}...); {FILE_OF_THEM}"
        )
    if dataset is None and (model.dataset == NO_DATA or "dataset" not in model.config):
        raise NoDataError(f"the model names no recordings of its own; {TAKES_ALL}")
    if not model.config:
        raise InputError(
            f"the model has no training configuration, so the split of the data is unknown; {TAKES_ALL}"
        )
    return make_config(model.config, "the model's configuration")


def _parts_of(
    config: TrainConfig, events: EventDataset, splits: Sequence[str], name: str
) -> list[tuple[str, EventDataset]]:
    """The `splits` of `events` with their names. `InputError` if one is empty."""
    found = splits_of(config, events)
    parts = []
    for split in splits:
        part: EventDataset = getattr(found, split)
        if not len(part) and split == "test" and (why := untested(dict(config))):
            if len(splits) > 1:
                continue
            raise NoDataError(
                f"event data '{name}': {why}; --split validation measures on those that chose the network, "
                "--dataset FILE names a file to test with"
            )
        if not len(part):
            raise InputError(f"event data '{name}': its {split} split is empty; choose another (--split)")
        parts.append((split + found.remark(split), part))
    return parts
