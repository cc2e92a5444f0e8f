"""What ONNX files answer beside the states, and the documented interface (docs/onnx.md) that they declare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from snnc.errors import ExecutorError
from snnc.stages import Answer, QuantizedGraph, Readout
from snnc.stages.population import ADLIF
from snnc.stages.readout import OF_SPIKES
from snnc.stages.trace import Fact
from snnc.targets.onnx.block import BATCH as FREE
from snnc.targets.onnx.metadata import Metadata
from snnc.text import quoted

if TYPE_CHECKING:
    from onnx import ModelProto, ValueInfoProto

Ports = dict[str, tuple[str, tuple[int | str, ...]]]
"""Name -> element type as numpy calls it, and shape."""


def documented(graph: QuantizedGraph, *, probe: bool) -> tuple[Ports, Ports]:
    """Inputs and outputs of `model.onnx`, or of `probe.onnx`."""
    outputs: Ports = {}
    for readout in graph.readouts:
        number, classes = graph.trace_index(readout.population), len(readout.class_names)
        tag, states = "" if graph.is_chain else f"_{number}", (FREE, graph.time_steps, classes)
        decoded: Ports = (
            {f"s{tag}": ("bool", states)} if graph.stateful[number].spikes else {f"v{tag}": ("int32", states)}
        )
        outputs |= decoded
        outputs |= {f"scores{tag}": ("float64", (FREE, classes)), f"class{tag}": ("int64", (FREE,))}
    for number, each in enumerate(graph.stateful if probe else ()):
        states = (FREE, graph.time_steps, each.neurons)
        adapts = each.model == ADLIF
        names = [f"{state}_{number}" for state in ("u", "v", *(("w",) if adapts else ()))]
        outputs |= {name: ("int32", states) for name in names}
        outputs |= {f"s_{number}": ("bool", states)} if each.spikes else {}
        counts = ("u_wraps", "v_clips", *(("w_clips",) if adapts else ()))
        outputs |= {f"{what}_{number}": ("int64", (graph.time_steps,)) for what in counts}
    return {"spikes": ("uint8", (FREE, graph.time_steps, graph.inputs))}, outputs


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
            raise ExecutorError(f"{by}: two of its {what}s have the same name; export the model again")
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


Arrays = Mapping[str, npt.NDArray[Any]]


def answers(
    by: str, model: bytes, graph: QuantizedGraph, batches: Sequence[Arrays], *, probe: bool
) -> list[Answer]:
    """The answer for each readout of the file called `by`, `model`, from its outputs for each batch.

    Raises
    ------
    ExecutorError
        If an input or output is not as documented, or the metadata are not.
    """
    import onnx

    loaded = onnx.load_model_from_string(model)
    check_interface(by, loaded, graph, probe=probe)
    metadata = Metadata(by, {each.key: each.value for each in loaded.metadata_props})
    if graph.is_chain:
        names, facts = metadata.of_chain()
        return [_answer(by, graph.readouts[0], "", batches, names, facts)]
    facts = metadata.of_graph()
    found = []
    for readout in graph.readouts:
        number = graph.trace_index(readout.population)
        names, own = metadata.of_readout(number)
        right = names if len(names) == len(readout.class_names) else None  # their number is a fact
        each = _answer(by, readout, f"_{number}", batches, right, {**facts, **own})
        found.append(replace(each, of=readout.population))
    return found


def _answer(
    by: str,
    readout: Readout,
    tag: str,
    batches: Sequence[Arrays],
    names: tuple[str, ...] | None,
    facts: Mapping[str, Fact],
) -> Answer:
    """That of the outputs of `readout`, whose names end in `tag`."""
    joined: dict[str, npt.NDArray[Any]] = {}
    source = "s" if readout.decoder in OF_SPIKES else "v"
    for name, dtype in ((source, None), ("scores", np.float64), ("class", np.int64)):
        parts = [batch.get(f"{name}{tag}") for batch in batches]
        if any(part is None or part.dtype != (dtype or part.dtype) or not part.ndim for part in parts):
            of_type = "" if dtype is None else f", or not of type {np.dtype(dtype)}"
            raise ExecutorError(f"output {f'{name}{tag}'!r} of {by}: is missing{of_type}")
        joined[name] = np.concatenate(parts)  # type: ignore[arg-type]  # none is None
    return Answer(by, joined[source], joined["scores"], joined["class"], names, facts=facts)
