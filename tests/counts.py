"""Samples of counts, and a network whose input takes them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from float_nets import dense, graph, lif

import snnc

X = np.ones((4, 6, 2), np.int64)
X[:2, :, 0] = X[2:, :, 1] = 3
"""Both lines have events in every step: only their counts tell the classes apart."""
LABELS = np.array([0, 0, 1, 1])


def network_of_counts() -> snnc.Network:
    """A count of 3 is a spike in every step, and of 1 in no two steps that follow each other."""
    return snnc.Network(graph(lif(2), dense([0.5, 0.0], [0.0, 0.5]), payload_max=3), "two", payload_max=3)


def written(path: Path, **more) -> Path:
    np.savez(path, **{"spikes": X, "labels": LABELS, "dt": 0.001, **more})
    return path
