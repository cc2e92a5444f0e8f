"""What an export makes of a network while it is trained: the passes, and where training may start.

Real numbers are a `FloatGraph`, that of a chain too. A start is a graph with the passes that round it. Two
are tried, as in training: the finest grid that holds every weight, and the one of the least squared error,
which clips the largest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from snnc import formats, quantisation
from snnc.errors import LimitError, StageError
from snnc.exporter.choose_scales import ScaleChoice, choose_grids
from snnc.exporter.passes import Legalise, Quantise, QuantiseGraph, before, run_passes
from snnc.exporter.passes.base import Plan
from snnc.quantisation import Grid
from snnc.stages import DiscreteModel, FloatGraph, QuantizedGraph
from snnc.stages.float_graph import graph_of_chain
from snnc.stages.float_synapses import FloatArray

RULES = {"full range": quantisation.full_range, "least squares": quantisation.least_squares}


@dataclass(frozen=True, slots=True)
class Start:
    """`graph`, and `integers`, which rounds it and what training makes of it.

    `finished` makes the network that is kept of a trained graph. `ends`: by projection, as they stand beside
    its stored weights, the largest that can be rounded. `as_exported`: an export without training makes the
    same integers of `graph`.
    """

    graph: FloatGraph
    integers: Callable[[FloatGraph], QuantizedGraph]
    finished: Callable[[FloatGraph], FloatGraph | DiscreteModel]
    ends: tuple[FloatArray, ...]
    as_exported: bool


def starts_of(network: FloatGraph | DiscreteModel, plan: Plan) -> list[Start]:
    """Where training of `network` may start: what an export makes of it without training, if that is
    possible, is the first.

    Raises
    ------
    LimitError
        As the export, if no rule gives integers that the contract's formats hold.
    """
    starts = _of_graph(network, plan) if isinstance(network, FloatGraph) else _of_chain(network, plan)
    found, refused = [], None
    for start in starts:
        try:
            made = start()
            made.integers(made.graph)
        except (LimitError, StageError) as error:
            refused = refused or error
            continue
        found.append(made)
    if not found:
        assert refused is not None  # there is a rule
        raise refused
    return found


def _of_graph(graph: FloatGraph, plan: Plan) -> list[Callable[[], Start]]:
    """The grids of a graph follow its weights, as `QuantiseGraph` chooses them."""

    def integers(moved: FloatGraph) -> QuantizedGraph:
        made: QuantizedGraph = run_passes(moved, plan, before(Legalise))[-1].after
        return made

    def same(moved: FloatGraph) -> FloatGraph:
        return moved

    ends = _one_step(graph, plan.bits)
    return [
        lambda: Start(graph, integers, same, ends, True),
        lambda: Start(_clipped(graph, plan), integers, same, ends, False),
    ]


def _of_chain(model: DiscreteModel, plan: Plan) -> list[Callable[[], Start]]:
    """The layers of a chain keep their grids: that of an earlier finish, or one for each rule."""
    graph = graph_of_chain(model, plan.options.payload_max)

    def start(rule: str) -> Start:
        grids = choose_grids(model, plan.bits, RULES[rule])
        own, ends = _OfChain(model, grids, plan), tuple(np.array(grid.end) for grid in grids)
        return Start(graph, own.integers, own.finished, ends, rule == usual)

    usual = next(iter(RULES))  # what an export takes, or the grids of an earlier finish
    finished = all(layer.scale is not None for layer in model.layers)
    return [partial(start, rule) for rule in list(RULES)[: 1 if finished else None]]


def _one_step(graph: FloatGraph, bits: tuple[int, ...]) -> tuple[FloatArray, ...]:
    """By projection, the weight of which a threshold is one step: with larger ones it would be none."""
    most = {}
    for each, number in zip(graph.stateful, bits, strict=True):
        largest = formats.SignedFormat(number).maximum
        most[each.name] = (
            np.full(each.neurons, np.inf) if each.threshold is None else each.threshold * largest
        )
    return tuple(each.synapses.by_neuron(most[each.destination]) for each in graph.projections)


@dataclass(frozen=True, slots=True)
class _OfChain:
    """A chain on fixed grids; graphs are made of it by `graph_of_chain`, and trained."""

    model: DiscreteModel
    grids: tuple[Grid, ...]
    plan: Plan

    def integers(self, graph: FloatGraph) -> QuantizedGraph:
        made: QuantizedGraph = run_passes(self._quantised(graph), self.plan, before(Legalise))[-1].after
        return made

    def finished(self, graph: FloatGraph) -> DiscreteModel:
        """As training in integers leaves a chain: on its grids, whose scales the layers tell."""
        layers = []
        for old, whole, grid in zip(
            self.model.layers, self._quantised(graph).layers, self.grids, strict=True
        ):
            weight, bias = whole.weight / grid.scale, whole.bias / grid.unit
            layers.append(replace(old, weight=weight, bias=bias, scale=grid.scale))
        return replace(self.model, layers=tuple(layers))

    def _quantised(self, graph: FloatGraph) -> QuantizedGraph:
        layers = []
        for old, way, own in zip(self.model.layers, graph.projections, graph.stateful, strict=True):
            assert own.bias is not None  # it has a state
            layers.append(replace(old, weight=way.synapses.weights, bias=own.bias))
        model = replace(self.model, layers=tuple(layers))
        return Quantise(ScaleChoice(self.grids), self.plan.bits, self.plan.options.payload_max).run(model)


def _clipped(graph: FloatGraph, plan: Plan) -> FloatGraph:
    """Weights at the ends of the grids of the least squared error, which then are the finest that hold them.

    Raises `LimitError` if a neuron has no such grid.
    """
    asked = replace(plan, options=replace(plan.options, scale="mse"))
    grids = QuantiseGraph.planned(graph, asked, lambda made: made).grids(graph)
    ends = {
        of.name: formats.SignedFormat(bits).maximum / grids[of.name].scale
        for of, bits in zip(graph.stateful, plan.bits, strict=True)
    }
    projections = []
    for way in graph.projections:
        end = way.synapses.by_neuron(ends[way.destination])
        weights = np.clip(way.synapses.weights, -end, end)
        projections.append(replace(way, synapses=way.synapses.with_weights(weights)))
    return replace(graph, projections=tuple(projections))
