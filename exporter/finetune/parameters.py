"""What training moves in a graph in real numbers: weights of synapses, and biases where there are any.

Delays, decays, thresholds, resets and adaptation stay. A threshold need not move: a neuron whose weights and
biases all grow does the same as one whose threshold falls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from snnc.stages import FloatGraph
from snnc.stages.float_synapses import FloatArray
from snnc.trainer.straight_through.back import Gradients
from snnc.trainer.straight_through.projections import Weights

BIASES = {"bias": "charged", "input_bias": "arriving"}
"""Parameters of populations, and the gradients that are theirs."""


class Parameters:
    """`tensors`, float64, are moves in units of the largest weight into a neuron; 0 at the start.

    So a learning rate is a share of the range of the integers, whatever units the network has.
    """

    def __init__(self, graph: FloatGraph, ends: Sequence[FloatArray] = ()) -> None:
        """`ends`: by projection, the largest weights, as they stand beside those that are stored."""
        self._start, self._ends = graph, ends
        unit = {each.name: np.zeros(each.neurons) for each in graph.stateful}
        for each in graph.projections:
            unit[each.destination] = np.maximum(unit[each.destination], each.synapses.largest())
        self._units: dict[object, FloatArray] = {}
        self._wires = []
        for number, each in enumerate(graph.projections):
            self._wires.append(Weights(each.synapses, graph.time_steps))
            size = np.broadcast_to(
                each.synapses.by_neuron(unit[each.destination]), each.synapses.weights.shape
            )
            self._units[number] = size * (each.synapses.weights != 0)
        for population in graph.stateful:
            for field in BIASES:
                if getattr(population, field).any():
                    self._units[population.name, field] = unit[population.name]
        self._moves = {key: torch.zeros(size.shape, dtype=torch.float64) for key, size in self._units.items()}

    @property
    def tensors(self) -> list[Tensor]:
        return list(self._moves.values())

    def graph(self) -> FloatGraph:
        """The graph where the moves have led."""
        projections = [
            replace(each, synapses=each.synapses.with_weights(each.synapses.weights + self._moved(number)))
            for number, each in enumerate(self._start.projections)
        ]
        populations = []
        for each in self._start.populations:
            moved = {
                f: getattr(each, f) + self._moved((each.name, f)) for f in BIASES if self._has(each.name, f)
            }
            populations.append(replace(each, **moved) if moved else each)
        return replace(self._start, populations=tuple(populations), projections=tuple(projections))

    def keep_within_ends(self) -> None:
        """Bring weights beyond their ends back to these."""
        for number, end in enumerate(self._ends):
            weights, unit = self._start.projections[number].synapses.weights, self._units[number]
            present = unit > 0
            low, high = (np.zeros(unit.shape) for _ in range(2))
            np.divide(-end - weights, unit, out=low, where=present)
            np.divide(end - weights, unit, out=high, where=present)
            self._moves[number].clamp_(torch.from_numpy(low), torch.from_numpy(high))

    def clear(self) -> None:
        """Set the gradients of all tensors to 0."""
        for move in self._moves.values():
            move.grad = torch.zeros_like(move)

    def add(self, gradients: Gradients) -> None:
        """Add to the gradients. They lack a constant factor for each neuron, which Adam cancels."""
        for number, (each, wires) in enumerate(zip(self._start.projections, self._wires, strict=True)):
            found = wires.gradient(gradients.sent[each.source], gradients.arriving[each.destination])
            self._add(number, torch.from_numpy(found))
        for key in self._moves:
            if isinstance(key, tuple):
                name, field = key
                own: Mapping[str, Tensor] = getattr(gradients, BIASES[field])
                self._add(key, own[name].sum(dim=(0, 1)).double())

    def not_finite(self) -> str | None:
        """What has a gradient that is not finite, the first such; None if all are."""
        for key, move in self._moves.items():
            if move.grad is not None and not torch.isfinite(move.grad).all():
                return self._name(key)
        return None

    def _name(self, key: object) -> str:
        if isinstance(key, int):
            return f"'{self._start.projections[key].name}'"
        assert isinstance(key, tuple)
        return f"the {key[1]} of '{key[0]}'"

    def _add(self, key: object, found: Tensor) -> None:
        grad = self._moves[key].grad
        assert grad is not None  # they were cleared
        grad += found

    def _has(self, name: str, field: str) -> bool:
        return (name, field) in self._moves

    def _moved(self, key: object) -> FloatArray:
        found: FloatArray = self._moves[key].numpy() * self._units[key]
        return found
