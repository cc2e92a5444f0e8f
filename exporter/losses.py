"""The loss budget: accuracy, spikes and membranes after each step from the trained network to the integers.

Every step is run as a whole, so a layer sees the spikes that its step's own layers gave it: what a layer
loses includes what it was handed. Membranes are compared in the trained network's units, after the reset.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from snnc import formats, quantisation
from snnc.decoding import softmax
from snnc.exporter.calibration import Calibration
from snnc.exporter.float_network import BATCH, FloatLayer, gaussian_delays, run, whole_delays
from snnc.exporter.passes.discretise import Discretise
from snnc.quantisation import Grid
from snnc.stages import DiscreteModel, QuantizedGraph, TrainedModel
from snnc.stages.losses import BudgetLayer, BudgetStage, Fidelity, LossBudget

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a network does on some recordings: class `scores` (of a graph that is no chain, what
    `GraphRecordings.right` takes), and by layer its `membrane`, [recordings, T,
    neurons] in real units, and the number of its `spikes` (None: a readout)."""

    scores: npt.NDArray[np.generic]
    membrane: Mapping[str, npt.NDArray[np.floating]]
    spikes: Mapping[str, int | None]


Step = Callable[[slice], Behaviour]
"""Runs the network of one step on a part of the recordings."""


def loss_budget(
    model: TrainedModel,
    discrete: DiscreteModel,
    grids: Sequence[Grid],
    graphs: Mapping[str, QuantizedGraph],
    calibration: Calibration,
    progress: Progress = lambda message: None,
) -> LossBudget:
    """The steps from `model` to `graphs`, whose layers lie on `grids` and came from `discrete`.

    "float": Gaussian delays; "rounded": the same weights with whole delays; "finished": the final network
    with whole delays; "clipped": weights beyond the grids at their ends (if there are any); "weights": on the
    grids; "decay": and with the decays of the contract; then `graphs` by their names, whose thresholds,
    biases and states are integers too.
    """
    names = [layer.name for layer in discrete.layers]
    steps = {
        step: _float_step(layers, names, calibration)
        for step, layers in _networks(model, discrete, grids).items()
    }
    units = {layer.name: grid.unit for layer, grid in zip(discrete.layers, grids, strict=True)}
    steps |= {name: _integer_step(graph, units, calibration) for name, graph in graphs.items()}
    return compare(steps, calibration, progress)


def compare(steps: Mapping[str, Step], calibration: Calibration, progress: Progress) -> LossBudget:
    """Run every step on all recordings, in batches, each against the one before it and the first."""
    tallies: dict[str, _Tally] = {}
    for start in range(0, len(calibration), BATCH):
        part = slice(start, min(start + BATCH, len(calibration)))
        previous = first = None
        for name, step in steps.items():
            progress(f"loss budget: {name}, {part.start}..{part.stop - 1} of {calibration.recordings.words}")
            found = step(part)
            right = calibration.right(found.scores, part)
            tallies.setdefault(name, _Tally()).add(found, previous, first, right)
            previous, first = found, first or found
    last = list(tallies.values())[-1].right if tallies else []
    stages = tuple(tally.stage(name, last) for name, tally in tallies.items())
    return LossBudget(calibration.recordings, stages)


class _Tally:
    """Sums of one step over batches."""

    def __init__(self) -> None:
        self.right: list[bool] = []  # by recording
        self.spikes: dict[str, int | None] = {}
        self.previous: dict[str, _Noise] = {}
        self.first: dict[str, _Noise] = {}

    def add(
        self,
        found: Behaviour,
        previous: Behaviour | None,
        first: Behaviour | None,
        right: npt.NDArray[np.bool_],
    ) -> None:
        self.right += right.tolist()
        for layer, count in found.spikes.items():
            self.spikes[layer] = None if count is None else (self.spikes.get(layer) or 0) + count
            for noises, reference in ((self.previous, previous), (self.first, first)):
                if reference is not None:
                    noise = noises.setdefault(layer, _Noise())
                    noise.add(reference.membrane[layer], found.membrane[layer])

    def stage(self, name: str, last: Sequence[bool]) -> BudgetStage:
        """`last`: which recordings the last step decodes right."""
        layers = (
            BudgetLayer(layer, count, _fidelity(self.previous.get(layer)), _fidelity(self.first.get(layer)))
            for layer, count in self.spikes.items()
        )
        lost = sum(right and not kept for right, kept in zip(self.right, last, strict=True))
        return BudgetStage(name, sum(self.right), tuple(layers), lost)


