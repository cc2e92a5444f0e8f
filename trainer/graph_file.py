"""A `TrainedGraph` in a model file.

    format "snnc-model", version 3
    unit_pool, dataset, config, metrics
    graph: {time_steps, bin_s,
            populations: list of {name, model, neurons, and the parameters that the model has},
            projections: list of {source, destination, weight float64, delay int32, and of a convolution grid,
                                  stride, padding, groups},
            readout: {population, decoder, scale | None, class_names}}
    positions: list of {destination, source, delay float32}
    quantised: list of {bits, graph}

Parameters of neurons are float64 [neurons]. Weights are [neurons, sources], or kernels [O, I, kh, kw]; where
one is 0 there is no synapse.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from snnc.errors import StageError
from snnc.stages import (
    FloatConvolution,
    FloatGraph,
    FloatMatrix,
    FloatPopulation,
    FloatProjection,
    Readout,
    TrainedGraph,
)
from snnc.trainer import file_fields as check

VERSION = 3

_MODEL_KEYS = frozenset(
    {"format", "version", "graph", "unit_pool", "dataset", "config", "metrics", "positions", "quantised"}
)
_GRAPH_KEYS = frozenset({"time_steps", "bin_s", "populations", "projections", "readout"})
_PROJECTION_KEYS = frozenset({"source", "destination", "weight", "delay"})
_CONVOLUTION_KEYS = frozenset({"grid", "stride", "padding", "groups"})
_READOUT_KEYS = frozenset({"population", "decoder", "scale", "class_names"})
_NAMED = frozenset({"name", "model", "neurons"})
_WORDS, _NUMBERS = frozenset({"order", "fires", "reset"}), frozenset({"payload_max", "end"})
_PARAMETERS = frozenset(each.name for each in fields(FloatPopulation)) - _NAMED


def trained_graph(content: dict[str, Any]) -> TrainedGraph:
    """The model in the `content` of a file, with arrays for tensors. Raises `StageError` if it is none."""
    check.keys(content, _MODEL_KEYS, "model")
    for key in ("config", "metrics"):
        if not isinstance(content[key], dict):
            raise StageError(f"model: {key} is not a dict")
    positions: dict[str, dict[str, Any]] = {}
    for each in check.dicts(content, "positions", "model"):
        check.keys(each, frozenset({"destination", "source", "delay"}), "model: positions")
        source, destination = (
            check.text(each, name, "model: positions") for name in ("source", "destination")
        )
        of = positions.setdefault(destination, {})
        if source in of:
            raise StageError(f"model: positions of {source} -> {destination} are given twice")
        of[source] = check.array(each, "delay", 2, "model: positions")
    return TrainedGraph(
        graph=_graph(content["graph"]),
        unit_pool=check.count(content, "unit_pool", "model"),
        dataset=check.text(content, "dataset", "model"),
        config=content["config"],
        metrics=content["metrics"],
        positions=positions,
        quantised=_quantised(content),
    )


def content_of(model: TrainedGraph) -> dict[str, Any]:
    """Of the file, without its format and version."""
    import torch

    return {
        "unit_pool": model.unit_pool,
        "dataset": model.dataset,
        "config": dict(model.config),
        "metrics": dict(model.metrics),
        "graph": _graph_content(model.graph),
        "positions": [
            {"destination": destination, "source": source, "delay": torch.tensor(delay)}
            for destination, sources in model.positions.items()
            for source, delay in sources.items()
        ],
        "quantised": [
            {"bits": bits, "graph": _graph_content(graph)} for bits, graph in model.quantised.items()
        ],
    }


def _quantised(content: Mapping[str, Any]) -> dict[int, FloatGraph]:
    found: dict[int, FloatGraph] = {}
    for each in check.dicts(content, "quantised", "model"):
        check.keys(each, frozenset({"bits", "graph"}), "model: quantised")
        bits = check.count(each, "bits", "model: quantised")
        if bits in found:
            raise StageError(f"model: quantised has two networks of {bits} bits")
        found[bits] = _graph(each["graph"])
    return found


def _graph(content: Any) -> FloatGraph:
    if not isinstance(content, dict):
        raise StageError(f"model: graph is a {type(content).__name__}, expected a dict")
    check.keys(content, _GRAPH_KEYS, "graph")
    bin_s = check.number(content, "bin_s", "graph")
    if not bin_s > 0:
        raise StageError(f"graph: bin_s is {bin_s}, expected > 0")
    return FloatGraph(
        tuple(_population(each) for each in check.dicts(content, "populations", "graph")),
        tuple(_projection(each) for each in check.dicts(content, "projections", "graph")),
        (_readout(content["readout"]),),
        check.count(content, "time_steps", "graph"),
        bin_s,
    )


def _population(content: dict[Any, Any]) -> FloatPopulation:
    check.keys(content, _NAMED, "population", dict.fromkeys(_PARAMETERS))
    name = check.text(content, "name", "population")
    values: dict[str, Any] = {}
    for key in content.keys() - _NAMED:
        if key in _WORDS:
            values[key] = check.text(content, key, name)
        elif key in _NUMBERS:
            values[key] = check.count(content, key, name)
        else:
            values[key] = check.array(content, key, 1, name, np.float64)
    neurons = check.count(content, "neurons", name)
    return FloatPopulation(name, check.text(content, "model", name), neurons, **values)


def _projection(content: dict[Any, Any]) -> FloatProjection:
    is_convolution = "grid" in content
    check.keys(content, _PROJECTION_KEYS | (_CONVOLUTION_KEYS if is_convolution else set()), "projection")
    source, destination = (check.text(content, name, "projection") for name in ("source", "destination"))
    where = f"{source} -> {destination}"
    if is_convolution:
        kernel = check.array(content, "weight", 4, where, np.float64)
        delay = check.array(content, "delay", 4, where, np.int32)
        grid, stride, padding = (check.counts(content, key, where) for key in ("grid", "stride", "padding"))
        groups = check.count(content, "groups", where)
        return FloatProjection(
            source,
            destination,
            FloatConvolution(kernel, delay, grid, stride, padding, groups),  # type: ignore[arg-type]
        )
    weight = check.array(content, "weight", 2, where, np.float64)
    delay = check.array(content, "delay", 2, where, np.int32)
    return FloatProjection(source, destination, FloatMatrix(weight, delay))  # type: ignore[arg-type]


def _readout(content: Any) -> Readout:
    if not isinstance(content, dict):
        raise StageError(f"graph: readout is a {type(content).__name__}, expected a dict")
    check.keys(content, _READOUT_KEYS, "readout")
    scale = None if content["scale"] is None else check.number(content, "scale", "readout")
    names = check.texts(content, "class_names", "readout")
    return Readout(
        check.text(content, "population", "readout"), check.text(content, "decoder", "readout"), scale, names
    )


def _graph_content(graph: FloatGraph) -> dict[str, Any]:

    (readout,) = graph.readouts
    return {
        "time_steps": graph.time_steps,
        "bin_s": graph.bin_s,
        "populations": [_population_content(each) for each in graph.populations],
        "projections": [_projection_content(each) for each in graph.projections],
        "readout": {
            "population": readout.population,
            "decoder": readout.decoder,
            "scale": readout.scale,
            "class_names": list(readout.class_names),
        },
    }


def _projection_content(of: FloatProjection) -> dict[str, Any]:
    import torch

    synapses = of.synapses
    assert isinstance(synapses, FloatMatrix | FloatConvolution)
    content: dict[str, Any] = {
        "source": of.source,
        "destination": of.destination,
        "weight": torch.tensor(synapses.weights),
        "delay": torch.tensor(synapses.delay),
    }
    if isinstance(synapses, FloatConvolution):
        for key in ("grid", "stride", "padding"):
            content[key] = list(getattr(synapses, key))
        content["groups"] = synapses.groups
    return content


def _population_content(of: FloatPopulation) -> dict[str, Any]:
    import torch

    values = {each.name: getattr(of, each.name) for each in fields(of)}
    return {
        name: torch.tensor(value) if isinstance(value, np.ndarray) else value
        for name, value in values.items()
        if value is not None
    }
