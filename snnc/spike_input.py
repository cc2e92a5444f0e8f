"""Spikes that a user gives to `snnc run`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from snnc.batches import batches
from snnc.errors import InputError
from snnc.stages import Artifact, check_input

Spikes = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SpikeInput:
    """Samples that are framed when they are asked for, and their labels where the file names them."""

    count: int
    frames: Callable[[slice], Spikes]
    """Samples of a slice -> uint8 [samples, T, inputs] of 0 and 1, or of payloads."""
    labels: Labels | None = None

    def __len__(self) -> int:
        return self.count


def open_spikes(path: Path, artifact: Artifact) -> SpikeInput:
    """The samples of an npz with `spikes`, or of an event file; events are framed in `frames`.

    Raises
    ------
    InputError
        If the file cannot be read, holds no sample, or does not fit the artifact's network.
    """
    found = _open(path, artifact)
    if not len(found):
        raise InputError(f"{path}: holds no sample")
    return found


def _open(path: Path, artifact: Artifact) -> SpikeInput:
    if path.suffix == ".npz":
        dense = _dense(path)
        if dense is not None:
            return _checked(dense[None] if dense.ndim == 2 else dense, artifact)
    from snnc.accuracy import source_model
    from snnc.trainer.data import load

    events, model = load(str(path)), source_model(artifact)
    if events.unit_count != artifact.graph.inputs * model.unit_pool:
        raise InputError(
            f"{path}: has {events.unit_count} units, the network reads {artifact.graph.inputs} lines "
            f"of {model.unit_pool}"
        )

    def frames(which: slice) -> Spikes:
        indices = np.arange(*which.indices(len(events)))
        return events.frames(indices, model.bin_s, model.time_steps, model.unit_pool)

    known = events.class_names == model.class_names
    return SpikeInput(len(events), frames, events.labels if known else None)


def _checked(dense: npt.NDArray[np.generic], artifact: Artifact) -> SpikeInput:
    """`dense` after a look at every value, so that a run does not break down in its middle."""
    graph = artifact.graph
    check_input(graph, dense[:0] if dense.ndim else dense)
    for part in batches(graph, len(dense)):
        check_input(graph, dense[part])
    return SpikeInput(len(dense), lambda which: check_input(graph, dense[which]))


def _dense(path: Path) -> npt.NDArray[np.generic] | None:
    """The array `spikes` of an npz file, or None if it has none."""
    from snnc.trainer.data.npz import read_npz

    return read_npz(path).get("spikes")
