"""The spikes that a framework gave: read from an npz, and checked against the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.errors import InputError
from snnc.io.npz import MAX_BYTES, read_npz
from snnc.io.regular import read_regular
from snnc.provenance import sha256
from snnc.stages import FloatGraph
from snnc.stages.population import INPUT

EVENTS = "input"
WHAT = "an npz with `input` [recordings, steps, lines] and, by the name of a node, spikes of the same steps"


@dataclass(frozen=True, slots=True)
class Recorded:
    """The content of the file `name`: `events` uint8 [N, T, lines], and by population its `spikes`, bool."""

    name: str
    sha256: str
    events: npt.NDArray[np.uint8]
    spikes: Mapping[str, npt.NDArray[np.bool_]]


def read_recorded(path: Path, graph: FloatGraph, payload_max: int) -> Recorded:
    """What the file at `path` holds of the populations of `graph`; events are 0 .. `payload_max`.

    Raises
    ------
    InputError
        If it is no such file, names what is no population with spikes, or has a shape or a value that the
        network has not.
    """
    if path.suffix != ".npz":
        raise InputError(f"--expect {path}: give {WHAT}")
    data = _content(path)
    arrays = read_npz(path, data)
    if EVENTS not in arrays:
        raise InputError(f"{path}: has no array `{EVENTS}`; give {WHAT}")
    spiking = {each.name: each.neurons for each in graph.populations if each.spikes}
    names = [name for name in arrays if name != EVENTS]
    if not names:
        raise InputError(f"{path}: has no spikes beside `{EVENTS}`; add those of {', '.join(spiking)}")
    count = len(arrays[EVENTS]) if arrays[EVENTS].ndim else 0
    events = _checked(path, EVENTS, arrays[EVENTS], (count, graph.time_steps, graph.inputs), payload_max)
    spikes = {}
    for name in names:
        if name not in spiking:
            raise InputError(f"{path}: `{name[:80]}` {_no_spikes(graph, name)}; name {', '.join(spiking)}")
        shape = (count, graph.time_steps, spiking[name])
        spikes[name] = _checked(path, name, arrays[name], shape, 1) > 0
    return Recorded(path.name, sha256(data), events, spikes)


def _no_spikes(graph: FloatGraph, name: str) -> str:
    models = {each.name: each.model for each in graph.populations}
    if name not in models:
        return "is no population of the network"
    if models[name] == INPUT:
        return f"is an input, whose events are in `{EVENTS}`"
    return "is read without spikes"


def _content(path: Path) -> bytes:
    try:
        return read_regular(path, MAX_BYTES)
    except FileNotFoundError:
        raise InputError(f"--expect {path}: no such file; give {WHAT}") from None
    except OSError as error:
        raise InputError(f"--expect {path}: cannot be read ({error.strerror}); give {WHAT}") from error


def _checked(
    path: Path, name: str, array: npt.NDArray[Any], shape: tuple[int, int, int], most: int
) -> npt.NDArray[np.uint8]:
    """`array`, its features row by row, as whole numbers 0 .. `most`."""
    if array.ndim < 3 or not shape[0] or (*array.shape[:2], prod(array.shape[2:])) != shape:
        raise InputError(
            f"{path}: `{name}` is {list(array.shape)}, expected {list(shape)}: recordings, steps, and "
            f"{'lines' if name == EVENTS else 'neurons'}"
        )
    sound = array.dtype.kind in "biuf" and array.min() >= 0 and array.max() <= most  # nan is not
    whole = array.astype(np.uint8) if sound else None
    if whole is None or not np.array_equal(whole, array):
        raise InputError(
            f"{path}: `{name}` holds numbers that are not whole, 0..{most}; "
            + ("give events, or a larger --payload-max" if name == EVENTS else "a neuron spikes once a step")
        )
    return whole.reshape(shape)
