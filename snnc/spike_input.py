"""Spikes that a user gives to `snnc run`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from snnc.errors import InputError
from snnc.stages import Artifact, check_input


def read_spikes(path: Path, artifact: Artifact) -> npt.NDArray[np.uint8]:
    """uint8 [samples, T, inputs] from an npz with `spikes`, or from an event file.

    Raises
    ------
    InputError
        If the file cannot be read or does not fit the artifact's network.
    """
    if path.suffix == ".npz":
        dense = _dense(path)
        if dense is not None:
            return check_input(artifact.graph, dense[None] if dense.ndim == 2 else dense)
    from snnc.accuracy import source_model
    from snnc.trainer.data import load

    events, model = load(str(path)), source_model(artifact)
    if events.unit_count != artifact.graph.inputs * model.unit_pool:
        raise InputError(
            f"{path}: has {events.unit_count} units, the network reads {artifact.graph.inputs} inputs "
            f"of {model.unit_pool} units each"
        )
    return events.frames(np.arange(len(events)), model.bin_s, model.time_steps, model.unit_pool)


def _dense(path: Path) -> npt.NDArray[np.generic] | None:
    """The array `spikes` of an npz file, or None if it has none."""
    from snnc.trainer.data.npz import read_npz

    return read_npz(path).get("spikes")
