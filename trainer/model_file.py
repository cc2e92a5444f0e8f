"""`model.pt`: a `TrainedModel`, or `TrainedGraph`, as a plain dict of tensors, text and numbers.

    format "snnc-model", version 2, or of a network that is no chain version 3 (`graph_file`)
    time_steps, bin_s, unit_pool, class_names, dataset, config, metrics
    layers: list of {name, weight, position, kernel_size, sigma, tau, threshold | None,
                     batch_norm: {gamma, beta, mean, var, eps} | None, kernel: only if it is no Gaussian}
    gaussian: such a list | None
    quantised: list of {bits, layers: list of {name, weight int8, scale, delay int16, bias float64,
                                               tau, threshold | None}}

Positions in `layers` are as training left them, un-rounded unless training made the delays whole; `gaussian`
is the network before that. A file made by hand may leave out `unit_pool` (1), `dataset`, `config`, `metrics`,
`gaussian`, `quantised`, and of a layer `sigma` (0) and `batch_norm` (None). Weights in `quantised` are
integers, `scale` to 1 of the real weight.
"""

import os
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from snnc.errors import ModelFileError, StageError
from snnc.io.tensor_file import read_arrays, read_file, save_tensors, tensor_bytes
from snnc.stages import BatchNorm, DiscreteLayer, TrainedGraph, TrainedLayer, TrainedModel
from snnc.stages.trained import GAUSS, NO_DATA
from snnc.text import quoted
from snnc.trainer import file_fields as check
from snnc.trainer import graph_file, line_record

FORMAT, VERSION = "snnc-model", 2
AnyModel = TrainedModel | TrainedGraph
WHAT = "model file"

_MODEL_KEYS = frozenset({"format", "version", "time_steps", "bin_s", "class_names", "layers"})
_MODEL_DEFAULTS: Mapping[str, Any] = {
    "unit_pool": 1,
    "dataset": NO_DATA,
    "config": {},
    "metrics": {},
    "gaussian": None,
    "quantised": [],
}
_LAYER_KEYS = frozenset({"name", "weight", "position", "kernel_size", "tau", "threshold"})
_LAYER_DEFAULTS: Mapping[str, Any] = {"sigma": 0.0, "batch_norm": None, "kernel": GAUSS}
_INTEGER_KEYS = frozenset({"name", "weight", "scale", "delay", "bias", "tau", "threshold"})
_NORM_KEYS = frozenset({"gamma", "beta", "mean", "var", "eps"})


def save_model(model: AnyModel, path: str | os.PathLike[str]) -> None:
    """Write `model`; `path` holds the old file or the new, never a part.

    Raises
    ------
    ModelFileError
        `path` cannot be written.
    """
    save_tensors(_content(model), path)


def model_bytes(model: AnyModel) -> bytes:
    """What `save_model` writes."""
    return tensor_bytes(_content(model))


def load_model(path: str | os.PathLike[str], data: bytes | None = None) -> AnyModel:
    """Read a model file, or `data`, its content, which was read before; nothing in it is executed.

    Raises
    ------
    ModelFileError
        The file is missing, truncated, of another version, or its content is not a consistent model.
    """
    return model_of(read_arrays(read_file(path, WHAT) if data is None else data, path, WHAT), path)


def kept_model(path: str | os.PathLike[str], data: bytes) -> AnyModel:
    """As `load_model`; kept, since a command asks for one model in several places, by several names."""
    try:
        return _kept(data)
    except ModelFileError:
        return load_model(path, data)  # again, for the error that names its file


@lru_cache(maxsize=1)
def _kept(data: bytes) -> AnyModel:
    return load_model("", data)


def model_of(content: dict[str, Any], path: str | os.PathLike[str]) -> AnyModel:
    """The model in the `content` of the file `path`, with arrays for tensors. Raises as `load_model`."""
    try:
        model = _model(content)
        line_record.recorded(model)
        return model
    except StageError as error:
        raise ModelFileError(f"{path}: {error}") from error


def _model(content: dict[str, Any]) -> AnyModel:
    form, version = content.get("format"), content.get("version")
    if not isinstance(form, str) or form != FORMAT:
        raise StageError(f"not a model file: format is {quoted(form)}, expected {quoted(FORMAT)}")
    if isinstance(version, int) and version == graph_file.VERSION:
        return graph_file.trained_graph(content)
    if not isinstance(version, int) or version != VERSION:
        raise StageError(
            f"model file of version {quoted(version)}; this release reads versions {VERSION} and "
            f"{graph_file.VERSION}: train again or use the release that wrote it"
        )
    content = check.keys(content, _MODEL_KEYS, "model", _MODEL_DEFAULTS)
    names = check.texts(content, "class_names", "model")
    for key in ("config", "metrics"):
        if not isinstance(content[key], dict):
            raise StageError(f"model: {key} is not a dict")
    return TrainedModel(
        layers=_layers(content, "layers"),
        time_steps=check.count(content, "time_steps", "model"),
        bin_s=check.number(content, "bin_s", "model"),
        unit_pool=check.count(content, "unit_pool", "model"),
        class_names=names,
        dataset=check.text(content, "dataset", "model"),
        config=content["config"],
        metrics=content["metrics"],
        gaussian=None if content["gaussian"] is None else _layers(content, "gaussian"),
        quantised=_quantised(content),
    )


