"""What a run is told by before its first epoch: the network, its time step, and the parts of the data."""

from __future__ import annotations

import numpy as np

from snnc.percent import percent
from snnc.trainer.config import TrainConfig
from snnc.trainer.data import EventDataset, Splits
from snnc.trainer.data.dense import steps_of
from snnc.trainer.data.one_place import one_place
from snnc.trainer.data.silent_lines import silent_lines
from snnc.trainer.data.single_takes import single_takes
from snnc.trainer.data.speakers import NAMED, held_out_settings, persons, sources
from snnc.trainer.graph_network.network import GraphNetwork
from snnc.trainer.held_out import Steps, copies_across
from snnc.trainer.network import DelayNetwork
from snnc.trainer.recipes.fields import TESTS_NOBODY
from snnc.trainer.splitting import Recordings
from snnc.trainer.suited import unsuited

MEASURED = 1000
"""Most training recordings of which shared bins are counted."""
FEW = 3
"""From so many speakers who validate on, nothing is said."""
CROWDED = 1 / 4
"""Share of events that fall into a step and line that has one already, from which a shorter step is told,
and no coarser one."""
_BATCH = 100


def introduction(
    network: DelayNetwork | GraphNetwork,
    config: TrainConfig,
    recordings: Recordings,
    time_steps: int,
    how: str,
) -> list[str]:
    """Lines on a run; `how` tells a user who wants another time step what to write."""
    train = recordings.splits.train
    widths = "-".join(map(str, (train.unit_count // config.unit_pool, *_neurons(network))))
    longest = longest_delay(config)
    delays = f"delays up to {milliseconds(longest * config.bin_s)}" if longest else "no delays"
    step = f"step {milliseconds(config.bin_s)}, {time_steps} steps"
    lines = [f"network {widths}, {delays}; {step}; {_shared(train, config, time_steps, how)}"]
    silent = _silent(train, config)
    copies = copies_across(recordings.splits, Steps(config.bin_s, time_steps, config.unit_pool))
    place = one_place(train, recordings.splits.test)
    notes = [*_single_takes(recordings.splits), *copies, *filter(None, [place, unsuited(train, config)])]
    told = [*silent, *_few_speakers(recordings.splits, config), *(f"note: {each}" for each in notes)]
    return [*lines, _parts(recordings, config), *told]


def milliseconds(seconds: float) -> str:
    """As "20 ms"."""
    return f"{seconds * 1000:.6g} ms"


def shared_events(data: EventDataset, bin_s: float, time_steps: int, unit_pool: int) -> tuple[int, int]:
    """How many events fall into a bin that has one already, and how many events there are."""
    taken = 0
    for first in range(0, len(data), _BATCH):
        which = np.arange(first, min(first + _BATCH, len(data)))
        taken += int(data.frames(which, bin_s, time_steps, unit_pool).sum(dtype=np.int64))
    return len(data.times) - taken, len(data.times)


def shared_in_training(train: EventDataset, config: TrainConfig, time_steps: int) -> tuple[int, int]:
    """`shared_events` of `MEASURED` of the recordings that train, at most."""
    if len(train) > MEASURED:
        train = train.select(np.arange(MEASURED) * len(train) // MEASURED)
    return shared_events(train, config.bin_s, time_steps, config.unit_pool)


def _neurons(network: DelayNetwork | GraphNetwork) -> list[int]:
    """Of each layer or population."""
    if isinstance(network, DelayNetwork):
        return [len(connection.weight) for connection in network.connections]
    return [len(next(iter(each.ways.values())).weight) * each.places for each in network.members]


def longest_delay(config: TrainConfig) -> int:
    """Steps."""
    if config.delays == "none":
        return 0
    between = config.kernel_size - 1 if config.delays_of != "none" else 0
    return max(between, config.recurrent_taps if config.recurrence != "none" else 0)


def _shared(train: EventDataset, config: TrainConfig, time_steps: int, how: str) -> str:
    """The share of events that do not count of their own, in words, and `how` to set another step."""
    shared, events = shared_in_training(train, config, time_steps)
    if not shared:
        return f"no two events share a step and line; another step: {how}"
    other = "a shorter step, in which fewer do" if shared >= CROWDED * events else "another step"
    return (
        f"{percent(shared, events, 1)} of events of the training recordings fall into a step and line "
        f"that has one already (they count as one); {other}: {how}"
    )


def _parts(recordings: Recordings, config: TrainConfig) -> str:
    """How many recordings do what."""
    splits = recordings.splits
    validate = "of these validate" if splits.trains_all else f"validate{_held_out(splits, splits.validation)}"
    told = f"recordings{_read(splits.train)}: {len(splits.train)} train, {len(splits.validation)} {validate}"
    if recordings.parts:
        return f"{told}; the test part is not read"
    if config.tests_nobody:
        return f"{told}; {TESTS_NOBODY}"
    if config.validation_speakers and not len(splits.test):
        return f"{told}, none is kept for testing, as validation_speakers are named and test_speakers are not"
    return f"{told}, {len(splits.test)} are kept for testing{_held_out(splits, splits.test)}"


def _read(train: EventDataset) -> str:
    """How the axes of samples in steps were read, which no error tells where others fit as well."""
    return "" if train.step_s is None else f" of {steps_of(train)} steps of {train.unit_count} lines"


def _silent(train: EventDataset, config: TrainConfig) -> list[str]:
    """That nothing arrives on some lines: whatever their weights become, no recording taught them."""
    silent = silent_lines(train, config.unit_pool)
    return [f"note: input lines without an event in what trains: {silent}"] if silent else []


def _few_speakers(splits: Splits, config: TrainConfig) -> list[str]:
    """That few speakers choose the network, whose own accuracy therefore says little of others."""
    speakers = np.unique(splits.validation.speaker)
    if splits.shared_speakers or splits.trains_all or config.tests_nobody or not 0 < len(speakers) < FEW:
        return []
    if speakers[0] < 0:  # unknown
        return []
    of = f"val is of {sources(len(speakers))} (field `speaker`) and chooses the network"
    if not len(splits.test):
        return [f"note: {of}; none is kept for testing, which would tell the accuracy on others"]
    told = f"{of}; the accuracy on others is what `snnc test` tells"
    return [f"note: {told}{_one_more(splits)}"]


def _one_more(splits: Splits) -> str:
    """The settings with which one more speaker validates, and the same test; empty if none can be spared."""
    trains, validates, tests = (
        np.unique(part.speaker).tolist() for part in (splits.train, splits.validation, splits.test)
    )
    if len(trains) < FEW or len(validates) + len(tests) > NAMED:
        return ""
    lists = {"validation_speakers": [trains[-1], *validates], "test_speakers": tests}
    return f"; one more validates with {held_out_settings(lists, splits.train.speaker_names)}"


def _single_takes(splits: Splits) -> list[str]:
    """That nearly each recording is of a speaker of its own, so that nothing is known to be kept apart."""
    parts = [splits.train, splits.test, *([] if splits.trains_all else [splits.validation])]
    return list(filter(None, [single_takes(np.concatenate([each.speaker for each in parts]))]))


def _held_out(splits: Splits, part: EventDataset) -> str:
    """The persons of whom `part` is, where they have names and are in no other."""
    named = "" if splits.shared_speakers else persons(part.speaker, part.speaker_names)
    return f" ({named})" if named else ""
