"""What happens in each step of the chip: which source fires, and which neuron has something to do.

A message that is sent in a step is handled by its core within that step, for a neuron's update in a later
one. So the input of step t enters in chip step t, and layer l computes its step t in chip step t + l + 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.compiled import compiled
from snnc.errors import StageError
from snnc.formats import DECAY_ONE
from snnc.hwsim.machine.layout import FanOut, Layout
from snnc.stages import Trace, check_input

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Activity:
    """One sample on the chip: `fired` and `active`, bool [chip steps, sources]; input lines are never active.

    A neuron is active in a step if a spike arrives there, its bias is not 0, or it holds a state that decays.
    """

    fired: BoolArray
    active: BoolArray


def activity_of(
    layout: Layout,
    inputs: npt.ArrayLike,
    spikes: Sequence[BoolArray],
    trace: Trace | None = None,
    sample: int = 0,
) -> Activity:
    """Activity of one sample.

    Parameters
    ----------
    inputs
        [T, inputs] of 0 and 1.
    spikes
        [T, neurons] of each layer; those of the readout, which never spikes, may be left out.
    trace, sample
        Where u and v are known. Without them a neuron is taken to hold a state from the first arrival on.

    Raises
    ------
    StageError
        If a shape is not the graph's.
    """
    graph = layout.program.graph
    (lines,) = check_input(graph, np.asarray(inputs)[None])
    found = [np.asarray(part) for part in spikes[: len(graph.layers) - 1]]
    if [part.shape for part in found] != [(graph.time_steps, layer.neurons) for layer in graph.layers[:-1]]:
        raise StageError(
            f"spikes: shapes {[part.shape for part in found]} are not those of the layers of the graph"
        )
    fired = np.zeros((layout.steps, layout.sources), np.bool_)
    active = np.zeros_like(fired)
    fired[: graph.time_steps, : layout.inputs] = source = lines.astype(np.bool_)
    for index, layer in enumerate(graph.layers):
        window = slice(index + 1, index + 1 + graph.time_steps), layout.of_layer(index)
        busy = arrivals(layout.fan_out[index], layer.neurons, source)
        state = None if trace is None else trace.layers[index]
        if layer.decay_u < DECAY_ONE or layer.decay_v < DECAY_ONE:
            held = np.logical_or.accumulate(busy) if state is None else np.zeros_like(busy)
            if state is not None and layer.decay_u < DECAY_ONE:
                held[1:] |= state.u[sample, :-1] != 0
            if state is not None and layer.decay_v < DECAY_ONE:
                held[1:] |= state.v[sample, :-1] != 0
            busy = busy | held
        active[window] = busy | (layer.bias != 0)
        if index < len(graph.layers) - 1:
            source = found[index].astype(np.bool_)
            fired[window] = source
    return Activity(fired, active)


def activity_in(layout: Layout, inputs: npt.ArrayLike, trace: Trace, sample: int) -> Activity:
    """Activity of one sample of a trace of any executor."""
    return activity_of(layout, inputs, [layer.spikes[sample] for layer in trace], trace, sample)


def arrivals(fan_out: FanOut, neurons: int, source: BoolArray) -> BoolArray:
    """bool [T, neurons]: whether a spike of `source`, [T, inputs], arrives there (clause 2)."""
    arrived = np.zeros((len(source), neurons), np.bool_)
    _mark(source, fan_out.row, fan_out.neuron, fan_out.delay, arrived)
    return arrived


@compiled
def _mark(
    source: BoolArray,
    row: npt.NDArray[np.int64],
    neuron: npt.NDArray[np.int64],
    delay: npt.NDArray[np.int64],
    arrived: BoolArray,
) -> None:
    for t in range(source.shape[0]):
        for j in range(source.shape[1]):
            if source[t, j]:
                for k in range(row[j], row[j + 1]):
                    if t + delay[k] < len(arrived):
                        arrived[t + delay[k], neuron[k]] = True
