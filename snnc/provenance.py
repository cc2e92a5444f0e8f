"""Hashes and versions: where a result came from."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from snnc import SEMANTICS_VERSION
from snnc.stages import QuantizedGraph
from snnc.stages.quantized import CHAIN

if TYPE_CHECKING:
    from typing_extensions import Buffer


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def semantics_version(graph: QuantizedGraph) -> int:
    """The version of the contract that files and programs of `graph` state: the first that can express it."""
    return 1 if graph.is_chain else SEMANTICS_VERSION


def graph_hash(graph: QuantizedGraph) -> str:
    """SHA-256 over everything a graph computes and how it is decoded; names of layers included.

    Of a chain the same in every release. How a graph stores its synapses makes no difference.
    """
    if graph._hash is None:
        object.__setattr__(graph, "_hash", _hash_of(graph))
    assert graph._hash is not None
    return graph._hash


def _hash_of(graph: QuantizedGraph) -> str:
    digest = hashlib.sha256()
    if graph.is_chain:
        _feed_chain(digest.update, graph)
        return digest.hexdigest()
    _feed(digest.update, ("populations", graph.populations, graph.time_steps, float(graph.bin_s)))
    for each in graph.projections:
        _feed(digest.update, (each.source, each.destination, each.weight_exp, each.synapses.as_list()))
    _feed(digest.update, graph.readouts)
    return digest.hexdigest()


def _feed_chain(update: Callable[[Buffer], None], graph: QuantizedGraph) -> None:
    head = (graph.time_steps, float(graph.bin_s).hex(), float(graph.readout_scale).hex(), *graph.class_names)
    update(repr(head).encode())
    if graph.payload_max > 1:
        update(f"payload_max {graph.payload_max}".encode())
    for layer in graph.layers:
        scalars = (
            layer.name,
            layer.weight.shape,
            layer.bias_exp,
            layer.decay_u,
            layer.decay_v,
            layer.threshold,
        )
        update(repr(scalars).encode())
        for array in (layer.weight, layer.delay, layer.bias_mant):
            update(_content(array, "<i4"))


def _content(array: npt.NDArray[Any], dtype: npt.DTypeLike) -> memoryview:
    """Its bytes as `dtype`, in C order; of an array that is so, not copied."""
    return np.ascontiguousarray(array, dtype).reshape(-1).view(np.uint8).data


def stage_hash(stage: object) -> str:
    """SHA-256 over a stage: every field by name, arrays with type and shape. Equal stages hash alike."""
    digest = hashlib.sha256()
    _feed(digest.update, stage)
    return digest.hexdigest()


def parts_of(stage: Any) -> dict[str, object]:
    """Name -> value of what makes a stage equal to another: its fields; of a chain, what it is made of."""
    if isinstance(stage, QuantizedGraph) and stage.is_chain:
        return {name: getattr(stage, name) for name in CHAIN}
    return {field.name: getattr(stage, field.name) for field in fields(stage) if field.compare}


def _feed(update: Callable[[Buffer], None], value: object) -> None:
    if is_dataclass(value):
        for name, item in parts_of(value).items():
            update(name.encode())
            _feed(update, item)
    elif isinstance(value, np.ndarray):
        update(f"{value.dtype.newbyteorder('<').str}{value.shape}".encode())
        update(_content(value, value.dtype.newbyteorder("<")))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            update(repr(key).encode())
            _feed(update, item)
    elif isinstance(value, tuple | list):
        update(f"{len(value)}".encode())
        for item in value:
            _feed(update, item)
    else:
        update(f"{type(value).__name__}:{value!r}".encode())


@cache
def _installed(package: str) -> str:
    """Its version, read once: the file that holds it takes milliseconds, and what was imported stays."""
    return version(package)


def versions(*packages: str) -> dict[str, str]:
    """Versions of Python and of the installed `packages`."""
    found = {"python": platform.python_version()}
    for name in packages:
        try:
            found[name] = _installed(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
