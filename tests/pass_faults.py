"""Faults in what a pass made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from chains import Shape, rough_model
from models import with_layers

from snnc.errors import PassError
from snnc.exporter.calibration import Calibration
from snnc.exporter.options import ExportOptions
from snnc.exporter.pipeline import compile_model
from snnc.stages import TrainedModel
from snnc.targets.registry import load_target

LENIENT = {"allow_saturation": True, "relays": True}
SHAPE = Shape((9, 12, 7, 5), (8, 8, 8), 0.9, 20, 30, True, 3)
"""Batch norms, biases, delays that are not whole, three layers."""
LONG = Shape((4, 6, 3), (8, 8), 0.9, 150, 160, False, 4)


def exported(model: TrainedModel, **options: Any) -> Any:
    return compile_model(model, load_target("loihi"), ExportOptions(**LENIENT | options))


def edit(index: int, **changes: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A stage with fields of one layer changed: name of a field -> what becomes of its value."""

    def made(stage: Any) -> Any:
        layers = list(stage.layers)
        fields = {name: change(getattr(layers[index], name)) for name, change in changes.items()}
        layers[index] = replace(layers[index], **fields)
        return with_layers(stage, layers)

    return made


def plus(where: Any, by: float) -> Callable[[np.ndarray], np.ndarray]:
    def made(array: np.ndarray) -> np.ndarray:
        changed = np.array(array)
        changed[where] += by
        return changed

    return made


def swapped(array: np.ndarray) -> np.ndarray:
    """The first two columns exchanged."""
    changed = np.array(array)
    changed[:, :2] = changed[:, 1::-1]
    return changed


def plant(monkeypatch: pytest.MonkeyPatch, kind: Any, wrong: Callable[..., Any]) -> None:
    """`run` of a pass becomes `wrong`, which gets the right one, the pass and the stage."""
    real = kind.run
    monkeypatch.setattr(kind, "run", lambda done, before: wrong(real, done, before))


def caught(monkeypatch: pytest.MonkeyPatch, kind: Any, fault: Callable, message: str, **options: Any) -> None:
    """With `fault` in what the pass `kind` makes, the export fails with `message`."""
    model = options.pop("model", None) or rough_model(options.pop("shape", SHAPE))
    exported(model, **options)
    plant(monkeypatch, kind, lambda real, done, before: fault(real(done, before)))
    with pytest.raises(PassError, match=message):
        exported(model, **options)


SYNAPSE, NEURON = "layer1, synapse [0-9]+ -> [0-9]+: ", "layer1, neuron [0-9]+: "


def calibration_of(shape: Shape) -> Calibration:
    """24 of noise, with labels that mean nothing."""
    rng = np.random.default_rng(8)
    spikes = (rng.random((24, shape.steps, shape.widths[0])) < 0.3).astype(np.uint8)
    return Calibration("validation", 24, spikes, rng.integers(0, shape.widths[-1], 24))
