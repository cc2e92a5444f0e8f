"""NIR, as `nir_writer` writes it -> QuantizedGraph; every value is cross-checked.

Weights and delays come from the structure, the remaining integers from the metadata; biases, decays
and thresholds must agree with both, and the whole with the recorded hash.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Mapping
from typing import Any

import h5py
import nir
import numpy as np

from snnc import SEMANTICS_VERSION
from snnc.arrays import frozen
from snnc.errors import ArtifactError, StageError
from snnc.exporter.nir_writer import METADATA_VERSION, STATE_ONE, neuron_node
from snnc.provenance import graph_hash
from snnc.stages import QuantizedGraph, QuantizedLayer

SIZE_LIMIT = 8 << 30
"""Largest total size of unpacked arrays that is read, in bytes."""


def read_nir(data: bytes, name: str) -> QuantizedGraph:
    """Read the content of a NIR file; `name` is what errors call it.

    Raises
    ------
    ArtifactError
        If it is no NIR file, was not written by snnc, unpacks to more than `SIZE_LIMIT`, has another
        version, or structure and metadata contradict each other.
    """
    try:
        _check_size(data, name)
        document = nir.read(io.BytesIO(data))
        metadata = document.metadata["snnc"]
        found = {key: int(_scalar(metadata[key])) for key in ("version", "semantics_version")}
    except ArtifactError:
        raise
    except Exception as error:  # whatever h5py or nir raise on a damaged file means one thing
        raise ArtifactError(
            f"{name}: not a NIR file written by snnc ({type(error).__name__}: {error}); "
            "export the model again"
        ) from error
    for key, known in (("version", METADATA_VERSION), ("semantics_version", SEMANTICS_VERSION)):
        if found[key] != known:
            raise ArtifactError(f"{name}: {key} is {found[key]}, this release reads {known}; export again")
    try:
        graph = _graph(document, metadata)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise ArtifactError(f"{name}: the graph is inconsistent: {error}; export the model again") from error
    if graph_hash(graph) != _text(metadata["graph_hash"]):
        raise ArtifactError(
            f"{name}: the graph does not match its recorded hash; it was altered, export again"
        )
    return graph


def _check_size(data: bytes, name: str) -> None:
    total = 0

    def visit(_: str, item: h5py.Group | h5py.Dataset) -> None:
        nonlocal total
        if isinstance(item, h5py.Dataset):
            total += item.size * item.dtype.itemsize

    with h5py.File(io.BytesIO(data), "r") as file:
        file.visititems(visit)
    if total > SIZE_LIMIT:
        raise ArtifactError(f"{name}: unpacks to {total} bytes, more than the {SIZE_LIMIT} allowed")


def _graph(document: nir.NIRGraph, metadata: Mapping[str, Any]) -> QuantizedGraph:
    dt = float(_scalar(metadata["dt"]))
    layers = []
    chain = ["input"]
    for key in sorted(metadata["layers"]):
        record = metadata["layers"][key]
        name = _text(record["name"])
        layers.append(_layer(document.nodes, record, name, dt))
        chain += [f"{name}_{part}" for part in ("lines", "delay", "weight", "neuron")]
    chain.append("output")
    if set(document.edges) != set(itertools.pairwise(chain)) or set(document.nodes) != set(chain):
        raise StageError("its nodes are not the chain of layers that the metadata names")
    names = metadata["class_names"]
    return QuantizedGraph(
        layers=tuple(layers),
        time_steps=int(_scalar(metadata["time_steps"])),
        bin_s=dt,
        readout_scale=float(_scalar(metadata["readout_scale"])),
        class_names=tuple(_text(names[key]) for key in sorted(names)),
    )


def _layer(
    nodes: Mapping[str, nir.NIRNode], record: Mapping[str, Any], name: str, dt: float
) -> QuantizedLayer:
    fan_out = np.asarray(nodes[f"{name}_lines"].weight)
    steps = np.asarray(nodes[f"{name}_delay"].delay) / dt
    synapses = nodes[f"{name}_weight"]
    by_line = np.asarray(synapses.weight)
    source, delay = fan_out.argmax(axis=1), np.rint(steps).astype(np.int64)
    if not np.array_equal(fan_out, np.eye(fan_out.shape[1])[source]):
        raise StageError(f"{name}: the fan-out matrix is not one-hot")
    if not np.allclose(steps, delay, rtol=0, atol=1e-6):
        raise StageError(f"{name}: a delay is not a whole number of steps of {dt} s")
    neuron, line = np.nonzero(by_line)
    weight = np.zeros((by_line.shape[0], fan_out.shape[1]), np.float64)
    delays = np.zeros(weight.shape, np.int64)
    weight[neuron, source[line]] = by_line[neuron, line]
    delays[neuron, source[line]] = delay[line]
    if np.count_nonzero(weight) != len(neuron):
        raise StageError(f"{name}: a pair of neurons has two synapses with different delays")
    threshold = int(_scalar(record["threshold"]))
    layer = QuantizedLayer(
        name=name,
        weight=frozen(weight, np.int32, name=f"{name}: weight"),
        delay=frozen(delays, np.int32, name=f"{name}: delay"),
        bias_mant=np.asarray(record["bias_mant"]),
        bias_exp=int(_scalar(record["bias_exp"])),
        decay_u=int(_scalar(record["decay_u"])),
        decay_v=int(_scalar(record["decay_v"])),
        threshold=None if threshold < 0 else threshold,
    )
    bias = np.asarray(synapses.bias) if isinstance(synapses, nir.Affine) else np.zeros(layer.neurons)
    if not np.array_equal(bias * STATE_ONE, layer.bias):
        raise StageError(f"{name}: the bias in the graph and in the metadata differ")
    _same_neuron(name, nodes[f"{name}_neuron"], neuron_node(layer, dt))
    return layer


def _same_neuron(name: str, found: nir.NIRNode, expected: nir.NIRNode) -> None:
    if type(found) is not type(expected):
        raise StageError(f"{name}: the neuron is {type(found).__name__}, expected {type(expected).__name__}")
    for field, value in vars(expected).items():
        if isinstance(value, np.ndarray) and not np.allclose(getattr(found, field), value, rtol=1e-6, atol=0):
            raise StageError(f"{name}: the neuron's {field} contradicts the metadata's integers")


def _scalar(value: Any) -> Any:
    return np.asarray(value).reshape(()).item()


def _text(value: Any) -> str:
    return (
        value.decode()
        if isinstance(value, bytes)
        else str(_scalar(value) if not isinstance(value, str) else value)
    )
