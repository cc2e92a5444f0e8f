"""Write a network as ONNX files.

model.onnx    spikes in; the readout's v, class scores and class out
probe.onnx    the same graph with every u, v and spike as further outputs
"""

from __future__ import annotations

from snnc.errors import ConfigError, LimitError
from snnc.stages import PlacedProgram, QuantizedGraph
from snnc.targets.onnx.synapses import fan_in, history_length, live_synapses, weight_type

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
    ConfigError
        If the package `onnx` is not installed.
    """
    check_graph(program.graph)
    return {MODEL: model_bytes(program.graph), PROBE: model_bytes(program.graph, probe=True)}


def model_bytes(graph: QuantizedGraph, *, probe: bool = False) -> bytes:
    """`snnc.targets.onnx.network.onnx_model` as the bytes of a file."""
    try:
        from snnc.targets.onnx.network import onnx_model

        model = onnx_model(graph, probe=probe)
    except ModuleNotFoundError as error:
        raise ConfigError(f"target onnx: {error}; install it with `pip install onnx`") from error
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def check_graph(graph: QuantizedGraph) -> None:
    """Raise `LimitError` unless the synapses of `graph` fit an ONNX file, which holds 2 GiB."""
    total = 0
    for layer in graph.layers:
        live = live_synapses(layer, graph.time_steps)
        total += layer.neurons * fan_in(live) * (4 + weight_type(layer).itemsize)
        if total > FILE_LIMIT:
            raise LimitError(
                f"{layer.name}: with its synapses the ONNX file takes {total} bytes and more, the limit is "
                f"{FILE_LIMIT}; train a smaller network, or export with --prune"
            )
        if history_length(layer, live) > PLACES:
            raise LimitError(
                f"{layer.name}: {layer.inputs} inputs times delays of up to "
                f"{layer.delay.max(where=live, initial=0)} steps are more than {PLACES} places; train with "
                "coarser time steps"
            )
