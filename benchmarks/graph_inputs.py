"""What searched inputs of random graphs reach and show, beside as many random ones.

`python -m benchmarks.graph_inputs`, from the root of the repository: 100 graphs of `tests/networks.py`, the
faults of `tests/graph_mutants.py`. The golden inputs are there in any case.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from graph_mutants import MUTANTS, shown
from networks import networks

from snnc.exporter.golden import golden_input
from snnc.hwsim.event_driven import simulate
from snnc.stages import QuantizedGraph
from snnc.verification.inputs.graphs.goals import EACH
from snnc.verification.inputs.graphs.watch import GraphWatch
from snnc.verification.inputs.trains import SHAPES, shaped

GRAPHS, SAMPLES = 100, 16


def graphs() -> list[QuantizedGraph]:
    found: list[QuantizedGraph] = []

    @seed(11)
    @settings(
        max_examples=3 * GRAPHS,
        database=None,
        suppress_health_check=list(HealthCheck),
        deadline=None,
        phases=[Phase.generate],
    )
    @given(networks())
    def collect(graph: QuantizedGraph) -> None:
        some = any(each.synapses.count for each in graph.projections)
        if not graph.is_chain and graph.inputs and some and len(found) < GRAPHS:
            found.append(graph)

    collect()
    return found


def reached(graph: QuantizedGraph, *parts: np.ndarray) -> np.ndarray:
    """Which goals that may be reached are: all of them, and those of each kind of neurons."""
    watch = GraphWatch(graph)
    for inputs in parts:
        watch.see(inputs, simulate(graph, inputs))
    values, possible = watch.values()
    goals = watch.goals.goals
    found = possible[:goals] & (values[:goals] >= 0)
    neurons = found[: len(EACH) * watch.wiring.size].reshape(len(EACH), -1).sum(axis=1)
    return np.array([possible[:goals].sum(), found.sum(), *neurons])


def main() -> None:
    counts, faults, seconds = np.zeros((3, 2 + len(EACH)), int), np.zeros(3, int), 0.0
    for graph in graphs():
        golden = golden_input(graph)
        watch = GraphWatch(graph)
        watch.see(golden, simulate(graph, golden))
        began = time.process_time()
        made = watch.made(SAMPLES, seed=0)
        seconds += time.process_time() - began
        rng = np.random.default_rng([0, 1])
        random = np.stack([shaped(graph, SHAPES[k % len(SHAPES)], rng) for k in range(SAMPLES)])
        groups = ([golden], [golden, random], [golden, made])
        counts += [reached(graph, *parts) for parts in groups]
        for make in MUTANTS.values():
            faults += [any(shown(graph, inputs, make()) for inputs in parts) for parts in groups]
    print(f"{'inputs':20} faults  possible  reached  " + "  ".join(EACH))
    for name, row, caught in zip(("golden", "and random", "and searched"), counts, faults, strict=True):
        print(f"{name:20} {caught:6}  {row[0]:8}  {row[1]:7}  " + "  ".join(map(str, row[2:])))
    print(f"{seconds:.1f} s of processor time for the search")


if __name__ == "__main__":
    main()