def _layers(content: Mapping[str, Any], key: str) -> tuple[TrainedLayer, ...]:
    return tuple(_layer(layer) for layer in check.dicts(content, key, "model"))


def _layer(content: dict[str, Any]) -> TrainedLayer:
    content = check.keys(content, _LAYER_KEYS, "layer", _LAYER_DEFAULTS)
    name = check.text(content, "name", "layer")
    sigma = check.number(content, "sigma", name)
    if sigma < 0:
        raise StageError(f"{name}: sigma is {sigma}, expected >= 0")
    return TrainedLayer(
        name=name,
        weight=check.array(content, "weight", 2, name),
        position=check.array(content, "position", 2, name),
        kernel_size=check.count(content, "kernel_size", name),
        sigma=sigma,
        tau=check.number(content, "tau", name),
        threshold=None if content["threshold"] is None else check.number(content, "threshold", name),
        batch_norm=None if content["batch_norm"] is None else _norm(content["batch_norm"], name),
        kernel=check.text(content, "kernel", name),
    )


def _norm(content: Any, name: str) -> BatchNorm:
    if not isinstance(content, dict):
        raise StageError(f"{name}: batch_norm is a {type(content).__name__}, expected a dict")
    check.keys(content, _NORM_KEYS, f"{name}: batch_norm")
    gamma, beta, mean, var = (check.array(content, key, 1, name) for key in ("gamma", "beta", "mean", "var"))
    return BatchNorm(gamma, beta, mean, var, check.number(content, "eps", name))


def _quantised(content: Mapping[str, Any]) -> dict[int, tuple[DiscreteLayer, ...]]:
    networks: dict[int, tuple[DiscreteLayer, ...]] = {}
    for network in check.dicts(content, "quantised", "model"):
        check.keys(network, frozenset({"bits", "layers"}), "model: quantised")
        bits = check.count(network, "bits", "model: quantised")
        if bits in networks:
            raise StageError(f"model: quantised has two networks of {bits} bits")
        networks[bits] = tuple(_integer_layer(layer) for layer in check.dicts(network, "layers", "model"))
    return networks


def _integer_layer(content: dict[str, Any]) -> DiscreteLayer:
    check.keys(content, _INTEGER_KEYS, "layer")
    name = check.text(content, "name", "layer")
    scale = check.number(content, "scale", name)
    if not scale > 0:
        raise StageError(f"{name}: scale is {scale}, expected > 0")
    return DiscreteLayer(
        name=name,
        weight=check.array(content, "weight", 2, name, np.int8) / scale,
        delay=check.array(content, "delay", 2, name, np.int16),
        bias=check.array(content, "bias", 1, name, np.float64),
        tau=check.number(content, "tau", name),
        threshold=None if content["threshold"] is None else check.number(content, "threshold", name),
        scale=scale,
    )


def _integer_content(layer: DiscreteLayer) -> dict[str, Any]:
    import torch

    assert layer.scale is not None  # `TrainedModel` checks it
    return {
        "name": layer.name,
        "weight": torch.tensor(np.rint(layer.weight * layer.scale), dtype=torch.int8),
        "scale": layer.scale,
        "delay": torch.tensor(layer.delay, dtype=torch.int16),
        "bias": torch.tensor(layer.bias),
        "tau": layer.tau,
        "threshold": layer.threshold,
    }


def _content(model: AnyModel) -> dict[str, Any]:
    if isinstance(model, TrainedGraph):
        return {"format": FORMAT, "version": graph_file.VERSION, **graph_file.content_of(model)}
    return {
        "format": FORMAT,
        "version": VERSION,
        "time_steps": model.time_steps,
        "bin_s": model.bin_s,
        "unit_pool": model.unit_pool,
        "class_names": list(model.class_names),
        "dataset": model.dataset,
        "config": dict(model.config),
        "metrics": dict(model.metrics),
        "layers": [_layer_content(layer) for layer in model.layers],
        "gaussian": None if model.gaussian is None else [_layer_content(layer) for layer in model.gaussian],
        "quantised": [
            {"bits": bits, "layers": [_integer_content(layer) for layer in layers]}
            for bits, layers in model.quantised.items()
        ],
    }


def _layer_content(layer: TrainedLayer) -> dict[str, Any]:
    import torch

    norm = layer.batch_norm
    return {
        "name": layer.name,
        "weight": torch.tensor(layer.weight),
        "position": torch.tensor(layer.position),
        "kernel_size": layer.kernel_size,
        "sigma": layer.sigma,
        "tau": layer.tau,
        "threshold": layer.threshold,
        "batch_norm": None
        if norm is None
        else {
            "gamma": torch.tensor(norm.gamma),
            "beta": torch.tensor(norm.beta),
            "mean": torch.tensor(norm.mean),
            "var": torch.tensor(norm.var),
            "eps": norm.eps,
        },
        **({} if layer.kernel == GAUSS else {"kernel": layer.kernel}),
    }
