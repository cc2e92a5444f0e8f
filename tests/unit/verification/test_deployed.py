"""What a trained network reaches and costs in integers, before it is exported."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from models import CONFIG, layer

from snnc.errors import InputError, LimitError
from snnc.exporter.options import ExportOptions
from snnc.exporter.pipeline import export_file
from snnc.stages import TrainedModel
from snnc.targets.registry import load_target
from snnc.trainer.data import EventDataset
from snnc.trainer.model_file import save_model
from snnc.trainer.samples import Samples
from snnc.verification.chip import estimate_artifact
from snnc.verification.deployed import deployed

LINES, STEPS = [0, 0, 0, 1], [0, 2, 5, 1]


def model() -> TrainedModel:
    """Two lines; each fires a neuron of its own, with a weight of twice its threshold.

    The neuron speaks for its class and against the other.
    """
    hidden = layer("hidden1", 2 * np.eye(2), np.zeros((2, 2)), kernel_size=1)
    readout = layer(
        "readout", np.array([[1.0, -1.0], [-1.0, 1.0]]), np.zeros((2, 2)), kernel_size=1, threshold=None
    )
    return TrainedModel((hidden, readout), 8, 0.01, 1, ("a", "b"), "none.npz", CONFIG)


def samples() -> Samples:
    """Line 0 fires in steps 0, 2 and 5 of the first recording, line 1 in step 1 of the second; both are a."""
    events = EventDataset(
        times=np.array(STEPS, np.uint16),
        units=np.array(LINES),
        offsets=np.array([0, 3, 4]),
        labels=np.zeros(2, np.int64),
        speaker=np.zeros(2, np.int64),
        trial=np.zeros(2, np.int64),
        duration=np.full(2, 0.08, np.float32),
        tick_s=0.01,
        unit_count=2,
        class_names=("a", "b"),
        name="two",
    )
    return Samples("validation", events, 0.01, 8, 1)


def test_answers_and_operations_by_hand() -> None:
    """The first is right, the second is not. A spike of a line passes 1 synapse, and one of a neuron 2."""
    for target in ("loihi", "c"):
        found = deployed(model(), 8, load_target(target), samples())
        assert (found.correct, found.total) == (1, 2)
        assert found.operations == (3 * (1 + 2) + 1 * (1 + 2)) / 2
    assert (found.energy_uj, found.latency_ms) == (None, None)  # no costs of a processor are published


def test_costs_are_those_of_the_export(tmp_path: Path) -> None:
    save_model(model(), tmp_path / "m.pt")
    artifact = export_file(tmp_path / "m.pt", "loihi", tmp_path / "m.loihi", ExportOptions(weight_bits=4))
    (core,) = artifact.manifest["placement"]  # which holds both layers whole
    data = samples()
    frames, _ = data.frames(np.arange(2))
    chip = estimate_artifact(artifact, frames)
    found = deployed(model(), 4, load_target("loihi"), data)
    assert found.bytes == core["use"]["synapse_bytes"][0]
    assert found.energy_uj == pytest.approx(chip.energy / 2 / 1e9)
    assert found.latency_ms == pytest.approx(chip.latency / 2 / 1e9)
    assert found.operations == chip.workload.effective / 2
    other = deployed(model(), 4, load_target("loihi"), data, "sanafe-loihi1")
    assert other.energy_uj != found.energy_uj


def test_what_has_no_integers_is_refused() -> None:
    first = model().layers[0]
    strong = replace(model(), layers=(replace(first, weight=2 * first.weight), model().layers[1]))
    with pytest.raises(LimitError, match="no 2-bit scale holds both"):
        deployed(strong, 2, load_target("loihi"), samples())
    with pytest.raises(InputError, match="costs 'none' are unknown"):
        deployed(model(), 8, load_target("loihi"), samples(), "none")
