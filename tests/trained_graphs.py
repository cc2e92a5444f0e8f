"""A small model as training leaves it of a network that is no chain."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from snnc.stages import FloatGraph, FloatMatrix, FloatPopulation, FloatProjection, Readout, TrainedGraph


def dense(rng: np.random.Generator, post: int, pre: int, least: int) -> FloatMatrix:
    return FloatMatrix(rng.normal(size=(post, pre)), rng.integers(least, 4, (post, pre)))


def graph(seed: int = 0) -> FloatGraph:
    rng = np.random.default_rng(seed)
    adaptive = {"keep_w": rng.random(3), "ka": rng.random(3), "kb": rng.random(3), "order": "new"}
    populations = (
        FloatPopulation("input", "input", 4),
        FloatPopulation(
            "hidden1",
            "adlif",
            3,
            keep_u=0.0,
            keep_v=rng.random(3),
            bias=rng.normal(size=3),
            threshold=1.0,
            fires="at",
            reset="subtract",
            reset_by=1.0,
            **adaptive,
        ),
        FloatPopulation("readout", "li", 2, keep_u=0.0, keep_v=0.5),
    )
    projections = (
        FloatProjection("input", "hidden1", dense(rng, 3, 4, 0)),
        FloatProjection("hidden1", "hidden1", dense(rng, 3, 3, 1)),
        FloatProjection("hidden1", "readout", dense(rng, 2, 3, 0)),
    )
    readout = Readout("readout", "softmax", 1.0, ("no", "yes"))
    return FloatGraph(populations, projections, (readout,), 20, 0.01)


def trained() -> TrainedGraph:
    positions = {
        "hidden1": {
            "input": np.ones((3, 4), np.float32),
            "hidden1": np.full((1, 3), 1.25, np.float32),
        }
    }
    finished = replace(graph(), projections=graph(1).projections)
    metrics = {"history": [{"loss": 0.5}]}
    return TrainedGraph(graph(), 2, "own.npz", {"epochs": 3}, metrics, positions, {8: finished})
