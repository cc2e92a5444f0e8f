"""A graph of the contract on a board: what it computes there, in the contract's steps and units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.stages import Projection, QuantizedGraph, check_input
from snnc.stages.population import INPUT
from snnc.targets.levels import hops_of, retime
from snnc.targets.spinnaker.fixed import fits
from snnc.targets.spinnaker.fixed.accum import FRACTION_BITS
from snnc.targets.spinnaker.fixed.mapping import UNIT, Floats, Mapped, map_population, sums_of
from snnc.targets.spinnaker.fixed.network import DELAY_MAX, Network, Source, Wires
from snnc.targets.spinnaker.fixed.ring import encode_weights
from snnc.targets.spinnaker.fixed.run import Run, Spikes, run
from snnc.targets.spinnaker.fixed.setting import Setting


@dataclass(frozen=True, slots=True)
class Answer:
    """Of one population, [samples, T, neurons] in the contract's steps.

    `v`: in the contract's units, which the board's are not: not whole numbers. `saturated`: how many sums of
    its ring buffers were too large in all steps. `u`: what arrived, in the contract's units, with the input
    bias; None where it was not kept. The board has no such state.
    """

    v: Floats
    spikes: Spikes
    saturated: int
    u: Floats | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """`graph` on a board: `levels` say by how many steps each population is later than in the contract."""

    graph: QuantizedGraph
    levels: Mapping[str, int]
    mapped: Mapping[str, Mapped]
    network: Network

    @classmethod
    def of(cls, graph: QuantizedGraph, settings: Mapping[str, Setting]) -> Board:
        """`settings` of each population that is no input.

        Raises `LimitError` where the board has no counterpart of what `graph` computes.
        """
        fits.check(graph)
        levels = levels_of(graph)
        mapped = {
            each.name: mapped_of(graph, each.name, settings[each.name], levels[each.name])
            for each in graph.stateful
        }
        populations = [
            Source(each.name, each.neurons) if each.model == INPUT else mapped[each.name].cells
            for each in graph.populations
        ]
        wires = []
        for each in graph.projections:
            late = levels[each.destination] - levels[each.source]
            wires += wires_of(each, mapped[each.destination], late)
        steps = graph.time_steps + max(levels.values())
        return cls(graph, levels, mapped, Network(tuple(populations), tuple(wires), steps))

    def run(self, spikes: npt.NDArray[np.uint8]) -> dict[str, Answer]:
        """Run uint8 [samples, T, inputs]; what each population that is no input did."""
        events = check_input(self.graph, spikes)
        found = run(
            self.network,
            {
                each.name: self._sent(each.name, events[:, :, self.graph.lines(each.name)])
                for each in self.graph.populations
                if each.model == INPUT
            },
        )
        return {name: self._answer(name, each) for name, each in found.items()}

    def _sent(self, name: str, events: npt.NDArray[np.uint8]) -> Spikes:
        """What the sources of the input `name` send, in steps of the board; nothing from its end on."""
        level, end = self.levels[name], self.graph.end(name)
        sent = np.zeros((len(events), self.network.steps, events.shape[2]), np.bool_)
        sent[:, level : level + end] = events[:, :end]
        return sent

    def _answer(self, name: str, found: Run) -> Answer:
        own = slice(self.levels[name], self.levels[name] + self.graph.time_steps)
        mapped = self.mapped[name]
        scale = UNIT / 2.0 ** (mapped.cells.shift - mapped.setting.quantum)
        bias = self.graph.population(name).input_bias.astype(np.float64) * UNIT
        u = found.received[:, own].astype(np.float64) * scale + bias
        return Answer(found.v[:, own] / mapped.unit, found.spikes[:, own], found.saturated, u)


def levels_of(graph: QuantizedGraph) -> dict[str, int]:
    """Population -> by how many steps it is later on the board, where every spike takes a step or more."""
    neurons = {each.name: each.neurons for each in graph.populations}
    return retime(neurons, hops_of(graph), 0, DELAY_MAX - 1)


def mapped_of(graph: QuantizedGraph, name: str, setting: Setting, level: int) -> Mapped:
    population = graph.population(name)
    end = population.end if population.spikes else None
    return map_population(population, sums_of(graph, name), setting, level, end)


def wires_of(projection: Projection, mapped: Mapped, late: int) -> list[Wires]:
    """The synapses of `projection`, apart by receptor; `late`: by how much the destination is later."""
    synapses = projection.synapses.as_list()
    shift, quantum = mapped.cells.shift, mapped.setting.quantum
    whole = synapses.weight.astype(np.int64) << projection.weight_exp
    nano_ampere = whole.astype(np.float64) * 2.0 ** (shift - FRACTION_BITS - quantum)
    weight = encode_weights(nano_ampere, shift, projection.name)
    columns = [each.astype(np.int64) for each in (synapses.pre, synapses.post)]
    delay = synapses.delay.astype(np.int64) + late
    return [
        Wires(
            projection.source,
            projection.destination,
            negative,
            *(each[which] for each in (*columns, weight, delay)),
        )
        for negative in (False, True)
        for which in [(whole < 0) == negative]
        if which.any()
    ]
