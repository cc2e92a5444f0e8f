"""Placement against slices in neuron order: a trained model with its own recordings, and large networks.

python -m benchmarks.placement [MODEL.pt]
"""

from __future__ import annotations

import resource
import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np

from snnc.errors import LimitError
from snnc.exporter.passes.discretise import Discretise
from snnc.exporter.passes.place import Place
from snnc.exporter.passes.quantise import quantise
from snnc.exporter.placement.traffic import SourceSpikes, measured
from snnc.stages import QuantizedGraph, QuantizedLayer, TrainedModel
from snnc.targets.registry import load_target

RECORDINGS = 100
LARGE = (  # widths, longest delay, part of the synapses that are there
    ((700, 1024, 1024, 35), 62, 1.0),
    ((700, 1024, 1024, 35), 62, 0.2),
    ((500, 500, 500, 250), 31, 1.0),
    ((1000, 1000, 1000, 500), 31, 1.0),
    ((2000, 2000, 2000, 1000), 31, 1.0),
    ((2000, 2000, 2000, 1000), 62, 0.5),
    ((2000, 2000, 2000, 1000), 62, 1.0),  # 6 cores too many
)


def main(arguments: list[str]) -> None:
    for path in arguments:
        _trained(Path(path))
    for widths, longest, density in LARGE:
        print(f"{'-'.join(map(str, widths))}, delays to {longest}, {density:.0%} of the synapses")
        _report(_random_graph(widths, longest, density))


def _trained(path: Path) -> None:
    from snnc.trainer.model_file import load_model

    model = load_model(path)
    graph = quantise(Discretise().run(model))
    print(f"{path.name}: activity assumed")
    _report(graph)
    print(f"{path.name}: activity of {RECORDINGS} recordings of validation")
    _report(graph, _activity(model, graph))


def _activity(model: TrainedModel, graph: QuantizedGraph) -> SourceSpikes:
    from snnc.trainer.integer_model import run_graph
    from snnc.trainer.samples import load_samples

    spikes, _ = load_samples(model, "validation").pick(RECORDINGS)
    return measured(spikes, run_graph(graph, spikes))


def _random_graph(widths: tuple[int, ...], longest: int, density: float) -> QuantizedGraph:
    rng = np.random.default_rng(0)
    layers = []
    for index, (inputs, neurons) in enumerate(pairwise(widths)):
        weight = rng.integers(1, 128, (neurons, inputs)) * (rng.random((neurons, inputs)) < density)
        delay, last = rng.integers(0, longest + 1, weight.shape), index == len(widths) - 2
        zeros = np.zeros(neurons, np.int32)
        threshold = None if last else 1000
        layers.append(QuantizedLayer(f"layer{index}", weight, delay, zeros, 0, 4096, 100, threshold))
    return QuantizedGraph.chain(tuple(layers), 100, 0.001, 1.0, tuple(map(str, range(widths[-1]))))


def _report(graph: QuantizedGraph, activity: SourceSpikes | None = None) -> None:
    began = time.process_time()
    try:
        program = Place(load_target("loihi"), activity).run(graph)
    except LimitError as error:
        print(f"  {error}")
    else:
        traffic = program.traffic
        assert traffic is not None
        pairs = (
            ("cores", traffic.in_order_cores, len(program.cores)),
            ("spikes", traffic.in_order_spikes, traffic.spikes),
            ("hops", traffic.in_order_hops, traffic.hops),
        )
        for name, before, after in pairs:
            divisor = 1 if name == "cores" else traffic.recordings
            print(f"  {name}: {before and before / divisor:,.0f} -> {after / divisor:,.0f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  {time.process_time() - began:.1f} s of CPU; the process's peak so far {peak:,.0f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
