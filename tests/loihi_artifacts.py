"""Graphs emitted for Loihi into a folder, for the tests that run or read the program."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from snnc.stages import Artifact, Core, CoreNeurons, PlacedProgram, QuantizedGraph, QuantizedLayer
from snnc.targets.registry import load_target


def placed(graph: QuantizedGraph) -> PlacedProgram:
    """`graph` with each layer on a core of its own."""
    cores = [
        Core(0, i, 0, 0, (CoreNeurons(layer.name, np.arange(layer.neurons)),), {})
        for i, layer in enumerate(graph.layers)
    ]
    return PlacedProgram("loihi", graph, tuple(cores))


def emit(graph: QuantizedGraph) -> dict[str, bytes]:
    return dict(load_target("loihi").emit(placed(graph)))


def emitted(graph: QuantizedGraph, folder: Path) -> Artifact:
    """Write the program of `graph` into `folder`, which holds nothing else; executors do not look there."""
    program = load_target("loihi").emit(placed(graph))
    for name, content in program.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    nothing = np.zeros((0, graph.time_steps, graph.inputs), np.uint8)
    readout = np.zeros((0, graph.time_steps, graph.layers[-1].neurons), np.int32)
    return Artifact(folder, "loihi", graph, {}, nothing, readout, program)


def with_program(artifact: Artifact, changed: Mapping[str, bytes | None]) -> Artifact:
    """`artifact` whose program has other content in the files of `changed`, and lacks those that are None."""
    program = {**artifact.program, **changed}
    return replace(artifact, program={name: data for name, data in program.items() if data is not None})


def edited(artifact: Artifact, name: str, old: str, new: str) -> Artifact:
    """`artifact` with `new` in place of `old`, which stands once in the file `name` of its program."""
    text = artifact.program[name].decode()
    assert text.count(old) == 1
    return with_program(artifact, {name: text.replace(old, new).encode()})


def layer(weight: Any, delay: Any = 0, *, name: str = "layer", **fields: Any) -> QuantizedLayer:
    """A layer [neurons][inputs]; unless given, no bias, stateless current, membrane without leak, readout."""
    weight = np.asarray(weight)
    defaults = {
        "bias_mant": np.zeros(len(weight), np.int32),
        "bias_exp": 0,
        "decay_u": 4096,
        "decay_v": 0,
        "threshold": None,
    }
    return QuantizedLayer(name, weight, np.broadcast_to(delay, weight.shape), **(defaults | fields))


def chain(*layers: QuantizedLayer, time_steps: int) -> QuantizedGraph:
    names = tuple(f"class{index}" for index in range(layers[-1].neurons))
    return QuantizedGraph.chain(layers, time_steps, 0.001, 0.01, names)


def random_chain(
    seed: int,
    widths: tuple[int, ...],
    *,
    time_steps: int,
    max_delay: int,
    threshold: int = 150,
    bias: int = 0,
    bias_exp: int = 0,
    weights: tuple[int, int] = (-128, 127),
    **fields: int,
) -> QuantizedGraph:
    """Random weights, delays 0 .. `max_delay` and biases up to `bias`; the last layer is the readout."""
    rng = np.random.default_rng(seed)
    layers = []
    for index, (inputs, neurons) in enumerate(pairwise(widths)):
        layers.append(
            layer(
                rng.integers(weights[0], weights[1] + 1, (neurons, inputs)),
                rng.integers(0, max_delay + 1, (neurons, inputs)),
                name=f"layer{index}",
                bias_mant=rng.integers(-bias, bias + 1, neurons),
                bias_exp=bias_exp,
                threshold=None if index == len(widths) - 2 else threshold,
                **fields,
            )
        )
    return chain(*layers, time_steps=time_steps)


def random_input(graph: QuantizedGraph, samples: int, density: float = 0.3, seed: int = 0) -> Any:
    rng = np.random.default_rng(seed)
    return (rng.random((samples, graph.time_steps, graph.inputs)) < density).astype(np.uint8)


def program_module(name: str) -> ModuleType:
    """A module of the emitted program that needs no Lava."""
    path = files("snnc.targets.loihi").joinpath("program", f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"emitted_{name}", str(path))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
