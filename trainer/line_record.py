"""On which input lines the recordings of training had events: what a model keeps of it, and new recordings.

    data: {..., "lines": {"share": [...], "least": [...]}}, for each line a number in 0..1

`share` is the share of the recordings that trained which have an event on the line, and `least` that of the
class or source (speaker) in which it is smallest: new recordings may all be of one class, or of one source.
Recordings without any event do not count. If k of n recordings have one, the share is k / (n + 1): it is
never 1, so that silence in few new recordings stays possible.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from snnc.errors import StageError
from snnc.stages import FloatConvolution, TrainedGraph, TrainedModel
from snnc.stages.population import INPUT
from snnc.text import quoted
from snnc.trainer.data import EventDataset
from snnc.trainer.data.silent_lines import named_lines

KEY = "lines"
"""Beside the hash of the data of training."""
_FEWEST = 5
"""Of a class or source with fewer recordings, no share is taken."""
_RARE = 0.01
"""How many lines of a network may be told by chance."""
_MOVES = ("channel_shift", "channel_warp", "event_noise")
"""Augmentation that gives events to lines which have none in the recordings."""

_NO_SYNAPSE = "and no synapse in the exported network"

Model = TrainedModel | TrainedGraph
Lines = npt.NDArray[np.bool_]


class Shares(NamedTuple):
    """Of recordings with an event on each line: of all, and of the class or source with the fewest."""

    share: npt.NDArray[np.float64]
    least: npt.NDArray[np.float64]


class Heard(NamedTuple):
    """On which `lines` some recordings have an event, and how many of these recordings have any."""

    lines: Lines
    recordings: int


def record(train: EventDataset, unit_pool: int) -> dict[str, list[float]]:
    """What a model keeps of the recordings that trained it, of lines of `unit_pool` units each."""
    filled = np.flatnonzero(np.diff(train.offsets))
    lines = train.unit_count // unit_pool
    found = []
    for group in (np.zeros(len(train), np.int64), train.labels, train.speaker):
        _, which, sizes = np.unique(group[filled], return_inverse=True, return_counts=True)
        found.append((which, sizes, np.zeros((len(sizes), lines), np.int64)))
    for number, one in enumerate(filled):
        used = np.zeros(lines, bool)
        used[train.units[train.offsets[one] : train.offsets[one + 1]] // unit_pool] = True
        for which, _, counts in found:
            counts[which[number]] += used
    share = found[0][2].sum(axis=0) / (len(filled) + 1)
    large = [(counts / (sizes[:, None] + 1))[sizes >= _FEWEST] for _, sizes, counts in found]
    return {"share": share.tolist(), "least": np.vstack([share, *large]).min(axis=0).tolist()}


def recorded(model: Model) -> Shares | None:
    """What `model` keeps; None of one of an earlier release. Raises `StageError` if it is something else."""
    data = model.metrics.get("data")
    found = data.get(KEY) if isinstance(data, Mapping) else None
    if found is None:
        return None
    if not isinstance(found, Mapping) or found.keys() != set(Shares._fields):
        raise StageError(f"model: {KEY} is {quoted(found)}, expected {' and '.join(Shares._fields)}")
    for name, values in found.items():
        if not isinstance(values, list) or len(values) != model.inputs:
            raise StageError(f"model: {KEY}: {name} is no list of {model.inputs} numbers, one for each line")
        for line, value in enumerate(values):
            if type(value) not in (int, float) or not 0 <= value <= 1:
                raise StageError(
                    f"model: {KEY}: {name} of line {line} is {quoted(value)}, expected a number in 0..1"
                )
    return Shares(*(np.array(found[name], np.float64) for name in Shares._fields))


def heard(events: EventDataset, unit_pool: int) -> Heard:
    """Of recordings for a network whose lines have `unit_pool` units each."""
    lines = np.zeros(events.unit_count // unit_pool, bool)
    lines[np.unique(events.units) // unit_pool] = True
    return Heard(lines, int(np.count_nonzero(np.diff(events.offsets))))


def heard_in(parts: Iterable[npt.NDArray[Any]], lines: int) -> Heard:
    """Of samples in steps, [samples, T, lines]."""
    found, recordings = np.zeros(lines, bool), 0
    for part in parts:
        found |= part.any(axis=(0, 1))
        recordings += int(np.count_nonzero(part.any(axis=(1, 2))))
    return Heard(found, recordings)


def notes_of_lines(model: Model, new: Heard, leads: Lines | None = None) -> tuple[str, ...]:
    """That lines which had events in training have none in `new` recordings, or the reverse; a line each.

    `leads`: of each line, whether it has a synapse in what was exported; None of the model itself.
    Silence is told if, on a line, it is no chance even in recordings of the class or source that uses this
    line least. Then all lines are named on which it is no chance in recordings like those of training.
    """
    if (kept := recorded(model)) is None:
        return ()
    limit, told = _RARE / len(kept.share), list[str]()
    silent = ~new.lines & (kept.share > 0)
    if (silent & ((1 - kept.least) ** new.recordings < limit)).any():
        silent &= (1 - kept.share) ** new.recordings < limit
        told.append(
            f"{_count(silent)} of {_count(kept.share > 0)} input lines that had events in training "
            f"{_have(silent)} none in these {new.recordings} recordings ({named_lines(silent)}): a channel "
            "may be dead or not connected"
        )
    strange = new.lines & _untrained(model, kept)
    for which, what in (
        (strange & _led(leads, strange), "which did not train their weights"),
        (strange & ~_led(leads, strange), f"{_NO_SYNAPSE}: these events change nothing"),
    ):
        if which.any():
            told.append(
                f"{_count(which)} of {len(which)} input lines {_have(which)} events in these recordings, "
                f"and had none in training, {what} ({named_lines(which)})"
            )
    return tuple(told)


def note_of_training(model: Model, driven: bool, leads: Lines | None = None) -> tuple[str, ...]:
    """That some lines had no event in training: it did not train their synapses, or they have none.

    `driven`: inputs that were made for tests drive synapses. `leads`: as of `notes_of_lines`.
    """
    if (kept := recorded(model)) is None:
        return ()
    silent, told = _untrained(model, kept), list[str]()
    if (which := silent & _led(leads, silent)).any():
        also = "; golden or generated inputs drive them" if driven else ""
        told.append(
            f"{_count(which)} of {len(which)} input lines had no event in training, which did not train "
            f"their synapses ({named_lines(which)}){also}"
        )
    if (which := silent & ~_led(leads, silent)).any():
        told.append(
            f"{_count(which)} of {len(which)} input lines had no event in training, {_NO_SYNAPSE}: events "
            f"there change nothing ({named_lines(which)})"
        )
    return tuple(told)


def _led(leads: Lines | None, lines: Lines) -> Lines:
    return np.ones_like(lines) if leads is None else leads


def _untrained(model: Model, kept: Shares) -> Lines:
    """Lines with weights of their own that no recording of training reached, as it was or augmented."""
    moved = any(model.config.get(each) for each in _MOVES)
    return (kept.share == 0) & (not moved and not _shares_weights(model))


def _shares_weights(model: Model) -> bool:
    """Whether lines share kernels, which events on any of them train."""
    if isinstance(model, TrainedModel):
        return False
    inputs = {each.name for each in model.graph.populations if each.model == INPUT}
    first = [each.synapses for each in model.graph.projections if each.source in inputs]
    return any(isinstance(each, FloatConvolution) for each in first)


def _count(which: Lines) -> int:
    return int(np.count_nonzero(which))


def _have(which: Lines) -> str:
    return "has" if _count(which) == 1 else "have"
