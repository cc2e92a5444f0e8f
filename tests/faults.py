"""Seeded faults: executors that are wrong in one place, and emitted programs that are."""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from edits import Edit, edited
from places import ROOT

from snnc.plugins.executors import EXECUTORS
from snnc.stages import Artifact, QuantizedGraph, Trace


class OnChangedGraph:
    """An executor that runs another network than it is given."""

    def __init__(self, name: str, change: Callable[[QuantizedGraph], QuantizedGraph]) -> None:
        module, _, attribute = EXECUTORS[name].partition(":")
        self.inner: Any = getattr(importlib.import_module(module), attribute)()
        self.name, self.change = name, change

    def unavailable_reason(self) -> str | None:
        return None

    def run(self, artifact: Artifact, spikes: np.ndarray) -> Trace:
        return self.inner.run(replace(artifact, graph=self.change(artifact.graph)), spikes)


def with_layer(graph: QuantizedGraph, index: int, **arrays: Any) -> QuantizedGraph:
    layers = list(graph.layers)
    layers[index] = replace(layers[index], **arrays)
    return graph.with_layers(layers)


def bumped(array: np.ndarray, where: tuple[int, int]) -> np.ndarray:
    changed = np.array(array)
    changed[where] += 1
    return changed


def mutate_sources(folder: Path, files: dict[str, str], edits: Iterable[Edit]) -> None:
    """Copy `files` (path in the repository -> module name) to `folder` with `edits`.

    Imports between the copied files are redirected to the copies.
    """
    texts = {path: (ROOT / path).read_text() for path in files}
    for path, old, new in edits:
        texts[path] = edited(path, texts[path], old, new)
    for path, module in files.items():
        for other, name in files.items():
            real = "snnc." + other.removesuffix(".py").replace("/", ".")
            texts[path] = texts[path].replace(f"from {real} import", f"from {name} import")
        (folder / f"{module}.py").write_text(texts[path])
        sys.modules.pop(module, None)


Change = Callable[[QuantizedGraph], QuantizedGraph]
"""A fault as another network that is run."""


def every_layer(**changes: Callable) -> Change:
    """A fault of the arithmetic: each layer with fields computed from its own."""
    return lambda graph: graph.with_layers(
        replace(layer, **{name: change(layer) for name, change in changes.items()}) for layer in graph.layers
    )


CHANGES: dict[str, Change] = {
    "delays one longer": every_layer(delay=lambda layer: layer.delay + 1),
    "delays clipped": every_layer(delay=lambda layer: np.minimum(layer.delay, 2)),
    "weights lose their low bit": every_layer(weight=lambda layer: (layer.weight / 2).astype(int) * 2),
    "leak": every_layer(decay_v=lambda layer: min(4096, layer.decay_v + 1)),
    "no bias": every_layer(bias_mant=lambda layer: layer.bias_mant * 0),
    "delays of another neuron": every_layer(delay=lambda layer: layer.delay[::-1]),
}


def edit_npz(data: bytes, key: str, where: tuple[int, int]) -> bytes:
    """Add 1 to one element of an array of an npz file."""
    with np.load(io.BytesIO(data)) as archive:
        arrays = {name: archive[name] for name in archive.files}
    arrays[key] = bumped(arrays[key], where)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


LAVA_GREATER_OR_EQUAL = """
from lava.proc.lif import models as _models
_models.PyLifResetModelBitAcc.spiking_activation = lambda self: self.v >= self.effective_vth
"""

LAVA_FLOOR_DECAY = """
import inspect as _inspect, re as _re, textwrap as _textwrap
from lava.proc.lif import models as _models
_text = _textwrap.dedent(_inspect.getsource(_models.AbstractPyLifModelFixed.subthr_dynamics))
_text, _count = _re.subn(
    r"np.sign\\(decayed_volt\\) \\* np.right_shift\\(\\s*np.abs\\(decayed_volt\\), self.decay_shift\\s*\\)",
    "np.right_shift(decayed_volt, self.decay_shift)", _text)
assert _count == 1
exec(_text, _models.__dict__)
_models.AbstractPyLifModelFixed.subthr_dynamics = _models.subthr_dynamics
"""
