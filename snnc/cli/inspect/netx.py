"""Networks for lava-dl's netx: those that `snnc export` writes, and those of others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import h5py
import numpy as np

from snnc.cli.inspect.description import Description, command, read_bytes
from snnc.cli.inspect.exports import ANY_GRAPH, STEPS, TARGET, TRIED_OF_GRAPH
from snnc.errors import RangeProofError, SnncError

if TYPE_CHECKING:
    from snnc.stages import QuantizedGraph

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
    first = file["layer"].get("0")
    values = isinstance(first, h5py.Group) and _text(first.get("type")) == "input" and "neuron" in first
    more, following = _export(path, values)
    return Description("network for lava-dl's netx", facts | more, following, "lava-dl")


def _export(path: Path, values: bool) -> tuple[dict[str, object], str | None]:
    """What export refuses, and the command that goes on.

    `values`: the input layer has neurons, which take numbers in the place of spikes.
    """
    from snnc.exporter.lava_dl.importer import import_network
    from snnc.exporter.nir.options import ImportOptions
    from snnc.formats import PAYLOAD_MAX
    from snnc.io import hdf5_guard

    data = hdf5_guard.pass_on(path, read_bytes(path))
    largest = PAYLOAD_MAX if values else 1
    try:
        found = import_network(data, str(path), ImportOptions(time_steps=STEPS), largest)
    except SnncError as error:
        return {"export": f"refused: {error}".replace(f"{path}: ", "", 1)}, None
    told: list[object] = ["--time-steps", "N"]
    facts: dict[str, object] = {}
    if values:
        facts["input"] = found.notes["input_values"]
        told += ["--payload-max", largest]
    if sum(each.synapses.count for each in found.graph.projections) > TRIED_OF_GRAPH:
        return facts, command("export", path, "--target", ANY_GRAPH, *told)
    for target in (TARGET, ANY_GRAPH):
        try:
            more = _needed(found.graph, target)
        except SnncError as error:
            facts[f"export to {target}"] = f"refused: {error}"
            continue
        named = [] if target == TARGET else ["--target", target]
        return facts, command("export", path, *named, *told, *more)
    return facts, None


def _needed(graph: QuantizedGraph, name: str) -> list[str]:
    """Options without which export to the target `name` refuses it. Raises `SnncError` if it always does."""
    from snnc.exporter.graph_export import checked_ranges
    from snnc.exporter.passes import Place
    from snnc.targets.registry import load_target

    target, more = load_target(name), []
    try:
        checked_ranges(graph, target, False)
    except RangeProofError:
        more = ["--allow-saturation"]
    Place(target).check_room(graph)
    return more


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
