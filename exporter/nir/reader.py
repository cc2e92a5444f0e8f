"""NIR, as `writer` writes it -> QuantizedGraph; every value is cross-checked.

Of a graph of populations all integers come from the metadata; the structure must be what `structure`
makes of them. Of a chain by layers, weights and delays come from the structure (delays in form METADATA from
the metadata), the remaining integers from the metadata; biases, decays and thresholds must agree with both,
and the whole with the recorded hash.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Mapping
from typing import Any, NoReturn

import h5py
import numpy as np
import numpy.typing as npt

from snnc import SEMANTICS_READ
from snnc.arrays import frozen
from snnc.errors import ArtifactError, StageError
from snnc.exporter.nir import forms
from snnc.exporter.nir.blocks import block_bytes, of_rows, read_matrix, same_matrix
from snnc.exporter.nir.forms import LINES, METADATA, PARTS, POSTSYNAPTIC
from snnc.exporter.nir.integers import ELEMENT, graph_of, read_texts
from snnc.exporter.nir.integers import read_text as _text
from snnc.exporter.nir.projections import Node
from snnc.exporter.nir.structure import as_layers, lay_out
from snnc.exporter.nir.writer import GRAPH_VERSION, METADATA_VERSION
from snnc.io import hdf5_checks, hdf5_guard
from snnc.provenance import graph_hash, semantics_version
from snnc.stages import QuantizedGraph, QuantizedLayer
from snnc.text import quoted

SIZE_LIMIT = 8 << 30
"""Largest total size of the arrays that reading a file makes, in bytes."""


def read_nir(data: bytes, name: str) -> QuantizedGraph:
    """Read the content of a NIR file; `name` is what errors call it.

    Raises
    ------
    ArtifactError
        If it is no NIR file, was not written by snnc, unpacks to more than `SIZE_LIMIT`, has another
        version, or structure and metadata contradict each other.
    """

    def refuse(problem: str) -> NoReturn:
        raise ArtifactError(f"{name}: {problem}; export the model again")

    hdf5_guard.check(data, refuse)
    try:
        file = h5py.File(io.BytesIO(data), "r")
        hdf5_checks.check_own(file, refuse)
        metadata = file["node/metadata/snnc"]
        found = {key: int(metadata[key][()]) for key in ("version", "semantics_version")}
        by_layers = found["version"] == METADATA_VERSION
        size = _unpacked_bytes(file) if by_layers else ELEMENT * _elements(metadata)
    except ArtifactError:
        raise
    except Exception as error:  # whatever h5py raises on a damaged file means one thing
        raise ArtifactError(
            f"{name}: not a NIR file written by snnc ({type(error).__name__}: {error}); "
            "export the model again"
        ) from error
    if size > SIZE_LIMIT:
        raise ArtifactError(f"{name}: unpacks to {size} bytes, more than the {SIZE_LIMIT} allowed")
    for key, known in (("version", (METADATA_VERSION, GRAPH_VERSION)), ("semantics_version", SEMANTICS_READ)):
        if found[key] not in known:
            read = " and ".join(map(str, known))
            raise ArtifactError(f"{name}: {key} is {found[key]}, this release reads {read}; export again")
    try:
        graph = (_layers if by_layers else _populations)(file["node"], metadata)
        recorded = _text(metadata["graph_hash"])
    except (
        KeyError,
        TypeError,
        ValueError,
        IndexError,
        AttributeError,
        OSError,
        RuntimeError,
        ArithmeticError,
    ) as error:
        raise ArtifactError(f"{name}: the graph is inconsistent: {error}; export the model again") from error
    if graph_hash(graph) != recorded:
        raise ArtifactError(
            f"{name}: the graph does not match its recorded hash; it was altered, export again"
        )
    if found["semantics_version"] != semantics_version(graph):
        raise ArtifactError(
            f"{name}: semantics_version is {found['semantics_version']}, that of its graph is "
            f"{semantics_version(graph)}; export again"
        )
    return graph


def _unpacked_bytes(file: h5py.File) -> int:
    """What reading the file takes: matrices are read by blocks into arrays [neurons, inputs]."""
    total = 0
    for path, elements, each in hdf5_checks.sizes(file):
        if not path.endswith(("_lines/weight", "_weight/weight")):
            total += elements * each
            continue
        data = file[path]
        total += block_bytes(data)
        fan_out = path.removesuffix("weight/weight") + "lines/weight"
        if path.endswith("_weight/weight"):
            inputs = file[fan_out if fan_out in file else path].shape[1]
            total += 16 * data.shape[0] * inputs + 8 * (data.shape[1] + inputs)  # lines of their own, too
    return total


def _elements(group: h5py.Group) -> int:
    """How many numbers and texts its arrays hold."""
    return sum(elements for _, elements, _ in hdf5_checks.sizes(group))


def _populations(root: h5py.Group, metadata: h5py.Group) -> QuantizedGraph:
    """The graph of the metadata; raise `StageError` unless the structure is what is made of it."""
    graph, left = graph_of(metadata, SIZE_LIMIT), set(root["nodes"])
    if as_layers(graph):
        raise StageError("it is a chain of matrices, which a file holds by layers")

    def check(node: Node) -> None:
        if node.name not in left:
            raise StageError(f"there is no node {quoted(node.name)}")
        left.remove(node.name)
        _same_node(node, root["nodes"][node.name])

    layout = lay_out(graph, bool(metadata["delays_in_metadata"][()]), check)
    if left:
        raise StageError(f"the node {quoted(min(left))} is none of its populations and projections")
    edges = [(before.decode(), after.decode()) for before, after in root["edges"][()]]
    if edges != list(layout.edges):
        raise StageError("its edges are not those of its projections and readouts")
    for what, expected in (("forms", layout.forms), ("notes", layout.notes)):
        if read_texts(metadata[what]) != expected:
            raise StageError(f"its {what} are not those of its structure")
    return graph


def _same_node(node: Node, found: h5py.Group) -> None:
    """Raise `StageError` unless the group holds what the node says, and nothing else."""
    if set(found) != {*node.values, *(["weight"] if node.weight else [])}:
        raise StageError(f"the node {quoted(node.name)} has other fields than its type")
    for field, value in node.values.items():
        stored, expected = found[field], np.asarray(value)
        if isinstance(value, str):
            same = stored.shape == () and _text(stored) == value
        else:  # of the shape first: then reading it takes no more than what is expected
            same = stored.shape == expected.shape and stored.dtype.kind in "fiu"
            same = same and np.allclose(stored[()], expected, rtol=1e-6, atol=0)
        if not same:
            raise StageError(f"{field} of the node {quoted(node.name)} contradicts the metadata's integers")
    if node.weight is not None:
        shape, block = node.weight.shape, node.weight.block
        if not same_matrix(found["weight"], shape, block, of_rows(node.weight.entries())):
            raise StageError(f"weight of the node {quoted(node.name)} contradicts the metadata's integers")


def _layers(root: h5py.Group, metadata: h5py.Group) -> QuantizedGraph:
    dt = float(metadata["dt"][()])
    layers = []
    chain = ["input"]
    for key in sorted(metadata["layers"]):
        record = metadata["layers"][key]
        name, form = _text(record["name"]), _text(record["form"])
        if form not in PARTS:
            raise StageError(f"{name}: the form {quoted(form)} of its delays is unknown")
        layers.append(_layer(root["nodes"], record, name, form, dt))
        chain += [f"{name}_{part}" for part in PARTS[form]]
    chain.append("output")
    edges = {(before.decode(), after.decode()) for before, after in root["edges"][()]}
    if edges != set(itertools.pairwise(chain)) or set(root["nodes"]) != set(chain):
        raise StageError("its nodes are not the chain of layers that the metadata names")
    names = metadata["class_names"]
    return QuantizedGraph.chain(
        layers=tuple(layers),
        time_steps=int(metadata["time_steps"][()]),
        bin_s=dt,
        readout_scale=float(metadata["readout_scale"][()]),
        class_names=tuple(_text(names[key]) for key in sorted(names)),
        payload_max=int(metadata["payload_max"][()]) if "payload_max" in metadata else 1,
    )


def _layer(nodes: h5py.Group, record: h5py.Group, name: str, form: str, dt: float) -> QuantizedLayer:
    synapses, neurons = nodes[f"{name}_weight"], nodes[f"{name}_neuron"]
    weight, delay = _synapses(nodes, name, form, dt)
    if form == METADATA:
        delay = record["delay"][()]
    threshold = int(record["threshold"][()])
    layer = QuantizedLayer(
        name=name,
        weight=frozen(weight, np.int32, name=f"{name}: weight"),
        delay=frozen(delay, np.int32, name=f"{name}: delay"),
        bias_mant=record["bias_mant"][()],
        bias_exp=int(record["bias_exp"][()]),
        decay_u=int(record["decay_u"][()]),
        decay_v=int(record["decay_v"][()]),
        threshold=None if threshold < 0 else threshold,
    )
    biased = forms.bias_in_weight_node(layer)
    if _text(synapses["type"]) != ("Affine" if biased else "Linear"):
        raise StageError(f"{name}: the node of its weights is {_text(synapses['type'])}")
    if biased and not np.array_equal(synapses["bias"][()] * forms.STATE_ONE, layer.bias):
        raise StageError(f"{name}: the bias in the graph and in the metadata differ")
    _same_neuron(name, neurons, forms.neuron_node(layer, dt).to_dict())
    return layer


def _synapses(
    nodes: h5py.Group, name: str, form: str, dt: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Weight and delay [neurons, inputs] of the structure."""
    matrix = nodes[f"{name}_weight"]["weight"]
    source, inputs = np.arange(matrix.shape[1]), matrix.shape[1]
    if form == LINES:
        source, inputs = _fan_out(nodes[f"{name}_lines"]["weight"], name)
    steps = None
    if "delay" in PARTS[form]:
        steps = _whole_steps(nodes[f"{name}_delay"]["delay"][()] / dt, name, dt)
    weight = np.zeros((matrix.shape[0], inputs))
    delay = np.zeros(weight.shape, np.int64)
    count = 0
    for neuron, line, value in read_matrix(matrix):
        weight[neuron, source[line]] = value
        if steps is not None:
            delay[neuron, source[line]] = steps[neuron if form == POSTSYNAPTIC else line]
        count += len(value)
    if np.count_nonzero(weight) != count:
        raise StageError(f"{name}: a pair of neurons has two synapses with different delays")
    return weight, delay


