"""What the head of an HDF5 trace says of the network: of a chain, or of any graph."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from snnc.decoding.trace import Recorded, recorded, trace_order
from snnc.stages import QuantizedGraph
from snnc.stages.population import LI, LIF, WITH_STATE
from snnc.stages.readout import LEAST_SCALE, OF_SPIKES, OF_V, SOFTMAX

CHAIN, GRAPH = 1, 2
"""Versions of the format: of a chain of layers, and of a graph that is none."""

Refuse = Callable[[str], NoReturn]


def written(graph: QuantizedGraph, text: Callable[[Sequence[str]], Any]) -> dict[str, Any]:
    """The attributes by which `chain` or `of_graph` knows the network; `text` makes a list of strings."""
    if graph.is_chain:
        return {"version": CHAIN, "readout_scale": graph.readout_scale}
    readouts = recorded(graph)
    scales = {f"scale_{number}": each.scale for number, each in enumerate(readouts) if each.scale is not None}
    return {
        "version": GRAPH,
        "models": text([each.model for each in graph.stateful]),
        "order": np.array(trace_order(graph), np.int64),
        "readouts": np.array([each.layer for each in readouts], np.int64),
        "decoders": text([each.decoder for each in readouts]),
        "ends": np.array([each.end for each in readouts], np.int64),
        **scales,
    }


def of_chain(layers: int, time_steps: int, scale: float, refuse: Refuse) -> tuple[Any, ...]:
    """Models, order and readouts of a chain of so many layers, the last of them read out."""
    if not (math.isfinite(scale) and scale > 0):
        refuse(f"readout_scale is {scale}; it must be finite and above 0")
    models = (*[LIF] * (layers - 1), LI)
    return models, tuple(range(layers)), (Recorded(layers - 1, SOFTMAX, scale, time_steps),)


def of_graph(
    attributes: Mapping[str, Any],
    neurons: Sequence[int],
    time_steps: int,
    numbers: Callable[[str, str], npt.NDArray[Any]],
    refuse: Refuse,
) -> tuple[Any, ...]:
    """Models, order and readouts as the attributes of a graph say, each looked at.

    `numbers` gives a list by its name and the kinds that its type may be of.
    """
    models = tuple(str(each) for each in numbers("models", "O"))
    if len(models) != len(neurons) or not set(models) <= set(WITH_STATE):
        refuse(f"models are {', '.join(models)!a}; one of {', '.join(WITH_STATE)} is expected for each layer")
    order = tuple(numbers("order", "iu").tolist())
    if sorted(order) != list(range(len(neurons))):
        refuse("'order' must hold the number of each layer once")
    which, ends = (numbers(name, "iu").tolist() for name in ("readouts", "ends"))
    decoders = [str(each) for each in numbers("decoders", "O")]
    if not len(which) == len(decoders) == len(ends) or not which:
        refuse("'readouts', 'decoders' and 'ends' must hold one value for each readout, of at least one")
    if len(set(which)) != len(which) or not set(which) <= set(range(len(neurons))):
        refuse("'readouts' must hold numbers of layers, none of them twice")
    if min(ends) < 1 or max(ends) > time_steps:
        refuse(f"'ends' must be within 1..{time_steps}")
    readouts = []
    for number, (layer, decoder, end) in enumerate(zip(which, decoders, ends, strict=True)):
        if decoder not in (OF_V if models[layer] == LI else OF_SPIKES):
            refuse(f"'decoders' holds {decoder!a}, which is not for the model {models[layer]}")
        scale = None
        if decoder in OF_V:
            scale = _scale(attributes, f"scale_{number}", neurons[layer], refuse)
        readouts.append(Recorded(layer, decoder, scale, end))
    return models, order, tuple(readouts)


def _scale(
    attributes: Mapping[str, Any], name: str, classes: int, refuse: Refuse
) -> float | npt.NDArray[np.float64]:
    value = attributes.get(name)
    found = np.asarray(value) if isinstance(value, np.floating | np.ndarray) else np.zeros((0, 0))
    if found.dtype.kind != "f" or found.shape not in ((), (classes,)):
        refuse(f"attribute '{name}' is missing, or neither a float nor one for each of {classes} classes")
    if not (np.isfinite(found) & (found >= LEAST_SCALE)).all():
        refuse(f"attribute '{name}' must hold finite floats of at least {LEAST_SCALE}")
    return found.astype(np.float64) if found.ndim else float(found)
