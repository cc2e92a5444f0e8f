"""What ONNX files answer beside the states: readout, scores, classes, and what their metadata tell."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.errors import ExecutorError
from snnc.stages import Answer, QuantizedGraph
from snnc.stages.answer import Fact
from snnc.targets.onnx.interface import check_interface

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
        raise ExecutorError(f"metadata of {by}: lack {', '.join(missing)}")
    facts: dict[str, Fact] = {
        "graph_hash": held["graph_hash"],
        "layer_names": _names(by, held, "layer_names"),
    }
    for name, read in NUMBERS.items():
        try:
            facts[name] = read(held[name])
        except ValueError as error:
            raise ExecutorError(f"{name} of {by}: is no number") from error
    names = _names(by, held, "class_names")
    return Answer(by, v, joined["scores"], joined["class"], names, facts=facts)


def _names(by: str, held: Mapping[str, str], key: str) -> tuple[str, ...]:
    try:
        names = json.loads(held[key])
    except (ValueError, RecursionError):
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ExecutorError(f"{key} of {by}: are no JSON list of names")
    return tuple(names)
