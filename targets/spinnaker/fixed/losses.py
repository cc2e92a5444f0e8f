"""What a board loses of a graph, measured on recordings: spikes, classes, activity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from snnc.decoding.trace import recorded
from snnc.stages import LayerTrace, QuantizedGraph, Rung
from snnc.stages.readout import OF_SPIKES
from snnc.targets.spinnaker.fixed.board import Answer, Board
from snnc.targets.spinnaker.fixed.run import Spikes

NEAR = 0.01
"""By how much spike counts may differ on the rung *activity*."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Of one population.

    Attributes
    ----------
    spikes, on_board, common
        How many spikes the contract has, the board, and both in the same place.
    first
        Sample, step and neuron of the first that only one of them has, or None.
    v_off
        The largest difference of v, in the contract's units.
    saturated
        How many sums of its ring buffers were too large.
    decay_off
        The largest difference between the decay of a neuron and the one that the board has, of 1.
    weights_rounded
        How many weights are no multiple of the unit of the ring buffers.
    active
        Whether the numbers of spikes of every sample differ by no more than the rung *activity* allows.
    """

    spikes: int
    on_board: int
    common: int
    first: tuple[int, int, int] | None
    v_off: float
    saturated: int
    decay_off: float
    weights_rounded: int
    active: bool

    @property
    def kept(self) -> float:
        """The common spikes as a share of all that either has; 1 if none has any."""
        every = self.spikes + self.on_board - self.common
        return self.common / every if every else 1.0


@dataclass(frozen=True, slots=True)
class Losses:
    """`populations` in the contract order, without inputs; `classes`: the equal share of each readout.

    `of_spikes`: all readouts are decoded from spikes.
    """

    populations: Mapping[str, Lost]
    classes: Mapping[str, float]
    of_spikes: bool

    @property
    def rung(self) -> Rung:
        """The highest that holds for all recordings, as `snnc verify` names it.

        Equal spikes are the rung above the class only if the readouts are equal, too; a v never counts as
        such here, where it could be by chance alone, nor do states.
        """
        lost = self.populations.values()
        if self.same_spikes and self.of_spikes:
            return Rung.SHIFTED_SPIKES
        if all(share == 1 for share in self.classes.values()):
            return Rung.CLASS
        return Rung.ACTIVITY if all(each.active for each in lost) else Rung.NOTHING

    @property
    def same_spikes(self) -> bool:
        """Whether every spike agrees, each population shifted by its level."""
        return all(each.first is None for each in self.populations.values())

    @property
    def first(self) -> tuple[str, tuple[int, int, int]] | None:
        """The population, and the sample, step and neuron, where the board leaves the contract by a spike."""
        found = [(name, each.first) for name, each in self.populations.items() if each.first is not None]
        return min(found, key=lambda each: each[1][:2]) if found else None


def losses(board: Board, layers: tuple[LayerTrace, ...], answers: Mapping[str, Answer]) -> Losses:
    """Of `answers` of the board against `layers` of a trace of the contract, both of the same recordings."""
    graph = board.graph
    names = [name for name in graph.order if name in answers]
    return Losses(
        {name: _lost(board, name, layers[graph.trace_index(name)], answers[name]) for name in names},
        _classes(graph, layers, answers),
        all(each.decoder in OF_SPIKES for each in graph.readouts),
    )


def _lost(board: Board, name: str, layer: LayerTrace, answer: Answer) -> Lost:
    apart = np.argwhere(layer.spikes != answer.spikes)
    mapped = board.mapped[name]
    decay = board.graph.population(name).decay_v
    assert decay is not None
    held = mapped.cells.constants.decay / (1 << 15)
    weights = [
        each.synapses.as_list().weight.astype(np.int64) << each.weight_exp for each in board.graph.into(name)
    ]
    unit = 1 << max(mapped.setting.quantum, 0)
    return Lost(
        int(layer.spikes.sum()),
        int(answer.spikes.sum()),
        int((layer.spikes & answer.spikes).sum()),
        tuple(apart[0].tolist()) if len(apart) else None,
        float(np.abs(answer.v - layer.v).max(initial=0)),
        answer.saturated,
        float(np.abs(1 - decay / 4096 - held).max()),
        sum(int((each % unit != 0).sum()) for each in weights),
        _active(layer.spikes, answer.spikes),
    )


def _active(right: Spikes, found: Spikes) -> bool:
    count = right.sum(axis=(1, 2))
    return bool((np.abs(found.sum(axis=(1, 2)) - count) <= NEAR * count).all())


def _classes(
    graph: QuantizedGraph, layers: tuple[LayerTrace, ...], answers: Mapping[str, Answer]
) -> dict[str, float]:
    found = {}
    for readout, of in zip(graph.readouts, recorded(graph), strict=True):
        right = of.classes(getattr(layers[of.layer], of.variable))
        board = of.classes(getattr(answers[readout.population], of.variable))
        found[readout.population] = float((right == board).mean()) if len(right) else 1.0
    return found
