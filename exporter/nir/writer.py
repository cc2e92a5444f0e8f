"""QuantizedGraph -> the content of a NIR HDF5 file, in the layout that `nir.read` reads.

A chain of matrices stands there by layers, whose nodes are those of `forms`; any other graph by
populations, as `structure` lays it out, with all integers in the metadata. The `nir` package writes whole
arrays, which for the one-hot fan-out of a large layer are gigabytes of zeros; here matrices go to the file
block by block.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import h5py
import nir
import numpy as np

from snnc.exporter.nir import forms
from snnc.exporter.nir.blocks import COMPRESSION, TALL, WIDE, Entries, of_rows, write_matrix
from snnc.exporter.nir.forms import Lines
from snnc.exporter.nir.integers import integers, texts
from snnc.exporter.nir.projections import Node
from snnc.exporter.nir.structure import as_layers, lay_out
from snnc.io import hdf5_guard
from snnc.provenance import graph_hash, semantics_version
from snnc.stages import QuantizedGraph, QuantizedLayer

METADATA_VERSION, GRAPH_VERSION = 2, 3
"""Of a file by layers, and of one by populations."""
SMALL = 4096
"""Bytes of an array that takes more when it is packed; only of a file by populations."""


def write_nir(graph: QuantizedGraph, delays_in_metadata: bool = False) -> bytes:
    """The content of a NIR file; the same bytes for the same graph, if its synapses are stored alike.

    Parameters
    ----------
    delays_in_metadata : keep the delays beside the graph: smaller, but a reader other than snnc's takes every
        delay for 0 and says nothing.

    Raises
    ------
    LimitError
        As `forms.neuron_node`, of a chain.
    """
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file["version"] = nir.version
        root = file.create_group("node")
        write = _write_layers if as_layers(graph) else _write_populations
        edges, metadata = write(root.create_group("nodes"), graph, delays_in_metadata)
        root["edges"] = edges
        root["type"] = "NIRGraph"
        _write(root, "metadata", {"snnc": metadata}, 0 if as_layers(graph) else SMALL)
    return hdf5_guard.trust(buffer.getvalue())


def _write_populations(
    nodes: h5py.Group, graph: QuantizedGraph, delays_in_metadata: bool
) -> tuple[Sequence[tuple[str, str]], dict[str, Any]]:
    """Write all nodes; the edges between them, and the metadata."""

    def put(node: Node) -> None:
        group = _write(nodes, node.name, node.values, SMALL)
        if node.weight is not None:
            shape, block = node.weight.shape, node.weight.block
            write_matrix(group, "weight", shape, block, of_rows(node.weight.entries()))

    layout = lay_out(graph, delays_in_metadata, put)
    return layout.edges, {
        "version": GRAPH_VERSION,
        "semantics_version": semantics_version(graph),
        **integers(graph),
        "delays_in_metadata": int(delays_in_metadata),
        "forms": texts(layout.forms),
        "notes": texts(layout.notes),
        "graph_hash": graph_hash(graph),
    }


def _write_layers(
    nodes: h5py.Group, graph: QuantizedGraph, delays_in_metadata: bool
) -> tuple[Sequence[tuple[str, str]], dict[str, Any]]:
    """The same, of a chain by layers."""
    chosen = [forms.METADATA if delays_in_metadata else forms.form_of(q) for q in graph.layers]
    chain = ["input"]
    for layer, form in zip(graph.layers, chosen, strict=True):
        chain += [f"{layer.name}_{part}" for part in forms.PARTS[form]]
    chain.append("output")
    _write(nodes, "input", {"type": "Input", "shape": np.array([graph.inputs])})
    for layer, form in zip(graph.layers, chosen, strict=True):
        _write_layer(nodes, layer, form, graph.bin_s)
    _write(nodes, "output", {"type": "Output", "shape": np.array([graph.layers[-1].neurons])})
    return list(itertools.pairwise(chain)), _metadata(graph, chosen)


def _write_layer(nodes: h5py.Group, layer: QuantizedLayer, form: str, dt: float) -> None:
    lines = forms.lines_of(layer) if form == forms.LINES else None
    if lines is not None:
        fan_out = _write(nodes, f"{layer.name}_lines", {"type": "Linear"})
        write_matrix(fan_out, "weight", (len(lines.source), layer.inputs), TALL, _one_hot(lines))
    if "delay" in forms.PARTS[form]:
        steps = layer.delay.max(axis=0 if form == forms.AXONAL else 1) if lines is None else lines.delay
        _write(nodes, f"{layer.name}_delay", {"type": "Delay", "delay": steps * dt})
    # `Linear` where there is no bias: nirtorch's `Affine` keeps a random one.
    biased = forms.bias_in_weight_node(layer)
    bias = {"bias": layer.bias / forms.STATE_ONE} if biased else {}
    weight = _write(nodes, f"{layer.name}_weight", {"type": "Affine" if biased else "Linear", **bias})
    columns = layer.inputs if lines is None else len(lines.source)
    write_matrix(weight, "weight", (layer.neurons, columns), WIDE, _synapses(layer, lines))
    _write(nodes, f"{layer.name}_neuron", forms.neuron_node(layer, dt).to_dict())


def _one_hot(lines: Lines) -> Callable[[int, int], Entries]:
    def entries(start: int, stop: int) -> Entries:
        return np.arange(start, stop), lines.source[start:stop], np.ones(stop - start)

    return entries


def _synapses(layer: QuantizedLayer, lines: Lines | None) -> Callable[[int, int], Entries]:
    def entries(start: int, stop: int) -> Entries:
        weight, delay = layer.weight[start:stop], layer.delay[start:stop]
        neuron, source = np.nonzero(weight)
        column = source if lines is None else lines.index(source, delay[neuron, source].astype(np.int64))
        return neuron + start, column, weight[neuron, source].astype(np.float64)

    return entries


def _metadata(graph: QuantizedGraph, chosen: Sequence[str]) -> dict[str, Any]:
    """What the structure does not hold exactly; the reader cross-checks the rest."""
    layers = {}
    for number, (layer, form) in enumerate(zip(graph.layers, chosen, strict=True)):
        layers[f"{number:03d}"] = {
            "name": layer.name,
            "form": form,
            "bias_mant": np.array(layer.bias_mant),
            "bias_exp": layer.bias_exp,
            "decay_u": layer.decay_u,
            "decay_v": layer.decay_v,
            "threshold": -1 if layer.threshold is None else layer.threshold,
        }
        if form == forms.METADATA:
            layers[f"{number:03d}"]["delay"] = layer.delay.astype(np.min_scalar_type(layer.max_delay))
    return {
        "version": METADATA_VERSION,
        "semantics_version": semantics_version(graph),
        "time_steps": graph.time_steps,
        "dt": graph.bin_s,
        "readout_scale": graph.readout_scale,
        "payload_max": graph.payload_max,
        "class_names": {f"{i:05d}": name for i, name in enumerate(graph.class_names)},
        "layers": layers,
        "graph_hash": graph_hash(graph),
    }


def _write(parent: h5py.Group, name: str, values: Mapping[str, Any], small: int = 0) -> h5py.Group:
    """A group of datasets and groups, as `nir.write` writes a dict. Arrays of up to `small` bytes are not
    packed.
    """
    group = parent.create_group(name)
    for key, value in values.items():
        if isinstance(value, Mapping):
            if key != "metadata" or value:  # `nir.write` leaves out empty metadata
                _write(group, key, value, small)
        elif isinstance(value, np.ndarray) and value.nbytes > small:
            group.create_dataset(key, data=value, **COMPRESSION)
        else:
            group[key] = value
    return group
