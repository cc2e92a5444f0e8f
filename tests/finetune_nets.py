"""A recurrent network in real numbers, and samples on which few bits change its answers."""

from __future__ import annotations

import numpy as np

from snnc.stages import FloatGraph, FloatMatrix, FloatPopulation, FloatProjection, Readout
from snnc.stages.float_synapses import FloatList

STEPS, LINES, HIDDEN, CLASSES = 12, 6, 10, 3


def network(seed: int = 1) -> FloatGraph:
    """6 lines lead to 10 neurons that hear each other, and these to 3 that do not spike."""
    rng = np.random.default_rng(seed)

    def dense(post: int, pre: int, size: float) -> FloatMatrix:
        weight = rng.normal(0, size, (post, pre))
        weight[rng.random(weight.shape) < 0.2] = 0
        return FloatMatrix(weight, rng.integers(0, 3, weight.shape))

    among = rng.integers(0, HIDDEN, (2, 20))
    among = np.unique(among, axis=1)
    recurrent = FloatList(
        among[0], among[1], rng.normal(0, 0.3, among.shape[1]), np.full(among.shape[1], 2), HIDDEN, HIDDEN
    )
    populations = (
        FloatPopulation("in", "input", LINES),
        FloatPopulation(
            "hidden",
            "lif",
            HIDDEN,
            keep_u=0.3,
            keep_v=0.8,
            threshold=1.0,
            reset="subtract",
            reset_by=1.0,
            bias=rng.normal(0, 0.1, HIDDEN),
        ),
        FloatPopulation("out", "li", CLASSES, keep_u=0.0, keep_v=0.9),
    )
    projections = (
        FloatProjection("in", "hidden", dense(HIDDEN, LINES, 0.8)),
        FloatProjection("hidden", "hidden", recurrent),
        FloatProjection("hidden", "out", dense(CLASSES, HIDDEN, 0.5)),
    )
    return FloatGraph(populations, projections, (Readout("out", "sum", 1.0, ("x", "y", "z")),), STEPS, 0.001)


def events(count: int, seed: int = 2) -> np.ndarray:
    return (np.random.default_rng(seed).random((count, STEPS, LINES)) < 0.3).astype(np.uint8)
