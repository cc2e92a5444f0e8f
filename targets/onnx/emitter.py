"""Write a network as ONNX files.

model.onnx    spikes in; of each readout v or spikes, class scores and class out
probe.onnx    the same graph with every u, v, w and spike as further outputs
"""

from __future__ import annotations

from snnc.errors import LimitError
from snnc.extras import need
from snnc.provenance import graph_hash
from snnc.stages import Convolution, PlacedProgram, Projection, QuantizedGraph, SynapseList, SynapseMatrix
from snnc.targets.onnx.arrivals import reached, stored_projections
from snnc.targets.onnx.kernels import delays
from snnc.targets.onnx.synapses import live_synapses, table_places, weight_type

MODEL = "model.onnx"
PROBE = "probe.onnx"

FILE_LIMIT = (1 << 31) - (1 << 24)
"""Bytes of synapses that an ONNX file holds: Protobuf's limit of 2 GiB, less 16 MiB for the rest."""
PLACES = (1 << 31) - 1
"""Largest history that 32-bit places reach."""


def emit(program: PlacedProgram) -> dict[str, bytes]:
    """`model.onnx` and `probe.onnx`; equal graphs give equal bytes.

    Raises
    ------
    LimitError
        If the synapses do not fit an ONNX file.
    NotInstalledError
        If the package `onnx` is not installed.
    """
    graph = program.graph
    check_graph(graph)
    hashed = graph_hash(graph)
    return {
        name: model_bytes(graph, probe=probe, hashed=hashed)
        for name, probe in ((MODEL, False), (PROBE, True))
    }


def model_bytes(graph: QuantizedGraph, *, probe: bool = False, hashed: str | None = None) -> bytes:
    """`snnc.targets.onnx.network.onnx_model` as the bytes of a file."""
    need("onnx", "target onnx:", "onnx")
    from snnc.targets.onnx.network import onnx_model

    model = onnx_model(graph, probe=probe, hashed=hashed)
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def check_graph(graph: QuantizedGraph) -> None:
    """Raise `LimitError` unless the synapses of `graph` fit an ONNX file, which holds 2 GiB."""
    total = 0
    for projection in stored_projections(graph):
        name, inputs = projection.destination, projection.synapses.pre_neurons
        total += file_bytes(projection, graph)
        if total > FILE_LIMIT:
            raise LimitError(
                f"{name}: with its synapses the ONNX file takes {total} bytes and more, the limit is "
                f"{FILE_LIMIT}; train a smaller network, or export with --prune"
            )
        reach = reached(projection, graph.time_steps)
        if inputs * (reach + 1) > PLACES:
            raise LimitError(
                f"{name}: {inputs} inputs times delays of up to {reach} steps are more than {PLACES} places; "
                "train with coarser time steps"
            )


def file_bytes(projection: Projection, graph: QuantizedGraph) -> int:
    """Bytes that the synapses of `projection` take: tables, or a kernel for each delay."""
    synapses = projection.synapses
    if isinstance(synapses, Convolution):
        each = synapses.kernel.size * weight_type(synapses.kernel).itemsize
        return len(delays(synapses, graph.time_steps)) * each
    assert isinstance(synapses, SynapseList | SynapseMatrix)
    fan_ins = live_synapses(synapses, graph.time_steps).fan_ins()
    places = table_places(fan_ins, together=graph.is_chain)
    return places * (4 + weight_type(synapses.weight).itemsize)
