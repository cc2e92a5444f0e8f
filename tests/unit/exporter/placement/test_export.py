"""Placement on the road from a model file to an artifact, and what the command line says of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from models import saved, tiny_model
from placements import chip, traffic

from snnc.cli import export_details, main
from snnc.exporter.artifact import placed_program, read_artifact
from snnc.exporter.calibration import Calibration
from snnc.exporter.manifest import MANIFEST
from snnc.exporter.pipeline import ExportOptions, compile_model
from snnc.hwsim.oracle import run_graph
from snnc.targets import registry

NARROW = chip(neurons_per_core=2, cores=16, mesh_columns=4, mesh_rows=4)


def test_the_manifest_says_that_spikes_were_not_measured(tiny_artifact: Path) -> None:
    manifest = json.loads((tiny_artifact / MANIFEST).read_text())
    # 5 lines, 6 hidden neurons and 3 classes on one core: the lines' 5 spikes come from outside.
    assert manifest["traffic"]["measured"] is False
    assert manifest["traffic"]["spikes"] == 5
    (row,) = manifest["placement"]
    assert row["populations"] == {"hidden1": "0:6", "readout": "0:3"}
    assert row["use"]["neurons"] == [9, 8192]
    changes = {step["name"]: step["changes"] for step in manifest["provenance"]["passes"]}["place"]
    assert changes == {"chips": 1, "cores": 1, "shared_cores": 1, "spikes_to_cores": 5, "hops": 0}


def test_measured_spikes_reach_the_pass() -> None:
    """Those of the recordings that the export looks at, by the oracle."""
    model = tiny_model()
    spikes = (np.random.default_rng(1).random((10, model.time_steps, 5)) < 0.3).astype(np.uint8)
    recordings = Calibration("validation", 10, spikes, np.zeros(10, np.int64))
    program = compile_model(model, chip(neurons_per_core=3), ExportOptions(), None, recordings).program
    hidden = run_graph(program.graph, spikes).layers[0].spikes
    counts = [spikes.sum(axis=(0, 1)), hidden.sum(axis=(0, 1))]
    assert counts[1].any()
    assert program.traffic is not None
    assert (program.traffic.measured, program.traffic.recordings) == (True, 10)
    assert (program.traffic.spikes, program.traffic.hops) == traffic(program, counts)


def test_export_prints_the_fullest_cores_and_the_traffic(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("snnc.exporter.pipeline.target_of", lambda name: NARROW)
    monkeypatch.setattr("snnc.exporter.artifact.load_target", lambda name: NARROW)
    monkeypatch.setattr(registry, "load_target", lambda name: NARROW)
    monkeypatch.setattr(export_details, "CORES_SHOWN", 3)
    out = tmp_path / "out"
    assert main(["export", str(saved(tiny_model(), tmp_path)), "-o", str(out), "-v"]) == 0
    said = capsys.readouterr().out
    # 6 hidden and 3 readout neurons on cores of 2: 5 cores.
    assert "the 3 fullest of 5 cores, used / max (the manifest has all):" in said
    assert "fits      5 of 16 cores; the fullest uses 100 % of its neurons" in said
    assert "events of the input to cores, and spikes between cores, a recording: " in said
    assert "not measured: as if every input and neuron spiked once" in said
    assert len(json.loads((out / MANIFEST).read_text())["placement"]) == 5
    assert placed_program(read_artifact(out)).target == "loihi"


def test_what_does_not_fit_is_one_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused) -> None:
    monkeypatch.setattr("snnc.exporter.pipeline.target_of", lambda name: chip(neurons_per_core=8, cores=1))
    message = refused("export", saved(tiny_model(), tmp_path), "-o", tmp_path / "out")
    assert "the network takes 2 cores of loihi at least, one chip has 1: 1 over (9 neurons of 8" in message
    assert "5 instead of 6 neurons in hidden1 fits" in message
    assert not (tmp_path / "out").exists()
