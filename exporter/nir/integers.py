"""The integers of a graph as groups of an HDF5 file: populations, projections and readouts, and back.

Every number stands there exactly, in the narrowest type of integers that holds it. Synapses stay as they are
stored: a list by source (how many each has, then where they lead), a matrix, or the kernel of a convolution.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from snnc.errors import StageError
from snnc.stages import (
    Convolution,
    Population,
    Projection,
    QuantizedGraph,
    Readout,
    SynapseList,
    SynapseMatrix,
    Synapses,
)
from snnc.stages.population import CHOICES, OF_NEURONS, OF_POPULATION, SUBTRACT
from snnc.text import quoted

LIST, MATRIX, CONVOLUTION = "list", "matrix", "convolution"
EXPANDED = 64
"""Bytes that one synapse takes at most while a graph is made and hashed."""
MOST = 1 << 40
"""Synapses of a source; so that their sum over all neurons that a population may have fits 64 bits."""
ELEMENT = 16
"""Bytes that one number of an array takes at most while it is read."""


def integers(graph: QuantizedGraph) -> dict[str, Any]:
    """All that makes the graph, as nested dictionaries of numbers, texts and arrays."""
    return {
        "populations": _populations(graph.populations),
        "projections": _projections(graph.projections),
        "readouts": {f"{n:03d}": _readout(each) for n, each in enumerate(graph.readouts)},
        "order": texts(graph.order),
        "time_steps": graph.time_steps,
        "dt": graph.bin_s,
    }


def graph_of(group: h5py.Group, size_limit: int) -> QuantizedGraph:
    """The graph of a group with `integers`; its arrays are of a size that may be read.

    Raises
    ------
    StageError
        If it is none, or would take more than `size_limit` bytes.
    """
    populations = _read_populations(group["populations"])
    projections = _read_projections(group["projections"], {each.name: each.neurons for each in populations})
    size = sum(EXPANDED * each.synapses.count + 8 * each.synapses.post_neurons for each in projections) + sum(
        EXPANDED * each.neurons for each in populations
    )
    if size > size_limit:
        raise StageError(f"its graph takes up to {size} bytes, more than the {size_limit} allowed")
    readouts = [_read_readout(group["readouts"][key]) for key in sorted(group["readouts"])]
    graph = QuantizedGraph(
        tuple(populations),
        tuple(projections),
        tuple(readouts),
        int(group["time_steps"][()]),
        float(group["dt"][()]),
    )
    if read_texts(group["order"]) != graph.order:
        raise StageError(f"its order of computing is not that of the contract, {', '.join(graph.order)}")
    return graph


def texts(values: Sequence[str]) -> npt.NDArray[Any]:
    """As one array of a file: an object for each text would be thousands."""
    return np.array(values, h5py.string_dtype())


def read_texts(data: h5py.Dataset) -> tuple[str, ...]:
    if data.ndim != 1 or not h5py.check_string_dtype(data.dtype):
        raise StageError(f"{data.name}: holds {data.dtype}, expected texts")
    return tuple(value.decode() for value in data[()])


def read_text(value: h5py.Dataset) -> str:
    return str(value[()].decode())


def _narrow(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """`array` of whole numbers in the narrowest type that holds them."""
    low, high = int(array.min(initial=0)), int(array.max(initial=0))
    return array.astype(np.promote_types(np.min_scalar_type(low), np.min_scalar_type(high)))


def _whole(data: h5py.Dataset) -> npt.NDArray[Any]:
    if data.dtype.kind not in "iu":
        raise StageError(f"{data.name}: holds {data.dtype}, expected whole numbers")
    found: npt.NDArray[Any] = data[()]
    return found


def _populations(populations: Sequence[Population]) -> dict[str, Any]:
    """Columns with a value of each population; numbers of neurons and words follow each other of those alone
    that have them.
    """
    found: dict[str, Any] = {
        "name": texts([each.name for each in populations]),
        "model": texts([each.model for each in populations]),
        "neurons": np.array([each.neurons for each in populations]),
        "end": np.array([each.end or 0 for each in populations], np.int64),
    }
    for field in (*OF_NEURONS, *OF_POPULATION, *CHOICES):
        values = [value for each in populations if (value := getattr(each, field)) is not None]
        if values and field in CHOICES:
            found[field] = texts(values)
        elif values:
            found[field] = _narrow(np.concatenate([np.atleast_1d(value) for value in values]))
    return found


def _read_populations(group: h5py.Group) -> list[Population]:
    words = {field: list(read_texts(group[field])) for field in CHOICES if field in group}
    columns = _Columns(group, [field for field in (*OF_NEURONS, *OF_POPULATION) if field in group])
    rows = zip(
        read_texts(group["name"]),
        read_texts(group["model"]),
        _whole(group["neurons"]).tolist(),
        _whole(group["end"]).tolist(),
        strict=True,
    )
    found = []
    for name, model, neurons, end in rows:
        values: dict[str, Any] = {"end": end or None}
        for field, (models, _) in CHOICES.items():
            if model in models:
                values[field] = words[field].pop(0)
        for field, of in OF_POPULATION.items():
            if model in of.models:
                values[field] = columns.take(field, 1)[0]
        for field, of in OF_NEURONS.items():
            if model in of.models and (field != "reset_by" or values.get("reset") == SUBTRACT):
                values[field] = columns.take(field, neurons)
        found.append(Population(name, model, neurons, **values))
    columns.check_empty()
    if any(words.values()):
        raise StageError(f"{group.name}: holds more words than its populations need")
    return found


def _projections(projections: Sequence[Projection]) -> dict[str, Any]:
    """Columns with a value of each projection; and all synapses of one storage behind each other."""
    stored = [_synapses(each.synapses) for each in projections]
    found: dict[str, Any] = {
        "source": texts([each.source for each in projections]),
        "destination": texts([each.destination for each in projections]),
        "weight_exp": np.array([each.weight_exp for each in projections], np.uint8),
        "storage": texts([storage for storage, _ in stored]),
    }
    for storage in (LIST, MATRIX, CONVOLUTION):
        parts = [arrays for each, arrays in stored if each == storage]
        if parts:
            found[storage] = {
                name: _narrow(np.concatenate([part[name].ravel() for part in parts])) for name in parts[0]
            }
    return found


def _synapses(synapses: Synapses) -> tuple[str, Mapping[str, npt.NDArray[Any]]]:
    if isinstance(synapses, SynapseMatrix):
        return MATRIX, {"weight": synapses.weight, "delay": synapses.delay}
    if isinstance(synapses, Convolution):
        sizes = [*synapses.kernel.shape, *synapses.grid, *synapses.stride, *synapses.padding, synapses.groups]
        return CONVOLUTION, {
            "sizes": np.array(sizes),
            "weight": synapses.kernel,
            "delay": synapses.delay,
        }
    found = synapses.as_list()
    of_source = np.bincount(found.pre, minlength=found.pre_neurons)
    arrays = {name: getattr(found, name) for name in ("post", "weight", "delay")}
    return LIST, {"synapses_of": of_source, **arrays}


class _Columns:
    """The arrays `names` of a group, taken piece by piece. Raises `StageError` where one is too short."""

    def __init__(self, group: h5py.Group, names: Iterable[str]) -> None:
        self._name, self._at = group.name, dict.fromkeys(names, 0)
        self._arrays = {name: _whole(group[name]) for name in self._at}

    def take(self, name: str, count: int) -> npt.NDArray[Any]:
        start = self._at[name]
        part = self._arrays[name][start : start + count]
        if count < 0 or len(part) != count:
            raise StageError(f"{self._name}: {name} holds fewer numbers than needed")
        self._at[name] += count
        return part

    def check_empty(self) -> None:
        if left := [name for name, at in self._at.items() if self._arrays[name].shape != (at,)]:
            raise StageError(f"{self._name}: {left[0]} holds more numbers than needed")


def _read_projections(group: h5py.Group, neurons: Mapping[str, int]) -> list[Projection]:
    sources, destinations = read_texts(group["source"]), read_texts(group["destination"])
    columns = {each: _Columns(group[each], group[each]) for each in _READ if each in group}
    found = []
    rows = zip(sources, destinations, _whole(group["weight_exp"]), read_texts(group["storage"]), strict=True)
    for source, destination, weight_exp, storage in rows:
        if storage not in columns:
            raise StageError(f"{group.name}: the storage {quoted(storage)} is unknown")
        for name in (source, destination):
            if name not in neurons:
                raise StageError(f"{group.name}: there is no population {quoted(name)}")
        synapses = _READ[storage](columns[storage], neurons[source], neurons[destination])
        found.append(Projection(source, destination, synapses, int(weight_exp)))
    for each in columns.values():
        each.check_empty()
    return found


def _list(columns: _Columns, pre_neurons: int, post_neurons: int) -> Synapses:
    of_source = columns.take("synapses_of", pre_neurons).astype(np.int64)
    if (of_source < 0).any() or of_source.max() > MOST:
        raise StageError("a source has fewer than 0 synapses, or too many")
    count = int(of_source.sum())
    post, weight, delay = (columns.take(name, count) for name in ("post", "weight", "delay"))
    pre = np.repeat(np.arange(pre_neurons, dtype=np.int32), of_source)
    return SynapseList(pre, post, weight, delay, pre_neurons, post_neurons)


def _matrix(columns: _Columns, pre_neurons: int, post_neurons: int) -> Synapses:
    shape = post_neurons, pre_neurons
    weight, delay = (columns.take(name, post_neurons * pre_neurons) for name in ("weight", "delay"))
    return SynapseMatrix(weight.reshape(shape), delay.reshape(shape))


def _convolution(columns: _Columns, pre_neurons: int, post_neurons: int) -> Synapses:
    sizes = [int(size) for size in columns.take("sizes", 12)]
    shape, places, groups = sizes[:4], sizes[4:11], sizes[11]
    kernel, delay = (columns.take(name, math.prod(shape)).reshape(shape) for name in ("weight", "delay"))
    channels, height, width, *steps = places
    stride, padding = (steps[0], steps[1]), (steps[2], steps[3])
    return Convolution(kernel, delay, (channels, height, width), stride, padding, groups)


_READ = {LIST: _list, MATRIX: _matrix, CONVOLUTION: _convolution}


def _readout(readout: Readout) -> dict[str, Any]:
    scale = {} if readout.scale is None else {"scale": readout.scale}
    names = {"class_names": texts(readout.class_names)}
    return {"population": readout.population, "decoder": readout.decoder, **scale, **names}


def _read_readout(group: h5py.Group) -> Readout:
    scale = None
    if "scale" in group:
        if group["scale"].dtype != np.float64:
            raise StageError(f"{group.name}: scale is {group['scale'].dtype}, expected float64")
        scale = group["scale"][()]
    names = read_texts(group["class_names"])
    return Readout(read_text(group["population"]), read_text(group["decoder"]), scale, names)
