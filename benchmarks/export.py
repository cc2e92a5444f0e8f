"""What an export takes by size of the network: `python -m benchmarks.export [WIDTHS ...]`.

Dense layers with random weights and every delay 0..62, T = 100, for Loihi with as many cores as the network
needs. From the trained model in memory to the artifact on disk, read back; each size in a process of its own.
"""

from __future__ import annotations

import dataclasses
import resource
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import numpy as np

from snnc.exporter import artifact
from snnc.exporter.pipeline import ExportOptions, artifact_files, compile_model
from snnc.exporter.prove_ranges import certificate, graph_bounds
from snnc.stages import TrainedLayer, TrainedModel
from snnc.targets.registry import load_target

SIZES = ("200-200-200-100", "700-1024-1024-35", "1000-1000-1000-500", "2000-2000-2000-1000")
DELAYS, STEPS = 63, 100


def network(widths: list[int]) -> TrainedModel:
    rng = np.random.default_rng(0)
    layers = []
    for number, (inputs, neurons) in enumerate(pairwise(widths), 1):
        weight = rng.normal(0, 0.1, (neurons, inputs))
        position = rng.uniform(-31, 31, (neurons, inputs))
        threshold = None if number == len(widths) - 1 else 1.0
        layers.append(TrainedLayer(f"layer{number}", weight, position, DELAYS, 0.0, 2.0, threshold, None))
    return TrainedModel(tuple(layers), STEPS, 0.01, 1, tuple(map(str, range(widths[-1]))), "none")


def export(widths: list[int]) -> None:
    """Export one network and print a row of the table."""
    model, target = network(widths), load_target("loihi")
    target = dataclasses.replace(target, limits=dataclasses.replace(target.limits, cores=1 << 16))
    began = time.perf_counter()
    program = compile_model(model, target, ExportOptions()).program
    contents = artifact_files(program, target)
    record = {"range_proof": certificate(graph_bounds(program.graph)), "placement": [], "provenance": {}}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.loihi"
        artifact.write_artifact(path, target.name, program.graph, contents, record)
        artifact.read_artifact(path)
    seconds, used = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
    synapses = sum(int(np.count_nonzero(layer.weight)) for layer in program.graph.layers)
    cells = (
        "-".join(map(str, widths)),
        f"{synapses / 1e6:.2f}",
        f"{seconds:.1f}",
        f"{used.ru_utime + used.ru_stime:.1f}",
        f"{used.ru_maxrss / 1e6:.2f}",
        f"{len(contents[artifact.GRAPH]) / 1e6:.1f}",
    )
    print("|", " | ".join(cells), "|", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        export([int(width) for width in sys.argv[2].split("-")])
    else:
        print("| widths | million synapses | seconds | CPU seconds | peak GB | graph.nir, MB |")
        print("|---" * 6 + "|", flush=True)
        for size in sys.argv[1:] or SIZES:
            subprocess.run([sys.executable, "-m", "benchmarks.export", "--one", size], check=True)
