"""Networks for lava-dl's netx: those that `snnc export` writes, and those of others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import h5py
import numpy as np

from snnc.cli.inspect.description import Description, command

FEW = 8
"""Most numbers of a field that is printed."""
NEURON = ("iDecay", "vDecay", "vThMant")


def describe(path: Path, file: h5py.File, refuse: Callable[[str], NoReturn]) -> Description:
    """What the layers are. `refuse` for a layer that is no group or does not say what it is."""
    facts: dict[str, object] = {}
    for number in sorted(file["layer"], key=lambda name: (len(name), name)):
        layer = file["layer"][number]
        kind = _text(layer.get("type")) if isinstance(layer, h5py.Group) else ""
        if not kind:
            refuse(f"layer {number}: does not say its type, as layers for netx do")
        facts[f"layer {number}"] = ", ".join((kind, *_layer(layer)))
    folder = path.parent
    if path.name == "network.net" and (folder / "manifest.json").is_file():
        return Description(
            "network for lava-dl's netx, part of an artifact",
            facts,
            command("verify", folder, "--executors", "netx"),
        )
    facts["use"] = (
        "lava-dl's netx runs it; snnc writes such files (snnc export MODEL --whole-bias) and does not export "
        "those of others: give it the network as a NIR file, or the model of `snnc train`"
    )
    return Description("network for lava-dl's netx", facts)


def _layer(layer: h5py.Group) -> Iterator[str]:
    """Sizes, delays and neurons, as far as the layer names them."""
    neurons = layer.get("neuron")
    kind = _text(neurons.get("type")) if isinstance(neurons, h5py.Group) else ""
    inputs, outputs = (_numbers(layer.get(name)) for name in ("inFeatures", "outFeatures"))
    weight, shape = layer.get("weight"), _numbers(layer.get("shape"))
    matrix = weight.shape if isinstance(weight, h5py.Dataset) and len(weight.shape or ()) == 2 else None
    if len(inputs) == len(outputs) == 1:
        yield f"{inputs[0]} -> {outputs[0]} neurons"
    elif matrix is not None:
        yield f"{matrix[1]} -> {matrix[0]} neurons"
    else:
        if isinstance(weight, h5py.Dataset) and len(weight.shape or ()) > 2:
            yield f"weight {'x'.join(map(str, weight.shape))}"
        if shape:
            yield f"output {'x'.join(map(str, shape))}"
    if "delay" in layer:
        yield "with delays"
    if kind:
        named = [f"{name} {value[0]}" for name in NEURON if len(value := _numbers(neurons.get(name))) == 1]
        yield " ".join((kind, *named))


def _text(item: object) -> str:
    """The text of a field, by itself or in a list of one; "" if it is none."""
    value = _value(item)
    if value is not None and value.size == 1 and value.dtype.kind in "SO":
        first = value.reshape(-1)[0]
        return first.decode(errors="replace") if isinstance(first, bytes) else ""
    return ""


def _numbers(item: object) -> list[Any]:
    """A few whole numbers, none if it holds anything else."""
    value = _value(item)
    return value.reshape(-1).tolist() if value is not None and value.dtype.kind in "iu" else []


def _value(item: object) -> np.ndarray | None:
    if not isinstance(item, h5py.Dataset) or item.shape is None or item.size > FEW:
        return None
    return np.asarray(item[()])
