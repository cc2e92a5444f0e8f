"""From the gradients of what readouts do to those of what arrives at every population."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from snnc.stages import QuantizedGraph, Trace
from snnc.stages.population import INPUT
from snnc.trainer.integer_projection import IntegerProjection
from snnc.trainer.integer_schedule import schedule
from snnc.trainer.straight_through.populations import PopulationBack
from snnc.trainer.straight_through.projections import ProjectionBack

ALPHA = 5.0
"""Sharpness of the surrogate, relative to the threshold; equals the default of `surrogate_alpha`."""


@dataclass(frozen=True, slots=True)
class Gradients:
    """By the name of a population: `sent`, its spikes or events, float32 [T, samples, neurons]; and, where it
    has a state, the gradients of `arriving` (a of clause 2, in weight steps) and `charged` (v before the
    reset, in steps of v), of the same shape.
    """

    sent: Mapping[str, Tensor]
    arriving: Mapping[str, Tensor]
    charged: Mapping[str, Tensor]


@torch.no_grad()
def go_back(
    graph: QuantizedGraph,
    events: npt.NDArray[np.uint8],
    trace: Trace,
    given: Mapping[str, Tensor],
    alpha: float = ALPHA,
) -> Gradients:
    """Gradients of all populations of `graph`, which computed `trace` on `events` [samples, T, inputs].

    `given`: by readout, those of its v, or of its spikes if it spikes; float32 [samples, T, neurons]. A group
    of populations is computed as forward, in the same blocks of steps, and all of it in reverse.
    """
    device = torch.device("cpu")
    projections = [IntegerProjection(each, graph.time_steps, device) for each in graph.projections]
    ways = [ProjectionBack(each) for each in projections if each.delays]
    backs: dict[str, PopulationBack] = {}
    sent: dict[str, Tensor] = {}
    for each in graph.populations:
        if each.model == INPUT:
            lines = events[:, :, graph.lines(each.name)].swapaxes(0, 1)
            own = torch.tensor(lines, dtype=torch.float32)
            own[graph.end(each.name) :] = 0
            sent[each.name] = own
            continue
        backs[each.name] = back = PopulationBack(each, trace.layers[graph.trace_index(each.name)], alpha)
        sent[each.name] = back.spikes
        if each.name in given:
            into = back.to_spikes if each.spikes else back.to_v
            into += given[each.name].transpose(0, 1)
    for group in reversed(schedule(graph.order, projections, graph.time_steps)):
        if group.names[0] in backs:
            blocks = range(0, graph.time_steps, group.block)
            for first in reversed(blocks):
                for name in reversed(group.names):
                    arriving = backs[name].run(first, min(first + group.block, graph.time_steps))
                    for way in ways:
                        if way.destination == name and way.source in backs:
                            way.deliver(arriving, first, backs[way.source].to_spikes)
    return Gradients(
        sent,
        {name: back.arriving for name, back in backs.items()},
        {name: back.charged for name, back in backs.items()},
    )
