"""Trace files for tests: written through the writer, and by hand with h5py alone, as docs/traces.md says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np

from snnc.io import hdf5_guard
from snnc.io.traces.writer import select, write_trace
from snnc.stages import LayerTrace, QuantizedGraph, QuantizedLayer, Trace

HEAD: dict[str, Any] = {
    "format": "snnc-trace",
    "version": 1,
    "semantics_version": 1,
    "executor": "board",
    "graph_hash": "ab" * 32,
    "time_steps": 4,
    "first_step": 1,
    "stop_step": 3,
    "inputs": 3,
    "readout_scale": 0.5,
    "layers": ["hidden1", "readout"],
    "neurons": np.array([9, 2]),
}
ARRAYS: dict[str, Any] = {
    "samples": np.array([5, 7], np.int64),
    "input": np.full((2, 4, 1), 0b101, np.uint8),
    "layer_0/spikes": np.array([[[1, 1], [0, 0]], [[2, 0], [128, 1]]], np.uint8),
    "layer_1/v": np.arange(8, dtype=np.int32).reshape(2, 2, 2) - 4,
}


def three_samples(folder: Path) -> np.ndarray:
    """Three samples for the tiny artifact, in spikes.npz."""
    spikes = (np.random.default_rng(1).random((3, 12, 5)) < 0.4).astype(np.uint8)
    np.savez(folder / "spikes.npz", spikes=spikes, dt=0.02)
    return spikes


def by_hand(path: Path, head: dict[str, Any] | None = None, **arrays: Any) -> Path:
    """The file of HEAD and ARRAYS, changed: None leaves one out, and `a__b` is the array `a/b`."""
    with h5py.File(path, "w") as file:
        for name, value in (HEAD | (head or {})).items():
            if value is not None:
                file.attrs[name] = value
        changed = {name.replace("__", "/"): value for name, value in arrays.items()}
        for name, value in (ARRAYS | changed).items():
            if callable(value):
                value(file, name)
            elif value is not None:
                file[name] = value
    return path


def two_layers() -> QuantizedGraph:
    """Two inputs, two hidden neurons, two readouts over five steps."""
    hidden = QuantizedLayer("hidden1", [[5, -3], [4, 0]], [[2, 1], [0, 0]], [0, 0], 0, 4096, 2048, 3)
    readout = QuantizedLayer("readout", [[1, 2], [2, 1]], [[0, 0], [1, 1]], [0, 0], 0, 4096, 2048, None)
    return QuantizedGraph.chain((hidden, readout), 5, 0.01, 0.01, ("a", "b"))


def write(path: Path, graph: QuantizedGraph, inputs: np.ndarray, trace: Trace, *, batch: int = 2, **chosen):
    """`trace` on disk, appended `batch` samples at a time; `chosen` as for `select`.

    No other process looks at the file before it is opened; that takes ten times as long as all else. Files of
    `by_hand` and of `snnc run` are looked at.
    """
    with write_trace(path, graph, trace.executor, select(graph, **chosen), len(inputs)) as writer:
        for first in range(0, len(inputs), batch):
            rows = slice(first, first + batch)
            part = Trace(
                trace.executor, tuple(LayerTrace(t.u[rows], t.v[rows], t.spikes[rows]) for t in trace)
            )
            writer.append(inputs[rows], part)
    hdf5_guard._found[hdf5_guard._key(path)] = ""
    return path


def changed(trace: Trace, *changes: tuple[int, str, tuple[int, int, int]]) -> Trace:
    """`trace` with 1 added (or a spike flipped) at each (layer, variable, (sample, step, neuron))."""
    layers = []
    for index, layer in enumerate(trace):
        arrays = {name: np.array(getattr(layer, name)) for name in ("u", "v", "spikes")}
        for at, name, where in changes:
            if at == index:
                arrays[name][where] = not arrays[name][where] if name == "spikes" else arrays[name][where] + 1
        layers.append(LayerTrace(**arrays))
    return Trace("other", tuple(layers))
