"""Small trained models, made by hand or at random, and their artifacts, for tests of the whole road."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from snnc.cli import main
from snnc.exporter.manifest import MANIFEST
from snnc.provenance import sha256
from snnc.stages import BatchNorm, DiscreteModel, QuantizedGraph, TrainedLayer, TrainedModel
from snnc.trainer.data import load_digits
from snnc.trainer.model_file import save_model

ON_GOLDEN = ("--dataset", "none", "--generated", "0")
"""Options of `verify`: golden vectors alone. Inputs that are generated take ten times as long as all else."""

CONFIG = {
    "dataset": "digits",
    "bin_s": 0.02,
    "hidden": [6],
    "kernel_size": 5,
    "tau": 2.0,
    "epochs": 1,
    "batch_size": 2,
    "lr_weights": 0.01,
}


def layer(name, weight, position, *, kernel_size=5, threshold=1.0, tau=2.0, norm=None) -> TrainedLayer:
    return TrainedLayer(name, weight, position, kernel_size, 0.0, tau, threshold, norm)


def tiny_model(kernel_size: int = 5, position: float | None = None, time_steps: int = 12) -> TrainedModel:
    """Five inputs, six hidden neurons with bias, three classes.

    Hidden neuron 0 has one synapse, as strong as its threshold: a single spike meets the threshold
    exactly. `position` sets the first synapse's P.
    """
    rng = np.random.default_rng(5)
    weight = rng.uniform(-1, 1, (6, 5))
    weight[0] = [1, 0, 0, 0, 0]
    half = kernel_size // 2
    positions = rng.integers(-min(half, 2), min(half, 2) + 1, (6, 5)).astype(float)
    if position is not None:
        positions[0, 0] = position
    beta = rng.uniform(-0.2, 0.2, 6)
    beta[0] = 0
    norm = BatchNorm(np.ones(6), beta, np.zeros(6), np.ones(6), 1e-12)
    hidden = layer("hidden1", weight, positions, kernel_size=kernel_size, norm=norm)
    readout = layer(
        "readout", rng.uniform(-1, 1, (3, 6)), rng.integers(-2, 3, (3, 6)), threshold=None, tau=8.0
    )
    config = CONFIG | {"kernel_size": kernel_size}
    return TrainedModel((hidden, readout), time_steps, 0.02, 1, ("a", "b", "c"), "digits", config)


def digits_model(hidden: int = 12) -> TrainedModel:
    """Random weights for the shipped digits: it fires, and it knows nothing."""
    rng = np.random.default_rng(0)
    data = load_digits()
    first = layer(
        "hidden1", rng.normal(0.1, 0.3, (hidden, 140)), rng.uniform(-6, 6, (hidden, 140)), kernel_size=13
    )
    last = layer("readout", rng.normal(0, 1, (20, hidden)), rng.uniform(-2, 2, (20, hidden)), threshold=None)
    config = CONFIG | {"hidden": [hidden], "kernel_size": 13}
    gaussian = tuple(replace(part, sigma=0.23) for part in (first, last))
    steps = data.needed_steps(0.02) + 5
    return TrainedModel((first, last), steps, 0.02, 1, data.class_names, "digits", config, gaussian=gaussian)


def with_layers(stage: TrainedModel | DiscreteModel | QuantizedGraph, layers: Iterable[Any]) -> Any:
    """`stage` with other layers."""
    if isinstance(stage, QuantizedGraph):
        return stage.with_layers(layers)
    return replace(stage, layers=tuple(layers))


def exported(model: TrainedModel, folder: Path) -> Path:
    """`model` saved and exported through the command line."""
    save_model(model, folder / "model.pt")
    assert main(["export", str(folder / "model.pt"), "-o", str(folder / "model.loihi")]) == 0
    return folder / "model.loihi"


def tamper(artifact: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    """Change one file of an artifact and make the manifest agree with it."""
    data = change((artifact / name).read_bytes())
    (artifact / name).write_bytes(data)
    manifest = json.loads((artifact / MANIFEST).read_text())
    manifest["files"][name] = {"sha256": sha256(data), "bytes": len(data)}
    (artifact / MANIFEST).write_text(json.dumps(manifest))


def saved(model: TrainedModel, folder: Path) -> Path:
    save_model(model, folder / "model.pt")
    return folder / "model.pt"


class Hostile:
    """A pickle that would create a file when it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)