@dataclass(slots=True)
class _Noise:
    """Energy of a reference and of what differs from it."""

    signal: float = 0.0
    noise: float = 0.0

    def add(self, reference: npt.NDArray[np.floating], found: npt.NDArray[np.floating]) -> None:
        expected = reference.astype(np.float64)
        self.signal += float(np.square(expected).sum())
        self.noise += float(np.square(expected - found).sum())


def _fidelity(noise: _Noise | None) -> Fidelity | None:
    if noise is None:
        return None
    if not noise.noise or not noise.signal:
        return Fidelity(None, not noise.noise)
    return Fidelity(round(10 * math.log10(noise.signal / noise.noise), 2), False)


def _networks(
    model: TrainedModel, discrete: DiscreteModel, grids: Sequence[Grid]
) -> dict[str, list[FloatLayer]]:
    """The steps in floating point, in order."""
    learned = replace(model, layers=model.gaussian or model.layers, gaussian=None)
    final, pairs = Discretise().run(model).layers, list(zip(discrete.layers, grids, strict=True))
    networks = {
        "float": [gaussian_delays(layer) for layer in learned.layers],
        "rounded": [whole_delays(layer) for layer in Discretise().run(learned).layers],
    }
    if model.gaussian is not None:
        networks["finished"] = [whole_delays(layer) for layer in final]
    if any(layer.scale is None and quantisation.clipped(layer.weight, grid) for layer, grid in pairs):
        networks["clipped"] = [
            whole_delays(
                old if layer.scale else replace(layer, weight=layer.weight.clip(-grid.end, grid.end))
            )
            for (layer, grid), old in zip(pairs, final, strict=True)
        ]
    networks["weights"] = [
        whole_delays(
            replace(layer, weight=quantisation.weight_integers(layer.weight, grid) / grid.scale, scale=None)
        )
        for layer, grid in pairs
    ]
    networks["decay"] = [replace(layer, tau=_decay_tau(layer.tau)) for layer in networks["weights"]]
    return networks


def _decay_tau(tau: float) -> float:
    """The time constant that the contract's rounded decay stands for; inf where it forgets nothing."""
    constant = quantisation.decay_constant(tau)
    return formats.DECAY_ONE / constant if constant else math.inf


def _float_step(layers: Sequence[FloatLayer], names: Sequence[str], calibration: Calibration) -> Step:
    def run_part(part: slice) -> Behaviour:
        found = dict(zip(names, run(layers, calibration.spikes[part]), strict=True))
        spikes = {
            name: None if layer.threshold is None else int(found[name].spikes.sum())
            for name, layer in zip(names, layers, strict=True)
        }
        return Behaviour(
            softmax.scores(found[names[-1]].potential, 1.0),
            {name: activity.potential for name, activity in found.items()},
            spikes,
        )

    return run_part


def _integer_step(graph: QuantizedGraph, units: Mapping[str, float], calibration: Calibration) -> Step:
    """`units`: steps of v to 1 of the real potential, for the layers to compare."""

    def run_part(part: slice) -> Behaviour:
        trace = calibration.trace(graph, part)
        states = {
            layer.name: (layer, state)
            for layer, state in zip(graph.layers, trace, strict=True)
            if layer.name in units
        }
        return Behaviour(
            softmax.scores(trace.readout, graph.readout_scale),
            {name: state.v / units[name] for name, (_, state) in states.items()},
            {name: int(s.spikes.sum()) if layer.spikes else None for name, (layer, s) in states.items()},
        )

    return run_part
