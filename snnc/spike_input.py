"""Spikes that a user gives to `snnc run`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from snnc.errors import InputError
from snnc.stages import Artifact, check_input

Spikes = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]


def read_spikes(path: Path, artifact: Artifact) -> tuple[Spikes, Labels | None]:
    """uint8 [samples, T, inputs] from an npz with `spikes`, or from an event file, with its labels.

    Raises
    ------
    InputError
        If the file cannot be read, holds no sample, or does not fit the artifact's network.
    """
    spikes, labels = _read(path, artifact)
    if not len(spikes):
        raise InputError(f"{path}: holds no sample")
    return spikes, labels


def _read(path: Path, artifact: Artifact) -> tuple[Spikes, Labels | None]:
    if path.suffix == ".npz":
        dense = _dense(path)
        if dense is not None:
            return check_input(artifact.graph, dense[None] if dense.ndim == 2 else dense), None
    from snnc.accuracy import source_model
    from snnc.trainer.data import load

    events, model = load(str(path)), source_model(artifact)
    if events.unit_count != artifact.graph.inputs * model.unit_pool:
        raise InputError(
            f"{path}: has {events.unit_count} units, the network reads {artifact.graph.inputs} lines "
            f"of {model.unit_pool}"
        )
    spikes = events.frames(np.arange(len(events)), model.bin_s, model.time_steps, model.unit_pool)
    return spikes, events.labels if events.class_names == model.class_names else None


def _dense(path: Path) -> npt.NDArray[np.generic] | None:
    """The array `spikes` of an npz file, or None if it has none."""
    from snnc.trainer.data.npz import read_npz

    return read_npz(path).get("spikes")
