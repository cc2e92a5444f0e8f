"""Graphs of populations for NIR files."""

from __future__ import annotations

import io
from collections.abc import Callable

import h5py
import numpy as np
from graph_cases import dense, graph_of, li, lif, listed, readout, source

from snnc.exporter.nir.writer import write_nir
from snnc.stages import Convolution, Projection, QuantizedGraph


def recurrent() -> QuantizedGraph:
    """h hears x, itself and k, which has an end; several delays, an exponent, an input bias."""
    populations = (
        source("x", 2, payload_max=3),
        lif("h", 2, decay_u=2048, decay_v=1024, threshold=5, input_bias_mant=[1, -2], bias_mant=[64, 128]),
        lif("k", 1, decay_v=[2048], threshold=9, end=7),
        li("y", 2, decay_v=512),
    )
    several = listed(2, 2, (0, 0, 3, 0), (0, 0, 4, 2), (1, 1, 9, 1))
    projections = (
        Projection("x", "h", several, 1),
        dense("h", "h", [[0, 2], [-3, 0]], [[1, 1], [4, 1]]),
        dense("h", "k", [[5, 6]], 3),
        Projection("k", "h", listed(1, 2, (0, 1, -4, 1))),
        dense("h", "y", [[1, 2], [3, 4]]),
    )
    return graph_of(
        populations, projections, 9, [readout("k", "count", 1), readout("y", "sum", 2, [0.5, 2.0])]
    )


def convolved(kernel: np.ndarray, delay: np.ndarray | int = 0, *, after: str = "dense") -> QuantizedGraph:
    """A grid 1 x 3 x 3, a convolution to h, and a matrix or a convolution to y."""
    first = Convolution(kernel, delay, (1, 3, 3))
    last: Projection = dense("h", "y", [[1] * first.post_neurons], 1)
    if after == "convolution":
        last = Projection("h", "y", Convolution(np.ones((1, *first.grid_out)), 2, first.grid_out))
    populations = source("x", 9), lif("h", first.post_neurons, threshold=1, decay_v=2048), li("y", 1)
    return graph_of(populations, (Projection("x", "h", first), last), 6)


def altered(path: str, change: Callable) -> bytes:
    buffer = io.BytesIO(write_nir(recurrent()))
    with h5py.File(buffer, "r+") as file:
        value = change(file[path][()])
        del file[path]
        if value is not None:
            file[path] = value
    return buffer.getvalue()
