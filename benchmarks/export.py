"""What an export takes by size of the network: `python -m benchmarks.export [WIDTHS[:BITS] ...]`.

Dense layers with random weights and every delay 0..62, T = 100, onto one Loihi chip. From `model.pt` on disk
to the artifact, written and read back; each size in a process of its own. With `--budget` there are random
recordings too, so the loss of every step is measured, on as many of them as an export takes by itself.
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

from snnc.exporter.artifact import GRAPH
from snnc.exporter.options import ExportOptions
from snnc.exporter.pipeline import export_file
from snnc.stages import TrainedLayer, TrainedModel
from snnc.trainer.data import EventDataset, save_events_npz
from snnc.trainer.model_file import save_model

SIZES = (
    "200-200-200-100:8",
    "700-1024-1024-35:8",
    "1000-1000-1000-500:8",
    "1400-1400-1400-700:8",
    "2000-2000-2000-1000:7",  # at 8 bits it is 6 cores too many
)
DELAYS, STEPS, BIN_S = 63, 100, 0.01
RECORDINGS, EVENTS = 1000, 3000
"""Of the random data set, a tenth of which is for validation; and events of a recording."""


def network(widths: list[int]) -> TrainedModel:
    """No weight is so small that it rounds to none."""
    rng = np.random.default_rng(0)
    layers = []
    for number, (inputs, neurons) in enumerate(pairwise(widths), 1):
        weight = rng.uniform(0.02, 0.3, (neurons, inputs)) * rng.choice([-1, 1], (neurons, inputs))
        position = rng.uniform(-31, 31, (neurons, inputs))
        threshold = None if number == len(widths) - 1 else 1.0
        layers.append(TrainedLayer(f"layer{number}", weight, position, DELAYS, 0.0, 2.0, threshold, None))
    config = {
        "dataset": "absent.npz",
        "bin_s": BIN_S,
        "hidden": widths[1:-1],
        "kernel_size": DELAYS,
        "tau": 2.0,
        "epochs": 1,
        "batch_size": 2,
        "lr_weights": 0.01,
    }
    names = tuple(map(str, range(widths[-1])))
    return TrainedModel(tuple(layers), STEPS, BIN_S, 1, names, "absent.npz", config)


def recordings(units: int, classes: int) -> EventDataset:
    """Noise, whose time steps are those of `network`."""
    rng, count = np.random.default_rng(1), RECORDINGS * EVENTS
    return EventDataset(
        times=rng.uniform(0, (STEPS - 1) * BIN_S, count).astype(np.float32),
        units=rng.integers(0, units, count),
        offsets=np.arange(RECORDINGS + 1) * EVENTS,
        labels=np.arange(RECORDINGS) % classes,
        speaker=np.arange(RECORDINGS) * 10 // RECORDINGS,
        trial=np.zeros(RECORDINGS, int),
        duration=np.full(RECORDINGS, (STEPS - 1) * BIN_S, np.float32),
        tick_s=1.0,
        unit_count=units,
        class_names=tuple(map(str, range(classes))),
        name="noise",
    )


def export(size: str, budget: bool) -> None:
    """Export one network and print a row of the table."""
    shape, _, bits = size.partition(":")
    widths = [int(width) for width in shape.split("-")]
    options = ExportOptions(weight_bits=int(bits or 8))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        save_model(network(widths), folder / "model.pt")
        data = folder / "noise.npz" if budget else None
        if data:
            save_events_npz(recordings(widths[0], widths[-1]), data)
        began, busy = time.perf_counter(), time.process_time()
        artifact = export_file(
            folder / "model.pt",
            "loihi",
            folder / "model.loihi",
            options,
            dataset=str(data) if data else None,
        )
        seconds, busy = time.perf_counter() - began, time.process_time() - busy
        written = (artifact.path / GRAPH).stat().st_size
    cells = (
        shape,
        str(options.weight_bits),
        f"{sum(int(np.count_nonzero(layer.weight)) for layer in artifact.graph.layers) / 1e6:.2f}",
        str(len(artifact.manifest["placement"])),
        f"{seconds:.1f}",
        f"{busy:.1f}",
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f}",
        f"{written / 1e6:.1f}",
    )
    print("|", " | ".join(cells), "|", flush=True)


def main(arguments: list[str]) -> None:
    budget = ["--budget"] if "--budget" in arguments else []
    sizes = [argument for argument in arguments if not argument.startswith("--")]
    if "--one" in arguments:
        export(sizes[0], bool(budget))
        return
    print("| widths | bits | million synapses | cores | seconds | CPU seconds | peak GB | graph.nir, MB |")
    print("|---" * 8 + "|", flush=True)
    for size in sizes or SIZES:
        command = [sys.executable, "-m", "benchmarks.export", "--one", *budget, size]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
