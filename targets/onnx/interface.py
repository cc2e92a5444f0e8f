"""The documented interface of the ONNX files (docs/onnx.md), as a file declares its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snnc.errors import ExecutorError
from snnc.stages import QuantizedGraph
from snnc.text import quoted

if TYPE_CHECKING:
    from onnx import ModelProto, ValueInfoProto

FREE = "batch"
"""The dimension that may have any size."""
Ports = dict[str, tuple[str, tuple[int | str, ...]]]
"""Name -> element type as numpy calls it, and shape."""


def documented(graph: QuantizedGraph, *, probe: bool) -> tuple[Ports, Ports]:
    """Inputs and outputs of `model.onnx`, or of `probe.onnx`."""
    steps, classes = graph.time_steps, graph.layers[-1].neurons
    outputs: Ports = {
        "v": ("int32", (FREE, steps, classes)),
        "scores": ("float64", (FREE, classes)),
        "class": ("int64", (FREE,)),
    }
    for index, layer in enumerate(graph.layers if probe else ()):
        states = (FREE, steps, layer.neurons)
        outputs |= {f"u_{index}": ("int32", states), f"v_{index}": ("int32", states)}
        outputs |= {f"s_{index}": ("bool", states)} if layer.spikes else {}
        outputs |= {f"{what}_{index}": ("int64", (steps,)) for what in ("u_wraps", "v_clips")}
    return {"spikes": ("uint8", (FREE, steps, graph.inputs))}, outputs


def check_interface(by: str, model: ModelProto, graph: QuantizedGraph, *, probe: bool) -> None:
    """Raise `ExecutorError` unless `model` declares the inputs and outputs of the documentation.

    The order does not count: they are asked for by name.
    """
    for what, right, declared in zip(
        ("input", "output"),
        documented(graph, probe=probe),
        (model.graph.input, model.graph.output),
        strict=True,
    ):
        found = dict(map(_port, declared))
        if len(found) < len(declared):
            raise ExecutorError(f"{by}: two {what}s of it have the same name; export the model again")
        for name in (*right, *found):
            given, expected = found.get(name), right.get(name)
            if given != expected:
                raise ExecutorError(
                    f"{what} {quoted(name)} of {by}: is {_words(given)}, expected {_words(expected)}"
                )


def _port(info: ValueInfoProto) -> tuple[str, tuple[str, tuple[int | str, ...]]]:
    from onnx import helper

    tensor = info.type.tensor_type
    try:
        kind = str(helper.tensor_dtype_to_np_dtype(tensor.elem_type)) if tensor.elem_type else "of no type"
    except KeyError:
        kind = f"of type {tensor.elem_type}, which ONNX does not know,"
    shape = (each.dim_value if each.HasField("dim_value") else FREE for each in tensor.shape.dim)
    return info.name, (kind, tuple(shape))


def _words(port: tuple[str, tuple[int | str, ...]] | None) -> str:
    return "none" if port is None else f"{port[0]} [{', '.join(map(str, port[1]))}]"
