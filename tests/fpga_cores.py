"""Networks on one simulated core that is large enough for all of them, since a build takes seconds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from hypothesis import HealthCheck, Phase, given, seed, settings
from networks import networks_with_input

from snnc.hwsim import oracle
from snnc.stages import QuantizedGraph
from snnc.stages.population import ADLIF
from snnc.targets.fpga import simulation
from snnc.targets.fpga.cycles import cycles, most_cycles
from snnc.targets.fpga.emitter import PARAMETERS, fixed_files
from snnc.targets.fpga.layout import Layout, layout
from snnc.targets.fpga.memories import memories
from snnc.targets.fpga.shape import Shape, shape

Case = tuple[QuantizedGraph, npt.NDArray[np.uint8]]


def runs_on_a_core(graph: QuantizedGraph) -> bool:
    return all(each.model != ADLIF for each in graph.populations)


def random_cases(
    count: int, number: int, takes: Callable[[QuantizedGraph], bool] = lambda graph: True
) -> list[Case]:
    """Of `count` networks with input that are drawn by the seed `number`, those that a core `takes`."""
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
        if runs_on_a_core(pair[0]) and takes(pair[0]):
            cases.append(pair)

    collect()
    return cases


class Cores:
    """A core for all of `cases` with so many `lanes`, built in `folder` of files that `edit` may change."""

    def __init__(
        self,
        cases: Sequence[Case],
        lanes: int,
        folder: Path,
        edit: Callable[[dict[str, bytes]], None] = lambda program: None,
    ) -> None:
        self.cases = cases
        self.layouts = [layout(graph, lanes) for graph, _ in cases]
        self.shape = Shape.covering(map(shape, self.layouts))
        program = {**fixed_files(), PARAMETERS: self.shape.text.encode()}
        edit(program)
        self.binary = simulation.build(program, folder)

    def run(self, at: int) -> simulation.Simulated:
        of, (_, events) = self.layouts[at], self.cases[at]
        return simulation.run(self.binary, memories(of, self.shape), of, events, 60.0)

    def differences(self, at: int) -> list[str]:
        """What differs from the oracle and from the machine model, in words."""
        (graph, events), of, found = self.cases[at], self.layouts[at], self.run(at)
        expected = oracle.run_graph(graph, events)
        return [
            f"{population.name}: {name}"
            for population, ours, theirs in zip(graph.stateful, found.layers, expected.layers, strict=True)
            for name in ("u", "v", "spikes", "u_wraps", "v_clips")
            if not np.array_equal(getattr(ours, name), getattr(theirs, name))
        ] + cycle_differences(of, events, expected.layers, found.cycles)


def cycle_differences(
    of: Layout, events: npt.NDArray[np.uint8], layers: Sequence, taken: npt.NDArray
) -> list[str]:
    said = [] if np.array_equal(cycles(of, events, layers), taken) else ["cycles"]
    return said + (["more cycles than the bound"] if taken.size and taken.max() > most_cycles(of) else [])
