"""What happens in each step of the chip: which source fires, and which neuron has something to do.

A message that is sent in a step is handled by its core within that step, for a neuron's update in a later
one. So a population of level l computes its step t in chip step t + l; of a chain, the input of step t enters
in chip step t, and layer l computes its step t in chip step t + l + 1.
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
from snnc.stages import LayerTrace, Population, Trace, check_input
from snnc.stages.population import ADLIF, INPUT, OLD

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Activity:
    """One sample on the chip: `fired` and `active`, bool [chip steps, sources]; input lines are never active.

    A neuron is active in a step if a spike arrives there, a bias of it is not 0, or it holds a state of which
    something remains.
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
        [T, inputs] of input events.
    spikes
        [T, neurons] of each layer or population that spikes, in the order of the graph.
    trace, sample
        Where the states are known. Without them a neuron is taken to hold one from the first arrival on.

    Raises
    ------
    StageError
        If a shape is not the graph's.
    """
    graph = layout.program.graph
    (lines,) = check_input(graph, np.asarray(inputs)[None])
    spiking = [each for each in graph.stateful if each.spikes]
    found = [np.asarray(part) for part in spikes]
    if [part.shape for part in found] != [(graph.time_steps, each.neurons) for each in spiking]:
        raise StageError(
            f"spikes: shapes {[part.shape for part in found]} are not those of the layers that spike"
        )
    sent = {each.name: part.astype(np.bool_) for each, part in zip(spiking, found, strict=True)}
    for each in graph.populations:
        if each.model == INPUT:
            sent[each.name] = lines[:, graph.lines(each.name)] != 0
            sent[each.name][graph.end(each.name) :] = False
    fired = np.zeros((layout.steps, layout.sources), np.bool_)
    active = np.zeros_like(fired)
    for name, train in sent.items():
        fired[layout.window(name), layout.of(name)] = train
    arrived = {each.name: np.zeros((graph.time_steps, each.neurons), np.bool_) for each in graph.stateful}
    for projection, fan_out in zip(graph.projections, layout.fan_out, strict=True):
        mark_arrivals(fan_out, sent[projection.source], arrived[projection.destination])
    for index, each in enumerate(graph.stateful):
        busy = arrived[each.name]
        if trace is None:
            held = np.logical_or.accumulate(busy) & _may_hold(each)
        else:
            held = _held(each, trace.layers[index], sample)
        active[layout.window(each.name), layout.of(each.name)] = (
            busy | held | (each.bias != 0) | (each.input_bias != 0)
        )
    return Activity(fired, active)


def activity_in(layout: Layout, inputs: npt.ArrayLike, trace: Trace, sample: int) -> Activity:
    """Activity of one sample of a trace of any executor."""
    populations = zip(layout.program.graph.stateful, trace, strict=True)
    spikes = [layer.spikes[sample] for each, layer in populations if each.spikes]
    return activity_of(layout, inputs, spikes, trace, sample)


def _may_hold(of: Population) -> BoolArray:
    """bool [neurons]: whether anything of a state remains in the next step."""
    assert of.decay_u is not None
    assert of.decay_v is not None
    return (of.decay_u < DECAY_ONE) | (of.decay_v < DECAY_ONE) | (of.model == ADLIF)


def _held(of: Population, state: LayerTrace, sample: int) -> BoolArray:
    """bool [T, neurons]: whether the state of the step before is not 0 and counts in this one (3, 5, 5a)."""
    assert of.decay_u is not None
    assert of.decay_v is not None
    u, v, fired = (values[sample, :-1] != 0 for values in (state.u, state.v, state.spikes))
    remains = (u & (of.decay_u < DECAY_ONE)) | (v & (of.decay_v < DECAY_ONE))
    if of.model == ADLIF:
        assert state.w is not None
        assert of.decay_w is not None
        w = state.w[sample, :-1] != 0
        remains |= w & ((of.decay_w < DECAY_ONE) | (of.order == OLD))
        remains |= (v & (of.ka != 0)) | (fired & (of.kb != 0))
    held = np.zeros(state.v.shape[1:], np.bool_)
    held[1:] = remains
    return held


def mark_arrivals(fan_out: FanOut, source: BoolArray, arrived: BoolArray) -> None:
    """Set `arrived`, bool [T, neurons], where a spike of `source`, bool [T, sources], arrives (clause 2)."""
    _mark(source, fan_out.row, fan_out.neuron, fan_out.delay, arrived)


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
