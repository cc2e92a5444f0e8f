"""Time and memory of an export against the number of synapses: `python -m benchmarks.exporter`.

Each network is exported in a process of its own. Times count from the call, with everything imported;
`peak` is the resident memory of the process, imports included. Prints a table for the documentation.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

WIDTHS = (
    (140, 256, 256, 20),
    (700, 512, 512, 35),
    (700, 1024, 1024, 35),
    (1000, 1400, 1400, 500),
    (2000, 2000, 2000, 1000),
)
KERNEL_SIZE = 63
"""Delays of 0 .. 62 steps, all of them used."""
WEIGHT_BITS = 4
"""The largest network has 10 million synapses, which do not fit a chip with more bits and such delays."""


def write_model(widths: tuple[int, ...], path: Path) -> None:
    """A dense network of random weights and delays; weights shrink with the fan-in."""
    from snnc.stages import TrainedLayer, TrainedModel
    from snnc.trainer.config import TrainConfig
    from snnc.trainer.model_file import save_model

    rng = np.random.default_rng(0)
    layers, half = [], KERNEL_SIZE // 2
    for number, (inputs, neurons) in enumerate(pairwise(widths), start=1):
        last = number == len(widths) - 1
        weight = rng.normal(0, inputs**-0.5, (neurons, inputs))
        position = rng.integers(-half, half + 1, (neurons, inputs)).astype(float)
        name, threshold = ("readout", None) if last else (f"hidden{number}", 1.0)
        layers.append(TrainedLayer(name, weight, position, KERNEL_SIZE, 0.0, 2.0, threshold, None))
    config = TrainConfig(
        dataset="none.npz",
        bin_s=0.01,
        hidden=widths[1:-1],
        kernel_size=KERNEL_SIZE,
        tau=2.0,
        epochs=1,
        batch_size=2,
        lr_weights=1e-3,
    ).model_dump(mode="json")
    names = tuple(str(number) for number in range(widths[-1]))
    save_model(TrainedModel(tuple(layers), 100, 0.01, 1, names, "none.npz", config), path)


def export(path: Path) -> dict[str, float]:
    """Seconds, and peak of the resident memory in MB; run in a process of its own."""
    import resource
    import time

    from snnc.exporter.pipeline import ExportOptions, export_file

    began = time.perf_counter()
    export_file(path, "loihi", path.with_suffix(".loihi"), ExportOptions(weight_bits=WEIGHT_BITS))
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--networks", type=int, default=len(WIDTHS), help="how many, from the smallest")
    arguments = parser.parse_args()
    if arguments.model is not None:
        print(json.dumps(export(arguments.model)))
        return
    table = Table("network", "synapses", "seconds", "µs a synapse", "peak", "artifact")
    for widths in WIDTHS[: arguments.networks]:
        synapses = sum(before * after for before, after in pairwise(widths))
        with tempfile.TemporaryDirectory() as folder:
            model = Path(folder, "model.pt")
            write_model(widths, model)
            command = [sys.executable, "-m", "benchmarks.exporter", "--model", str(model)]
            found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
            size = sum(file.stat().st_size for file in model.with_suffix(".loihi").rglob("*"))
        table.add_row(
            "-".join(map(str, widths)),
            f"{synapses / 1e6:.2f} M",
            f"{found['seconds']:.1f}",
            f"{1e6 * found['seconds'] / synapses:.1f}",
            f"{found['peak_mb']:.0f} MB",
            f"{size / 1e6:.1f} MB",
        )
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