def _fan_out(matrix: h5py.Dataset, name: str) -> tuple[npt.NDArray[np.int64], int]:
    """The source of each line, and how many sources there are."""
    source = np.zeros(matrix.shape[0], np.int64)
    ones = np.zeros(matrix.shape[0], np.int64)
    for line, column, value in read_matrix(matrix):
        source[line] = column
        np.add.at(ones, line, np.where(value == 1, 1, 2))
    if (ones != 1).any():
        raise StageError(f"{name}: the fan-out matrix is not one-hot")
    return source, matrix.shape[1]


def _whole_steps(steps: npt.NDArray[np.float64], name: str, dt: float) -> npt.NDArray[np.int64]:
    whole = np.rint(steps).astype(np.int64)
    if not np.allclose(steps, whole, rtol=0, atol=1e-6):
        raise StageError(f"{name}: a delay is not a whole number of steps of {dt} s")
    return whole


def _same_neuron(name: str, found: h5py.Group, expected: Mapping[str, Any]) -> None:
    if _text(found["type"]) != expected["type"]:
        raise StageError(f"{name}: the neuron is {_text(found['type'])}, expected {expected['type']}")
    for field, value in expected.items():
        if isinstance(value, np.ndarray) and not np.allclose(found[field][()], value, rtol=1e-6, atol=0):
            raise StageError(f"{name}: the neuron's {field} contradicts the metadata's integers")
