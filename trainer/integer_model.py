"""The integer PyTorch model: the reference that every other executor is compared with.

It computes `docs/semantics.md` in tensors, batched over samples: projections in `integer_projection.py`,
populations in `integer_population.py`. A population outside cycles is computed over all steps at once,
populations that form a cycle in turn, in blocks of steps (`integer_schedule.py`).
"""

from __future__ import annotations

import numpy.typing as npt
import torch
from torch import Tensor

from snnc.stages import QuantizedGraph, Trace, check_input
from snnc.stages.population import INPUT
from snnc.trainer.integer_population import IntegerPopulation
from snnc.trainer.integer_projection import IntegerProjection, accumulate
from snnc.trainer.integer_schedule import Group, schedule


class _Run:
    """One run of `graph`; `spikes` are those of all populations computed so far, [samples, T, neurons]."""

    def __init__(self, graph: QuantizedGraph, events: Tensor) -> None:
        self.graph, self.device = graph, events.device
        self.samples, self.steps = events.shape[:2]
        self.projections = [IntegerProjection(each, self.steps, self.device) for each in graph.projections]
        self.populations: dict[str, IntegerPopulation] = {}
        self.spikes: dict[str, Tensor] = {}
        for each in graph.populations:
            if each.model == INPUT:
                sent = events[:, :, graph.lines(each.name)]
                if each.end is not None:  # clause 6: whatever the input holds there
                    sent = sent.clone()
                    sent[:, each.end :] = 0
                self.spikes[each.name] = sent

    def compute(self, group: Group) -> None:
        arriving = {name: self._from_outside(name, group) for name in group.names}
        for name in group.names:
            population = self.graph.population(name)
            made = IntegerPopulation(population, self.samples, self.steps, self.device)
            self.populations[name] = made
        for first in range(0, self.steps, group.block):
            last = min(first + group.block, self.steps)
            for name in group.names:
                for each in group.inner:
                    if each.destination == name:
                        each.collect(self.populations[each.source].spikes, first, last, arriving[name])
                self.populations[name].run(arriving[name], first, last)
        self.spikes |= {name: self.populations[name].spikes for name in group.names}

    def _from_outside(self, name: str, group: Group) -> Tensor:
        """Clause 2 without the projections within `group`."""
        sources = [
            (each, self.spikes[each.source])
            for each in self.projections
            if each.destination == name and each.delays and each not in group.inner
        ]
        return accumulate(self.graph.population(name), sources, self.samples, self.steps, self.device)


@torch.no_grad()
def run_graph(graph: QuantizedGraph, spikes: npt.ArrayLike, device: str = "cpu") -> Trace:
    """Run uint8 [samples, T, inputs] through `graph`; `StageError` if shape or values do not fit."""
    run = _Run(graph, torch.from_numpy(check_input(graph, spikes)).to(device))
    for group in schedule(graph.order, run.projections, graph.time_steps):
        if group.names[0] not in run.spikes:  # an input is there already
            run.compute(group)
    layers = [run.populations[each.name].trace() for each in graph.stateful]
    return Trace("torch", tuple(layers), {"torch": torch.__version__, "device": device})
