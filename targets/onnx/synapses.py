"""Synapses of a layer as tables with a row a neuron."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.stages import QuantizedLayer


@dataclass(frozen=True, slots=True)
class SynapseTable:
    """Which past spikes each neuron reads, and what they weigh.

    Attributes
    ----------
    place
        int32 [neurons, fan_in]: `delay * inputs + input`, a place in the history of the layer's input.
    weight
        int8, int16 or int32, whichever holds it, [neurons, fan_in]; 0 where a neuron has fewer synapses.
    history
        Length of that history, newest step first: inputs times the steps that a delay reaches.
    """

    place: npt.NDArray[np.int32]
    weight: npt.NDArray[Any]
    history: int


def synapse_table(layer: QuantizedLayer, time_steps: int) -> SynapseTable:
    """The synapses of `layer`, but for those whose delay is `time_steps` or more: nothing arrives there."""
    live = live_synapses(layer, time_steps)
    source = np.argsort(~live, axis=1, kind="stable")[:, : fan_in(live)]
    there = np.take_along_axis(live, source, axis=1)
    delay = np.take_along_axis(layer.delay, source, axis=1)
    weight = np.take_along_axis(layer.weight, source, axis=1)
    return SynapseTable(
        place=np.where(there, delay * layer.inputs + source, 0).astype(np.int32),
        weight=np.where(there, weight, 0).astype(weight_type(layer)),
        history=history_length(layer, live),
    )


def live_synapses(layer: QuantizedLayer, time_steps: int) -> npt.NDArray[np.bool_]:
    """bool [neurons, inputs]: whose spikes can arrive within `time_steps` (clauses 1 and 2)."""
    live: npt.NDArray[np.bool_] = (layer.weight != 0) & (layer.delay < time_steps)
    return live


def fan_in(live: npt.NDArray[np.bool_]) -> int:
    """Most synapses of a neuron, and at least 1: a table has a column."""
    return max(1, int(live.sum(axis=1).max()))


def history_length(layer: QuantizedLayer, live: npt.NDArray[np.bool_]) -> int:
    """Inputs times the steps that the longest delay of `live` reaches, the present one included."""
    return layer.inputs * (int(layer.delay.max(initial=0, where=live)) + 1)


def weight_type(layer: QuantizedLayer) -> np.dtype[Any]:
    """The smallest signed type that holds the weights; int32 holds all (clause 2)."""
    low, high = layer.weight.min(), layer.weight.max()
    for kind in (np.int8, np.int16):
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return np.dtype(kind)
    return np.dtype(np.int32)
