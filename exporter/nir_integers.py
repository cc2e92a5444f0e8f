"""The integers of a graph as groups of an HDF5 file: populations, projections and readouts, and back.

Every number stands there exactly, in the narrowest type of integers that holds it. Synapses stay as they are
stored: a list by source (how many each has, then where they lead), a matrix, or the kernel of a convolution.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
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
from snnc.stages.population import OF_NEURONS
from snnc.text import quoted

LIST, MATRIX, CONVOLUTION = "list", "matrix", "convolution"
EXPANDED = 64
"""Bytes that one synapse takes at most while a graph is made and hashed."""
ELEMENT = 16
"""Bytes that one number of an array takes at most while it is read."""


def integers(graph: QuantizedGraph) -> dict[str, Any]:
    """All that makes the graph, as nested dictionaries of numbers, texts and arrays."""
    return {
        "populations": {f"{n:03d}": _population(each) for n, each in enumerate(graph.populations)},
        "projections": {f"{n:04d}": _projection(each) for n, each in enumerate(graph.projections)},
        "readouts": {f"{n:03d}": _readout(each) for n, each in enumerate(graph.readouts)},
        "order": _texts(graph.order),
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
    populations = [_read_population(group["populations"][key]) for key in sorted(group["populations"])]
    projections = [_read_projection(group["projections"][key]) for key in sorted(group["projections"])]
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
    if _read_texts(group["order"]) != graph.order:
        raise StageError(f"its order of computing is not that of the contract, {', '.join(graph.order)}")
    return graph


def read_text(value: h5py.Dataset) -> str:
    return str(value[()].decode())


def _texts(values: tuple[str, ...]) -> dict[str, str]:
    return {f"{number:05d}": value for number, value in enumerate(values)}


def _read_texts(group: h5py.Group) -> tuple[str, ...]:
    return tuple(read_text(group[key]) for key in sorted(group))


def _narrow(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """`array` of whole numbers in the narrowest type that holds them."""
    low, high = int(array.min(initial=0)), int(array.max(initial=0))
    return array.astype(np.promote_types(np.min_scalar_type(low), np.min_scalar_type(high)))


def _whole(data: h5py.Dataset) -> npt.NDArray[Any]:
    if data.dtype.kind not in "iu":
        raise StageError(f"{data.name}: holds {data.dtype}, expected whole numbers")
    found: npt.NDArray[Any] = data[()]
    return found


def _population(population: Population) -> dict[str, Any]:
    given = {each.name: getattr(population, each.name) for each in fields(population)}
    return {
        name: _narrow(value) if isinstance(value, np.ndarray) else value
        for name, value in given.items()
        if value is not None
    }


def _read_population(group: h5py.Group) -> Population:
    values: dict[str, Any] = {}
    for name in group:
        data = group[name]
        if h5py.check_string_dtype(data.dtype):
            values[name] = read_text(data)
        elif name in OF_NEURONS:
            values[name] = _whole(data)
            if values[name].shape != (int(group["neurons"][()]),):
                raise StageError(f"{data.name}: has shape {values[name].shape}, expected one for each neuron")
        else:
            values[name] = int(_whole(data))
    wanted = {name for name, of in OF_NEURONS.items() if values["model"] in of.models} - {"reset_by"}
    if missing := sorted(wanted - values.keys()):
        raise StageError(f"{quoted(values['name'])}: {missing[0]} is missing")
    return Population(**values)


def _projection(projection: Projection) -> dict[str, Any]:
    return {
        "source": projection.source,
        "destination": projection.destination,
        "weight_exp": projection.weight_exp,
        **_synapses(projection.synapses),
    }


def _synapses(synapses: Synapses) -> Mapping[str, Any]:
    if isinstance(synapses, SynapseMatrix):
        return {"storage": MATRIX, "weight": _narrow(synapses.weight), "delay": _narrow(synapses.delay)}
    if isinstance(synapses, Convolution):
        numbers = {name: np.array(getattr(synapses, name)) for name in ("grid", "stride", "padding")}
        arrays = {"kernel": _narrow(synapses.kernel), "delay": _narrow(synapses.delay)}
        return {"storage": CONVOLUTION, **arrays, **numbers, "groups": synapses.groups}
    found = synapses.as_list()
    return {
        "storage": LIST,
        "post_neurons": found.post_neurons,
        "synapses_of": _narrow(np.bincount(found.pre, minlength=found.pre_neurons)),
        **{name: _narrow(getattr(found, name)) for name in ("post", "weight", "delay")},
    }


def _read_projection(group: h5py.Group) -> Projection:
    ends = read_text(group["source"]), read_text(group["destination"])
    return Projection(*ends, _read_synapses(group), int(_whole(group["weight_exp"])))


def _read_synapses(group: h5py.Group) -> Synapses:
    storage = read_text(group["storage"])
    if storage == MATRIX:
        return SynapseMatrix(_whole(group["weight"]), _whole(group["delay"]))
    if storage == CONVOLUTION:
        numbers: Any = {name: tuple(_whole(group[name]).tolist()) for name in ("grid", "stride", "padding")}
        kernel, delay = _whole(group["kernel"]), _whole(group["delay"])
        if delay.shape != kernel.shape:
            raise StageError(f"{group.name}: there is not one delay for each element of the kernel")
        return Convolution(kernel, delay, **numbers, groups=int(_whole(group["groups"])))
    if storage != LIST:
        raise StageError(f"{group.name}: the storage {quoted(storage)} is unknown")
    counts, post = _whole(group["synapses_of"]), _whole(group["post"])
    if counts.ndim != 1 or (counts < 0).any() or sum(counts.tolist()) != len(post):
        raise StageError(f"{group.name}: holds {len(post)} synapses, but others by source")
    pre = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    columns = pre, post, _whole(group["weight"]), _whole(group["delay"])
    return SynapseList(*columns, len(counts), int(_whole(group["post_neurons"])))


def _readout(readout: Readout) -> dict[str, Any]:
    scale = {} if readout.scale is None else {"scale": readout.scale}
    names = {"class_names": _texts(readout.class_names)}
    return {"population": readout.population, "decoder": readout.decoder, **scale, **names}


def _read_readout(group: h5py.Group) -> Readout:
    scale = None
    if "scale" in group:
        if group["scale"].dtype != np.float64:
            raise StageError(f"{group.name}: scale is {group['scale'].dtype}, expected float64")
        scale = group["scale"][()]
    names = _read_texts(group["class_names"])
    return Readout(read_text(group["population"]), read_text(group["decoder"]), scale, names)
