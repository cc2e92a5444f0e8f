"""Recordings for a network that is no chain, and what counts as right on them.

A model of snnc names its own; a NIR file names none, and a user gives them. With labels, which are of the
first readout, a recording is right if that readout tells its label. Without them, the classes that the
network tells in real numbers take their place: a recording is right if every readout tells the same class as
before quantisation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc import no_events
from snnc.batches import batches
from snnc.decoding import softmax
from snnc.decoding.decoder import decoders
from snnc.errors import DENSE, LARGER_EVENTS, InputError
from snnc.exporter.calibration import MOST, Calibration, RecordedLoss, load_calibration, speakers_of
from snnc.exporter.float_reference import FloatTrace, run_float
from snnc.io.npz import read_npz
from snnc.io.spike_arrays import CLASSES, KNOWN, not_read
from snnc.io.spike_file import dense_spikes, of_classes, texts
from snnc.stages import FloatGraph, QuantizedGraph, Readout, Trace, TrainedGraph
from snnc.stages.readout import OF_SPIKES
from snnc.trainer.data import EventDataset
from snnc.trainer.data.class_names import NO_CLASS
from snnc.trainer.data.dense import by_time, speakers_in
from snnc.trainer.data.one_step import check_spread
from snnc.trainer.data.short_recordings import check_labelled

Classes = npt.NDArray[np.int64]

LABELLED, UNLABELLED = "given", "given, unlabelled"
"""What stands for the name of a split."""
UNKNOWN = -1
STEP = 50
"""Recordings, which run one by one, of which a message is."""


@dataclass(frozen=True, slots=True)
class GraphRecordings(Calibration):
    """`labels` int64 [recordings, readouts], `UNKNOWN` where nothing is asked of a readout."""

    def measure(self, graph: QuantizedGraph) -> RecordedLoss:
        """How many recordings `graph` decodes right, in the event-driven simulator; no loss is known."""
        parts = batches(graph, len(self))
        right = sum(int(self.right(classes_of(graph, self.trace(graph, part)), part).sum()) for part in parts)
        return RecordedLoss(right, math.nan)

    def right(self, scores: npt.NDArray[np.generic], part: slice) -> npt.NDArray[np.bool_]:
        """As of `Calibration`, of the classes [recordings, readouts] that the readouts tell."""
        labels = self.labels[part]
        right: npt.NDArray[np.bool_] = ((labels == UNKNOWN) | (labels == scores)).all(axis=1)
        return right


def classes_of(graph: QuantizedGraph, trace: Trace) -> Classes:
    """What the readouts of `graph` tell: int64 [samples, readouts]."""
    return np.stack([each.classes(each.record(trace.layers)) for each in decoders(graph)], axis=1)


def float_classes(graph: FloatGraph, trace: Mapping[str, FloatTrace]) -> Classes:
    """The same of one recording in real numbers, by clause 7: int64 [readouts]."""
    return np.array([_class(each, graph, trace[each.population]) for each in graph.readouts])


def float_answers(
    graph: FloatGraph, recordings: Calibration, progress: Callable[[str], None] = lambda message: None
) -> Classes:
    """`float_classes` of all `recordings`: int64 [recordings, readouts]."""
    found = []
    for number, spikes in enumerate(recordings.spikes):
        if number % STEP == 0:
            last = min(number + STEP, len(recordings)) - 1
            progress(f"in floating point: {number}..{last} of {recordings.recordings.words}")
        found.append(float_classes(graph, run_float(graph, spikes)))
    return np.array(found).reshape(len(recordings), len(graph.readouts))


def with_answers(recordings: GraphRecordings, answers: Classes) -> GraphRecordings:
    """`recordings`, and where they are unlabelled the `answers` in real numbers as labels."""
    return replace(recordings, labels=answers) if recordings.split == UNLABELLED else recordings


def own_recordings(
    model: TrainedGraph, dataset: str | EventDataset | None = None, near: Path | None = None
) -> GraphRecordings:
    """Validation recordings of the data of `model`, or of `dataset`, as `load_calibration` of a chain."""
    found = load_calibration(model, dataset, near)
    labels = found.labels[:, None]
    return GraphRecordings(found.split, found.available, found.spikes, labels, found.speakers, found.other)


def load_recordings(
    graph: FloatGraph | QuantizedGraph, path: Path, payload_max: int, most: int = MOST
) -> GraphRecordings:
    """At most `most` recordings of the file at `path`, evenly over its samples.

    Raises
    ------
    InputError
        If it is no such file, or its spikes or labels do not fit the network. Samples in other steps than the
        network's become events, which go into its steps by their times.
    """
    if path.suffix.lower() != ".npz":
        raise InputError(f"--dataset {path}: the network is no chain of layers; give {DENSE}")
    arrays = read_npz(path)
    if "spikes" not in arrays or not len(arrays["spikes"]):
        raise InputError(f"{path}: holds no spikes; give {DENSE}")
    not_read(path, arrays)
    read = {name: array for name, array in arrays.items() if name in KNOWN}
    if (events := by_time(path, read, graph.bin_s, graph.readouts[0].class_names)) is not None:
        return of_events(graph, events, most)
    spikes = dense_spikes(path, arrays, graph.time_steps, graph.inputs, graph.bin_s)
    labels = np.full((len(spikes), len(graph.readouts)), UNKNOWN)
    if (given := arrays.get("labels")) is not None:
        own = texts(path, arrays, CLASSES)
        labels[:, 0] = of_classes(f"{path}: labels", given, len(spikes), own, graph.readouts[0].class_names)
    split = UNLABELLED if given is None else LABELLED
    spoken = speakers_in(path, read, len(spikes))
    known = None if spoken is None or "" in spoken else spoken  # of all, or not told
    return GraphRecordings(split, len(spikes), _events(path, spikes, payload_max), labels, known).pick(most)


def of_events(graph: FloatGraph | QuantizedGraph, data: EventDataset, most: int = MOST) -> GraphRecordings:
    """At most `most` of the recordings `data`, evenly over them, with labels of the first readout.

    Raises
    ------
    InputError
        If their lines, steps or labels do not fit the network.
    """
    count = min(most, len(data))
    which = np.arange(count) * len(data) // max(count, 1)
    spikes, labels = fitted(graph, data, which)
    of_readouts = np.full((count, len(graph.readouts)), UNKNOWN)
    if labels is not None:
        of_readouts[:, 0] = labels
    split = UNLABELLED if labels is None else LABELLED
    return GraphRecordings(split, len(data), spikes, of_readouts, speakers_of(data, which))


def fitted(
    graph: FloatGraph | QuantizedGraph, data: EventDataset, which: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.uint8], Classes | None]:
    """The recordings `which` of `data` as input of `graph`, and their labels, None where none are known.

    Raises `InputError` as `of_events`.
    """
    frames = fitted_frames(graph, data, which, "--dataset")
    check_spread(f"--dataset: {data.name}", data, graph.bin_s, graph.time_steps)
    if data.class_names == (NO_CLASS,):
        return frames, None
    check_labelled(data, data.name, "measuring a loss")
    labels, classes = data.labels[which], graph.readouts[0].class_names
    return frames, of_classes(
        f"--dataset: {data.name}: labels", labels, len(labels), data.class_names, classes
    )


def fitted_frames(
    graph: FloatGraph | QuantizedGraph, data: EventDataset, which: npt.NDArray[np.int64], argument: str
) -> npt.NDArray[np.uint8]:
    """As `fitted`, whatever the labels; errors name the `argument` that `data` were given as."""
    if not len(data):
        raise InputError(f"{argument}: {data.name} holds no recording; give one at least")
    if data.unit_count != graph.inputs:
        raise InputError(
            f"{argument}: {data.name} has {data.unit_count} lines, the network takes {graph.inputs} a step"
        )
    steps = getattr(data, "steps", None)  # of arrays
    same_dt = math.isclose(data.tick_s, graph.bin_s, rel_tol=1e-6)
    if steps is not None and steps != graph.time_steps and same_dt:
        otherwise = "add silent steps" if steps < graph.time_steps else "cut the steps"
        raise InputError(
            f"{argument}: {data.name} has {steps} steps, the network takes {graph.time_steps}; {otherwise} "
            "at the end, before recordings are made of the arrays"
        )
    return data.frames(which, graph.bin_s, graph.time_steps)


def _events(path: Path, spikes: npt.NDArray[Any], most: int) -> npt.NDArray[np.uint8]:
    """Whole numbers 0 .. `most`."""
    numbers = spikes.dtype.kind in "biuf"
    at = no_events.first_beyond(spikes, most) if numbers else None
    if numbers and at is None:
        return spikes.astype(np.uint8)
    said = f"{path}: its spikes are not whole numbers 0..{most}"
    if at is None:
        raise InputError(f"{said}, but {spikes.dtype}; store numbers")
    said += f", first {no_events.told(spikes, at)} in sample {at[0]}, step {at[1]}, line {at[2]}"
    if no_events.cause(spikes[at]):
        raise InputError(f"{said}; {no_events.remedy(spikes[at])}")
    raise InputError(f"{said}; binarise them, or {LARGER_EVENTS}")


def _class(readout: Readout, graph: FloatGraph, trace: FloatTrace) -> int:
    end = graph.population(readout.population).end or graph.time_steps
    if readout.decoder in OF_SPIKES:
        spikes = trace.spikes[:end]
        first = np.where(spikes.any(axis=0), end - spikes.argmax(axis=0), 0)
        scores: npt.NDArray[Any] = spikes.sum(axis=0) if readout.decoder == "count" else first
    else:
        assert readout.scale is not None
        v = trace.v[:end]
        shares = {
            "softmax": lambda: softmax.scores(v[None], readout.scale)[0],  # type: ignore[arg-type]
            "sum": lambda: v.sum(axis=0) * readout.scale,
            "max": lambda: v.max(axis=0) * readout.scale,
            "last": lambda: v[-1] * readout.scale,
        }
        scores = shares[readout.decoder]()
    return int(np.argmax(scores))
