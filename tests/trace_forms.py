"""A trace of two layers as npz and as NIRData."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nir
import numpy as np
from golden import artifact_of
from trace_files import two_layers

from snnc.hwsim.oracle import OracleExecutor
from snnc.provenance import graph_hash
from snnc.stages import QuantizedGraph, Trace

GRAPH = two_layers()
INPUT = np.zeros((2, 5, 2), np.uint8)
INPUT[:, 0, 0] = INPUT[:, 1, 1] = 1
TRACE = OracleExecutor().run(artifact_of(GRAPH), INPUT)


def npz(path: Path, **changes: Any) -> Path:
    """Spikes of the first and v of the second layer of GRAPH, changed; None leaves an array out."""
    arrays = {
        "graph_hash": graph_hash(GRAPH),
        "semantics_version": 1,
        "s_0": TRACE.layers[0].spikes,
        "v_1": TRACE.layers[1].v,
    }
    np.savez(path, **{name: array for name, array in (arrays | changes).items() if array is not None})
    return path


def gridded(values: np.ndarray, dt: float = 0.01) -> nir.TimeGriddedData:
    return nir.TimeGriddedData(values, dt)


def nirdata(path: Path, **nodes: dict[str, Any] | None) -> Path:
    """v of the second layer and the input of GRAPH, changed; None leaves a node out."""
    given = {
        "input": {"spikes": gridded(INPUT.astype(bool))},
        "readout_neuron": {"v": gridded(TRACE.layers[1].v / 64)},
    }
    kept = {name: nir.NIRNodeData(node) for name, node in (given | nodes).items() if node is not None}
    nir.write_data(path, nir.NIRGraphData(kept))
    return path


def write_nirdata(path: Path, graph: QuantizedGraph, inputs: np.ndarray, trace: Trace) -> None:
    data = inputs if graph.payload_max > 1 else inputs.astype(bool)
    nodes = {"input": nir.NIRNodeData({"spikes": gridded(data, graph.bin_s)})}
    for layer, state in zip(graph.layers, trace, strict=True):
        values = {"u": state.u / 64, "v": state.v / 64, "spikes": state.spikes}
        nodes[f"{layer.name}_neuron"] = nir.NIRNodeData(
            {name: gridded(array, graph.bin_s) for name, array in values.items()}
        )
    nir.write_data(path, nir.NIRGraphData(nodes))


V = TRACE.layers[1].v
