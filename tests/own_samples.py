"""Samples that a user gives to the artifact of `models.tiny_model`, or of one as wide."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from snnc.exporter.artifact import read_artifact
from snnc.hwsim.oracle import OracleExecutor

STEPS, LINES = 12, 5
QUICK = ("--executors", "oracle", "--generated", "0")


def random_spikes(samples: int = 10) -> np.ndarray:
    return (np.random.default_rng(4).random((samples, STEPS, LINES)) < 0.4).astype(np.uint8)


def written(path: Path, **arrays: object) -> Path:
    np.savez(path, **arrays)
    return path


def classes_by_hand(artifact: Path, spikes: np.ndarray) -> np.ndarray:
    """Clause 7 on the oracle's v."""
    read = read_artifact(artifact)
    v = OracleExecutor().run(read, spikes).layers[-1].v * read.graph.readout_scale
    share = np.exp(v - v.max(axis=2, keepdims=True))
    return (share / share.sum(axis=2, keepdims=True)).sum(axis=1).argmax(axis=1)


def report(artifact: Path) -> dict:
    return json.loads((artifact / "report.json").read_text())
