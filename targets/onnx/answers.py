"""What ONNX files answer beside the states: the readout, scores and classes, and the class names they
carry."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.errors import ExecutorError
from snnc.stages import Answer

Arrays = Mapping[str, npt.NDArray[Any]]


def answer(by: str, model: bytes, batches: Sequence[Arrays], readout: str) -> Answer:
    """The answer of the file called `by`, `model`, from its outputs for each batch; `readout` names its v.

    Raises
    ------
    ExecutorError
        If scores or classes are not there, or not of the type that the graph has them in.
    """
    joined: dict[str, npt.NDArray[Any]] = {}
    for name, dtype in (("scores", np.float64), ("class", np.int64)):
        parts = [batch.get(name) for batch in batches]
        if any(part is None or part.dtype != dtype or not part.ndim for part in parts):
            raise ExecutorError(f"output {name!r} of {by}: is missing, or not of type {np.dtype(dtype)}")
        joined[name] = np.concatenate(parts)  # type: ignore[arg-type]  # none is None
    v = np.concatenate([batch[readout] for batch in batches])
    return Answer(by, v, joined["scores"], joined["class"], class_names(by, model))


def class_names(by: str, model: bytes) -> tuple[str, ...] | None:
    """The names in the file's metadata, or None if it has none.

    Raises
    ------
    ExecutorError
        If they are no list of names.
    """
    import onnx

    held = {each.key: each.value for each in onnx.load_model_from_string(model).metadata_props}
    if "class_names" not in held:
        return None
    try:
        names = json.loads(held["class_names"])
    except (ValueError, RecursionError):
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ExecutorError(f"class_names of {by}: are no JSON list of names")
    return tuple(names)
