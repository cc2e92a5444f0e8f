"""What an export takes by size of the network: `python -m benchmarks.export [WIDTHS ...]`.

Dense layers with random weights and every delay 0..62, T = 100, for Loihi; WIDTHS/30 has delays 0..30. From
the trained model in memory to the artifact on disk, read back; each size in a process of its own.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import numpy as np

from snnc.exporter import artifact
from snnc.exporter.options import ExportOptions
from snnc.exporter.pipeline import artifact_files, compile_model
from snnc.exporter.record import manifest_record
from snnc.stages import TrainedLayer, TrainedModel
from snnc.targets.registry import load_target

SIZES = ("200-200-200-100", "700-1024-1024-35", "1000-1000-1000-500", "2000-2000-2000-1000/30")
STEPS = 100


def network(widths: list[int], longest: int) -> TrainedModel:
    rng = np.random.default_rng(0)
    layers = []
    for number, (inputs, neurons) in enumerate(pairwise(widths), 1):
        weight = rng.normal(0, 0.1, (neurons, inputs))
        position = rng.uniform(-longest / 2, longest / 2, (neurons, inputs))
        threshold = None if number == len(widths) - 1 else 1.0
        layers.append(
            TrainedLayer(f"layer{number}", weight, position, longest + 1, 0.0, 2.0, threshold, None)
        )
    return TrainedModel(tuple(layers), STEPS, 0.01, 1, tuple(map(str, range(widths[-1]))), "none")


def export(size: str) -> None:
    """Export one network and print a row of the table."""
    widths, _, longest = size.partition("/")
    model = network([int(width) for width in widths.split("-")], int(longest or 62))
    target, options = load_target("loihi"), ExportOptions()
    began = time.perf_counter()
    compiled = compile_model(model, target, options)
    program = compiled.program
    contents = artifact_files(program, target, compiled.ranges)
    record = manifest_record(compiled, options, model, {}, target.limits)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.loihi"
        artifact.write_artifact(path, target.name, program.graph, contents, record)
        artifact.read_artifact(path)
    seconds, used = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
    synapses = sum(int(np.count_nonzero(layer.weight)) for layer in program.graph.layers)
    cells = (
        size,
        f"{synapses / 1e6:.2f}",
        f"{seconds:.1f}",
        f"{used.ru_utime + used.ru_stime:.1f}",
        f"{used.ru_maxrss / 1e6:.2f}",
        f"{len(contents[artifact.GRAPH]) / 1e6:.1f}",
    )
    print("|", " | ".join(cells), "|", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        export(sys.argv[2])
    else:
        print("| widths | million synapses | seconds | CPU seconds | peak GB | graph.nir, MB |")
        print("|---" * 6 + "|", flush=True)
        for size in sys.argv[1:] or SIZES:
            subprocess.run([sys.executable, "-m", "benchmarks.export", "--one", size], check=True)
