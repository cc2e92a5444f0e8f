"""What generated inputs reach, beside as many random ones: `python -m benchmarks.coverage [ARTIFACT [DATA]]`.

Of an exported artifact, and recordings of its test split, or of the conformance nets together.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

from snnc.batches import batches
from snnc.exporter.artifact import read_artifact
from snnc.exporter.golden import golden_input
from snnc.exporter.ranges.prove import earliest_spikes, graph_bounds
from snnc.hwsim.event_driven import simulate
from snnc.stages import QuantizedGraph
from snnc.verification.accuracy import load_data
from snnc.verification.conformance_nets import nets
from snnc.verification.inputs.coverage import Reached, nothing, reached
from snnc.verification.inputs.reachable import Reachable
from snnc.verification.inputs.stimuli import RUNS, SAMPLES, generate
from snnc.verification.inputs.unreached import coverage

SMALL_RUNS = 512
"""Of the search on a conformance net."""
RATES = (0.01, 0.03, 0.1, 0.3)
COLUMNS = (
    "neurons spiked",
    "synapses",
    "neurons that met a threshold",
    "fired just above it",
    "stayed just below it",
    "layers that wrapped",
    "that clipped",
)


def run(graph: QuantizedGraph, inputs: np.ndarray) -> Reached:
    found = nothing(graph)
    for part in batches(graph, len(inputs)):
        found = found + reached(graph, inputs[part], simulate(graph, inputs[part]))
    return found


def random_inputs(graph: QuantizedGraph, count: int) -> np.ndarray:
    rng = np.random.default_rng(7)
    shape = (count, graph.time_steps, graph.inputs)
    fires = rng.random(shape) < rng.choice(RATES, (count, 1, 1))
    return (fires * rng.integers(1, graph.payload_max + 1, shape)).astype(np.uint8)


def numbers(graph: QuantizedGraph, found: Reached) -> np.ndarray:
    layers = coverage(graph, found, "").layers
    return np.array(
        [
            sum(layer.spiked for layer in layers),
            sum(layer.carried for layer in layers),
            sum(int(met.sum()) for met in found.met),
            sum(layer.just_above for layer in layers),
            sum(layer.just_below for layer in layers),
            sum(layer.u_wraps > 0 for layer in layers),
            sum(layer.v_clips > 0 for layer in layers),
        ]
    )


def rows(graph: QuantizedGraph, start: Reached, runs: int = RUNS) -> dict[str, np.ndarray]:
    """Of `start`, with the generated inputs, and with as many random ones as those or as their search ran."""
    ranges = graph_bounds(graph)
    reachable = Reachable.within(graph, ranges, earliest_spikes(graph, ranges))
    made = generate(graph, start, seed=1, runs=runs, reachable=reachable)
    found = {"none more": start, f"{SAMPLES} generated": start + run(graph, made)}
    for count in (SAMPLES, runs):
        found[f"{count:,} random"] = start + run(graph, random_inputs(graph, count))
    return {name: numbers(graph, one) for name, one in found.items()}


def show(title: str, table: dict[str, np.ndarray]) -> None:
    print(f"\n{title}\n| inputs | {' | '.join(COLUMNS)} |\n|{'---|' * (len(COLUMNS) + 1)}")
    for name, row in table.items():
        print(f"| {name} | {' | '.join(f'{n:,}' for n in row)} |")


def main() -> None:
    began = time.perf_counter()
    if len(sys.argv) > 1:
        artifact = read_artifact(Path(sys.argv[1]))
        graph = artifact.graph
        start = run(graph, np.asarray(artifact.golden_input))
        show("golden inputs, and", rows(graph, start))
        if len(sys.argv) > 2:
            recordings = run(graph, load_data(artifact, sys.argv[2], ("test",))[0].pick(50)[0])
            show("50 recordings, and", rows(graph, recordings))
            show("golden inputs, 50 recordings, and", rows(graph, start + recordings))
    else:
        for title, with_golden in (("nothing, and", False), ("golden inputs, and", True)):
            sums: dict[str, np.ndarray] = {}
            for net in nets():
                start = run(net.graph, golden_input(net.graph)) if with_golden else nothing(net.graph)
                for name, row in rows(net.graph, start, SMALL_RUNS).items():
                    sums[name] = sums.get(name, 0) + row
            show(title, sums)
    print(f"\n{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
