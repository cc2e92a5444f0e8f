"""What ONNX files answer beside the states, and the documented interface (docs/onnx.md) that they declare."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from snnc.errors import ExecutorError
from snnc.stages import Answer, QuantizedGraph
from snnc.stages.population import ADLIF
from snnc.stages.trace import Fact
from snnc.targets.onnx.block import BATCH as FREE
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

NUMBERS: dict[str, Callable[[str], Fact]] = {
    "semantics_version": int,
    "time_steps": int,
    "payload_max": int,
    "bin_s": float,
}
"""How what the metadata tell is read; the rest is text, or a JSON list of names."""


def answer(by: str, model: bytes, graph: QuantizedGraph, batches: Sequence[Arrays], *, probe: bool) -> Answer:
    """The answer of the file called `by`, `model`, from its outputs for each batch.

    Raises
    ------
    ExecutorError
        If an input or output is not as documented, or the metadata are not.
    """
    import onnx

    loaded = onnx.load_model_from_string(model)
    check_interface(by, loaded, graph, probe=probe)
    joined: dict[str, npt.NDArray[Any]] = {}
    for name, dtype in (("scores", np.float64), ("class", np.int64)):
        parts = [batch.get(name) for batch in batches]
        if any(part is None or part.dtype != dtype or not part.ndim for part in parts):
            raise ExecutorError(f"output {name!r} of {by}: is missing, or not of type {np.dtype(dtype)}")
        joined[name] = np.concatenate(parts)  # type: ignore[arg-type]  # none is None
    v = np.concatenate([batch["v"] for batch in batches])
    held = {each.key: each.value for each in loaded.metadata_props}
    if missing := sorted({"graph_hash", "class_names", "layer_names", *NUMBERS} - set(held)):
        raise ExecutorError(f"metadata of {by}: missing {', '.join(missing)}")
    facts: dict[str, Fact] = {
        "graph_hash": held["graph_hash"],
        "layer_names": _names(by, held, "layer_names"),
    }
    for name, read in NUMBERS.items():
        try:
            facts[name] = read(held[name])
        except ValueError as error:
            raise ExecutorError(f"{name} of {by}: is not a number") from error
    names = _names(by, held, "class_names")
    return Answer(by, v, joined["scores"], joined["class"], names, facts=facts)


def _names(by: str, held: Mapping[str, str], key: str) -> tuple[str, ...]:
    try:
        names = json.loads(held[key])
    except (ValueError, RecursionError):
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ExecutorError(f"{key} of {by}: is not a JSON list of names")
    return tuple(names)
