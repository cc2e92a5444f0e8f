"""Networks on one simulated core that is large enough for all of them, since a build takes seconds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from networks import networks_with_input

from snnc.exporter.graph_export import export_graph
from snnc.hwsim import oracle
from snnc.stages import (
    Artifact,
    Population,
    Projection,
    QuantizedGraph,
    Readout,
    SynapseList,
    SynapseMatrix,
    Trace,
)
from snnc.targets.fpga import simulation
from snnc.targets.fpga.bound import most_cycles
from snnc.targets.fpga.cycles import cycles
from snnc.targets.fpga.emitter import PARAMETERS, fixed_files
from snnc.targets.fpga.layout import Layout, layout
from snnc.targets.fpga.memories import memories
from snnc.targets.fpga.shape import Shape, shape

HOSTILE = "x; $system(1)"
Case = tuple[QuantizedGraph, npt.NDArray[np.uint8]]


def random_cases(
    count: int, number: int, takes: Callable[[QuantizedGraph], bool] = lambda graph: True
) -> list[Case]:
    """`count` networks with input that a core `takes`, drawn by the seed `number`."""
    cases: list[Case] = []

    @seed(number)
    @settings(
        max_examples=count,
        suppress_health_check=list(HealthCheck),
        database=None,
        phases=[Phase.generate],
        deadline=None,
    )
    @given(pair=networks_with_input())
    def collect(pair: Case) -> None:
        assume(takes(pair[0]))  # others are not counted
        cases.append(pair)

    collect()
    assert len(cases) == count
    return cases


def of_axons(graph: QuantizedGraph) -> QuantizedGraph:
    """`graph` with one delay for all synapses of a source: its longest in each projection."""
    projections = []
    for each in graph.projections:
        of = each.synapses.as_list()
        longest = np.zeros(of.pre_neurons, np.int64)
        np.maximum.at(longest, of.pre, of.delay)
        _, once = np.unique(np.stack([of.pre, of.post]), axis=1, return_index=True)
        delay = longest[of.pre[once]].astype(of.delay.dtype)
        parts = (of.pre[once], of.post[once], of.weight[once], delay, of.pre_neurons, of.post_neurons)
        projections.append(replace(each, synapses=SynapseList(*parts)))
    return replace(graph, projections=tuple(projections))


def crowded() -> Case:
    """Two levels of more than 40 groups on 2 lanes, recurrent: rows wait while groups are updated.

    More than 64 events a step, and as many spikes. Nothing saturates.
    """
    rng = np.random.default_rng(11)

    def synapses(post: int, pre: int, least: int) -> SynapseMatrix:
        weight = rng.integers(-60, 64, (post, pre)) * (rng.random((post, pre)) < 0.4)
        return SynapseMatrix(weight, rng.integers(least, 3, (post, pre)))

    cells = {"decay_u": 3000, "decay_v": 900, "threshold": 30, "reset": "zero"}
    populations = (
        Population("in", "input", 90),
        Population("a", "lif", 94, **cells),
        Population("b", "lif", 86, **cells),
        Population("out", "li", 5, decay_u=4096, decay_v=100),
    )
    projections = (
        Projection("in", "a", synapses(94, 90, 0)),
        Projection("a", "a", synapses(94, 94, 1)),
        Projection("a", "b", synapses(86, 94, 0)),
        Projection("b", "a", synapses(94, 86, 1)),
        Projection("b", "out", synapses(5, 86, 0)),
    )
    readouts = (Readout("out", "max", 0.5, tuple("abcde")),)
    graph = QuantizedGraph(populations, projections, readouts, 5, 0.001)
    return graph, (rng.random((2, 5, 90)) < 0.9).astype(np.uint8)


def network(name: str = "cells") -> QuantizedGraph:
    """5 lines -> 6 neurons that lead to themselves -> 3 classes, over 7 steps."""
    rng = np.random.default_rng(3)

    def synapses(post: int, pre: int, least: int) -> SynapseMatrix:
        return SynapseMatrix(rng.integers(-9, 15, (post, pre)), rng.integers(least, least + 3, (post, pre)))

    populations = (
        Population("in", "input", 5),
        Population(name, "lif", 6, decay_u=1000, decay_v=300, threshold=20, reset="zero", bias_mant=7),
        Population("out", "li", 3, decay_u=4096, decay_v=100),
    )
    projections = (
        Projection("in", name, synapses(6, 5, 0)),
        Projection(name, name, synapses(6, 6, 1)),
        Projection(name, "out", synapses(3, 6, 0)),
    )
    readouts = (Readout("out", "max", 0.5, ("a", HOSTILE, "c")),)
    return QuantizedGraph(populations, projections, readouts, 7, 0.001)


def without_input() -> Case:
    """5 neurons that biases alone drive, and that lead to themselves."""
    rng = np.random.default_rng(12)
    weight, delay = rng.integers(-40, 40, (5, 5)), rng.integers(1, 3, (5, 5))
    cells = {"decay_u": 3000, "decay_v": 300, "threshold": 60, "reset": "zero", "bias_mant": 900}
    populations = (Population("a", "lif", 5, **cells), Population("out", "li", 2, decay_u=4096, decay_v=9))
    projections = (
        Projection("a", "a", SynapseMatrix(weight, delay)),
        Projection("a", "out", SynapseMatrix(weight[:2], delay[:2])),
    )
    graph = QuantizedGraph(populations, projections, (Readout("out", "max", 0.5, ("x", "y")),), 9, 0.001)
    return graph, np.zeros((2, 9, 0), np.uint8)


def without_current() -> Case:
    """5 neurons that lead to 66, all with du 4096: v grows until it is clipped, and no u wraps."""
    rng = np.random.default_rng(13)

    def synapses(post: int, pre: int) -> SynapseMatrix:
        return SynapseMatrix(rng.integers(-40, 60, (post, pre)), rng.integers(0, 4, (post, pre)))

    grown = {"decay_u": 4096, "decay_v": 0, "bias_mant": 4095, "bias_exp": 7}
    populations = (
        Population("in", "input", 3),
        Population("a", "lif", 5, decay_u=4096, decay_v=300, threshold=30, reset="subtract", reset_by=20),
        Population("out", "li", 66, **grown),
    )
    projections = (Projection("in", "a", synapses(5, 3)), Projection("a", "out", synapses(66, 5)))
    readouts = (Readout("out", "max", 0.5, tuple(map(str, range(66)))),)
    graph = QuantizedGraph(populations, projections, readouts, 20, 0.001)
    return graph, (rng.random((2, 20, 3)) < 0.5).astype(np.uint8)


def adapting(graph: QuantizedGraph, **others: Any) -> QuantizedGraph:
    """`graph` with an `adlif` in the place of each `lif`."""
    cells = {"model": "adlif", "decay_w": 100, "ka": 50, "kb": 300, "order": "new", **others}
    each = (replace(of, **cells) if of.model == "lif" else of for of in graph.populations)
    return replace(graph, populations=tuple(each))


def dense(neurons: int, name: str = "a") -> QuantizedGraph:
    """`neurons` lines -> `neurons` neurons -> 2 classes, all to all."""
    rng = np.random.default_rng(5)

    def synapses(post: int, pre: int) -> SynapseMatrix:
        return SynapseMatrix(rng.integers(1, 128, (post, pre)), rng.integers(0, 16, (post, pre)))

    populations = (
        Population("in", "input", neurons),
        Population(name, "lif", neurons, decay_u=4096, decay_v=300, threshold=9000, reset="zero"),
        Population("out", "li", 2, decay_u=4096, decay_v=100),
    )
    projections = (
        Projection("in", name, synapses(neurons, neurons)),
        Projection(name, "out", synapses(2, neurons)),
    )
    return QuantizedGraph(populations, projections, (Readout("out", "max", 0.5, (HOSTILE, "b")),), 20, 0.001)


class Cores:
    """A core for all of `cases` with so many `lanes`, built in `folder` of files that `edit` may change.

    `beside`: further files in Verilog that are simulated with it. `spram`: 1 for one whose words are loaded.
    """

    def __init__(
        self,
        cases: Sequence[Case],
        lanes: int,
        folder: Path,
        edit: Callable[[dict[str, bytes]], None] = lambda program: None,
        beside: Mapping[str, bytes] = MappingProxyType({}),
        spram: int = 0,
    ) -> None:
        self.cases = cases
        self._memories: dict[int, Mapping[str, bytes]] = {}
        self._expected: dict[int, Trace] = {}
        self.layouts = [layout(graph, lanes) for graph, _ in cases]
        largest = Shape.covering(map(shape, self.layouts))
        several = max(1, largest.word_bits - 3)
        self.shape = replace(largest, bank_bits=several, spram=spram)
        program = {**fixed_files(), PARAMETERS: self.shape.text.encode()}
        edit(program)
        self.binary = simulation.build(program, folder, beside)

    def run(self, at: int) -> simulation.Simulated:
        if at not in self._memories:
            self._memories[at] = memories(self.layouts[at], self.shape)
        return simulation.run(self.binary, self._memories[at], self.layouts[at], self.cases[at][1], 60.0)

    def differences(self, at: int) -> list[str]:
        """What differs from the oracle and from the machine model, in words."""
        (graph, events), of, found = self.cases[at], self.layouts[at], self.run(at)
        if at not in self._expected:
            self._expected[at] = oracle.run_graph(graph, events)
        expected = self._expected[at]
        return [
            f"{population.name}: {name}"
            for population, ours, theirs in zip(graph.stateful, found.layers, expected.layers, strict=True)
            for name in ("u", "w", "v", "spikes", "u_wraps", "w_clips", "v_clips")
            if not np.array_equal(getattr(ours, name), getattr(theirs, name))
        ] + cycle_differences(of, events, expected.layers, found.cycles)


def cycle_differences(
    of: Layout, events: npt.NDArray[np.uint8], layers: Sequence, taken: npt.NDArray
) -> list[str]:
    said = [] if np.array_equal(cycles(of, events, layers), taken) else ["cycles"]
    return said + (["more cycles than the bound"] if taken.size and taken.max() > most_cycles(of) else [])


def exported_board(folder: Path, board: str) -> Artifact:
    graph = adapting(network()) if board == "ulx3s" else network()
    return export_graph(graph, f"fpga:board={board}:lanes=2", folder / "net.fpga", allow_saturation=True)
