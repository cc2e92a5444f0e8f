"""Random graphs in which every clause acts, for faults whose cause is searched."""

from __future__ import annotations

from functools import cache

import numpy as np
from graph_cases import adlif, graph_of, li, lif, readout, source

from snnc.stages import Convolution, Projection, QuantizedGraph, SynapseList, SynapseMatrix

STEPS = 24
SEEDS = (1, 2, 3)


@cache
def graph(seed: int) -> QuantizedGraph:
    """Two inputs, of which one ends early; a grid; recurrent `lif` and `adlif` populations; two readouts."""
    rng = np.random.default_rng(seed)

    def each(n: int, low: int, high: int) -> np.ndarray:
        return rng.integers(low, high + 1, n)

    def matrix(pre: int, post: int, low: int, high: int, least: int, most: int) -> SynapseMatrix:
        weight = rng.integers(low, high + 1, (post, pre)) * (rng.random((post, pre)) < 0.8)
        return SynapseMatrix(weight, rng.integers(least, most + 1, (post, pre)))

    def many(pre: int, post: int, count: int, low: int, high: int, most: int) -> SynapseList:
        """Several synapses between some pairs, of other delays."""
        place = rng.choice(pre * post * most, count, replace=False)
        weight = rng.integers(low, high + 1, count)
        pair = place // most
        return SynapseList(pair // post, pair % post, weight, 1 + place % most, pre, post)

    kernel = rng.integers(-20, 60, (2, 1, 3, 3))
    state = {
        "decay_u": each(8, 1000, 3000),
        "decay_v": each(8, 200, 900),
        "bias_mant": each(8, -60, 90),
        "bias_exp": 2,
    }
    adapting = {
        "decay_w": each(8, 100, 900),
        "ka": each(8, -300, 700),
        "kb": each(8, 300, 2000),
        "threshold": each(8, 60, 110),
    }
    return graph_of(
        [
            source("x", 9, payload_max=3, end=19),
            source("y", 8),
            lif(
                "c", 18, decay_u=each(18, 1500, 3500), decay_v=each(18, 300, 900), threshold=each(18, 70, 120)
            ),
            lif(
                "h",
                8,
                **state | {"threshold": each(8, 60, 110)},
                reset="subtract",
                reset_by=each(8, 30, 90),
                input_bias_mant=each(8, -6, 9),
                input_bias_exp=1,
                end=20,
            ),
            adlif("g", 8, **state | adapting, reset="subtract", reset_by=each(8, 50, 100)),
            adlif(
                "o",
                8,
                **state | adapting | {"kb": each(8, -900, 1500)},
                order="old",
                input_bias_mant=each(8, 0, 9),
            ),
            li("r", 4, decay_u=each(4, 1000, 4000), decay_v=each(4, 50, 400), bias_mant=each(4, -30, 30)),
        ],
        [
            Projection(
                "x", "c", Convolution(kernel, rng.integers(0, 4, kernel.shape), (1, 3, 3), padding=(1, 1))
            ),
            Projection("y", "h", matrix(8, 8, -20, 50, 0, 5)),
            Projection("c", "h", many(18, 8, 70, -15, 30, 6), 1),
            Projection("h", "h", matrix(8, 8, -25, 25, 1, 5)),
            Projection("g", "h", matrix(8, 8, -30, 15, 1, 4)),
            Projection("h", "g", matrix(8, 8, -10, 45, 0, 6)),
            Projection("y", "g", matrix(8, 8, -10, 30, 0, 3)),
            Projection("g", "g", many(8, 8, 40, -20, 25, 4)),
            Projection("g", "o", matrix(8, 8, -20, 50, 0, 4)),
            Projection("h", "o", matrix(8, 8, -10, 20, 0, 2), 1),
            Projection("o", "o", matrix(8, 8, -25, 20, 1, 3)),
            Projection("o", "r", matrix(8, 4, -40, 60, 0, 5)),
            Projection("h", "r", matrix(8, 4, -40, 60, 0, 2)),
        ],
        STEPS,
        [readout("r", "sum", 4, 0.01), readout("o", "count", 8)],
    )


@cache
def spikes(seed: int) -> np.ndarray:
    """uint8 [3, T, 17]."""
    rng = np.random.default_rng(seed)
    events = (rng.random((3, STEPS, 17)) < 0.3).astype(np.uint8)
    events[:, :, :9] *= rng.integers(1, 4, (3, STEPS, 9)).astype(np.uint8)
    return events
