"""Quantisation choices through `snnc export`: bits, scales, and the search for fewest bits."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from exports import export, losses_of
from models import ON_GOLDEN, digits_model, saved

from snnc.cli import main
from snnc.errors import ArtifactError
from snnc.exporter.artifact import read_artifact
from snnc.exporter.manifest import MANIFEST
from snnc.exporter.passes.discretise import Discretise
from snnc.stages import DiscreteLayer
from snnc.trainer.data import load_digits, save_events_npz

pytestmark = pytest.mark.slow


def test_synapses_are_left_out_within_the_budget(digits_file, tmp_path):
    """Of random weights nearly all may go if every recording may be lost, and the budget has that step."""
    artifact = export(digits_file, tmp_path, "--max-drop", 100, "--weight-bits", 3, "--prune", "auto")
    provenance = artifact.manifest["provenance"]
    assert provenance["pruned"] == {"hidden1": 0.95, "readout": 0.95}
    changed = next(step["changes"] for step in provenance["passes"] if step["name"] == "prune")
    left = sum(int(np.count_nonzero(layer.weight)) for layer in artifact.graph.layers)
    assert left == changed["synapses"] - changed["synapses_removed"] < changed["synapses"] / 10
    loss = losses_of(artifact).loss
    assert loss is not None
    assert [stage.stage for stage in loss.stages][-2:] == ["quantised", "pruned"]
    assert loss.stages[-1].spikes < loss.stages[-2].spikes


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--scale", "huge"), "--scale huge: unknown; choose one of max, percentile, mse, task"),
        (("--percentile", 90), "--percentile needs --scale percentile or task"),
        (("--percentile", 0, "--scale", "percentile"), "--percentile 0: give more than 0 and at most 100"),
        (("--percentile", "nan", "--scale", "percentile"), "--percentile nan: give more than 0"),
        (("--max-drop", -1), "--max-drop -1: give 0 .. 100"),
        (("--prune", "auto"), "--prune auto needs --max-drop"),
        (("--prune", "half"), "--prune half: give a share from 0 to 1, or auto"),
        (("--max-drop", "nan"), "--max-drop nan: give 0 .. 100"),
        (("--max-drop", 1, "--weight-bits", "4,8"), "give a single number as --weight-bits"),
        (("--weight-bits", 1), "--weight-bits 1: give 2 .. 8"),
        (("--weight-bits", "8,9"), "--weight-bits 9: give 2 .. 8"),
        (("--weight-bits", "8,8,8"), "--weight-bits 8,8,8: names 3 layers, the model has 2"),
        (("--weight-bits", "four"), "--weight-bits four: give one number, or one per layer"),
        (("--weight-bits", ""), "--weight-bits : give one number"),
        (("--dataset", "digits", "--no-budget"), "--dataset: has no effect with --no-budget"),
    ],
)
def test_bad_options(options, words, refused, digits_file, tmp_path):
    assert words in refused("export", digits_file, "-o", tmp_path / "out", *options)
    assert not (tmp_path / "out").exists()


# Bits and scales.
def test_bits_of_each_layer(digits_file, tmp_path, capsys):
    artifact = export(digits_file, tmp_path, "--weight-bits", "4,8", "--no-budget")
    assert artifact.manifest["provenance"]["weight_bits"] == {"hidden1": 4, "readout": 8}
    largest = [int(np.abs(layer.weight).max()) for layer in artifact.graph.layers]
    assert 3 < largest[0] <= 7
    assert largest[1] == 127
    assert "weights   hidden1 4, readout 8 bits, rounded to them after training" in capsys.readouterr().out
    assert (
        main(
            [
                "verify",
                str(artifact.path),
                *ON_GOLDEN,
                "--executors",
                "oracle,hwsim",
            ]
        )
        == 0
    )


@pytest.mark.parametrize(
    ("recorded", "words"),
    [
        ({"hidden1": 3}, "hidden1 has 3 weight bits, which hold -3..3, but a weight of"),
        ({"hidden1": 9}, "'hidden1' has 9 weight bits"),
        ({"other": 8}, "'other' has 8 weight bits"),
        ({"hidden1": "4"}, "weight_bits are not numbers by layer"),
        ([4, 8], "weight_bits are not numbers by layer"),
    ],
)
def test_bits_that_are_not_those_of_the_weights(recorded, words, digits_file, tmp_path):
    artifact = export(digits_file, tmp_path, "--weight-bits", "4,8", "--no-budget")
    manifest = json.loads((artifact.path / MANIFEST).read_text())
    manifest["provenance"]["weight_bits"] = recorded
    (artifact.path / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(ArtifactError, match=words):
        read_artifact(artifact.path)


@pytest.mark.parametrize("scale", ["max", "percentile", "mse", "task"])
def test_scales_that_are_powers_of_two(scale, digits_file, tmp_path):
    options = ("--scale", scale, "--power-of-two", "--weight-bits", 4, "--no-budget")
    provenance = export(digits_file, tmp_path, *options).manifest["provenance"]
    assert all(np.log2(scale) == round(np.log2(scale)) for scale in provenance["weight_scale"].values())
    changes = provenance["passes"][1]["changes"]
    assert ("scales_tried" in changes) == (scale == "task")
    if scale == "task":
        assert changes["loss_after_search"] <= changes["loss_before_search"]


def test_a_percentile_clips_what_it_says(digits_file, tmp_path):
    options = ("--scale", "percentile", "--percentile", 90, "--no-budget")
    changes = export(digits_file, tmp_path, *options).manifest["provenance"]["passes"][1]["changes"]
    synapses = 12 * 140 + 20 * 12
    # A tenth lies beyond, but for those that round to the last step, and the whole threshold.
    assert 0.05 * synapses < changes["weights_clipped"] <= 0.1 * synapses


def finished(model, bits: int, scale: float):
    """`model`, as if training had finished it in integers."""
    layers = tuple(
        DiscreteLayer(
            part.name,
            np.rint(part.weight * scale).clip(-7, 7) / scale,
            part.delay,
            part.bias,
            part.tau,
            part.threshold,
            scale,
        )
        for part in Discretise().run(model).layers
    )
    return replace(model, quantised={bits: layers})


def test_a_scale_that_is_asked_for_replaces_that_of_training(tmp_path, capsys):
    model = saved(finished(digits_model(), 4, 5.0), tmp_path)
    options = ("--weight-bits", 4, "--no-budget")
    provenance = export(model, tmp_path, *options).manifest["provenance"]
    assert provenance["finished_in_training"] == ["hidden1", "readout"]
    assert provenance["weight_scale"] == {"hidden1": 5.0, "readout": 5.0}
    assert "weights   4 bits, as training finished them" in capsys.readouterr().out
    for own in (("--scale", "max"), ("--power-of-two",)):
        provenance = export(model, tmp_path, *options, *own).manifest["provenance"]
        assert provenance["finished_in_training"] == []
        assert 5.0 not in provenance["weight_scale"].values()


def test_a_phase_that_kept_nothing_of_its_own_finished_nothing(tmp_path, capsys):
    """As training tells it: "int4: kept as it was before this phase, no epoch is better"."""
    model = finished(digits_model(), 4, 5.0)
    rows = [{"phase": "int8", "best": True}, {"phase": "int4", "best": False}]
    steps = {"int4": {"accuracy": 0.5}, "int4_final": {"accuracy": 0.5}}
    for more, words in (({}, "rounded"), ({"int4_clipped": {"accuracy": 0.5}}, "rounded and clipped")):
        metrics = {**model.metrics, "history": rows, "validation": steps | more}
        file = saved(replace(model, metrics=metrics), tmp_path)
        provenance = export(file, tmp_path, "--weight-bits", 4, "--no-budget").manifest["provenance"]
        assert provenance["phases_without_gain"] == ["int4"]
        assert (
            f"weights   4 bits, as training {words} them before its int4 phase\n" in capsys.readouterr().out
        )
    rows[1] = {"phase": "int4", "best": True}
    file = saved(replace(model, metrics={**model.metrics, "history": rows}), tmp_path)
    provenance = export(file, tmp_path, "--weight-bits", 4, "--no-budget").manifest["provenance"]
    assert "phases_without_gain" not in provenance
    assert "weights   4 bits, as training finished them" in capsys.readouterr().out


def test_some_layers_as_training_finished_them(tmp_path, capsys):
    model = saved(finished(digits_model(), 4, 5.0), tmp_path)
    provenance = export(model, tmp_path, "--weight-bits", "4,8").manifest["provenance"]
    assert provenance["finished_in_training"] == ["hidden1"]
    words = (
        "hidden1 4, readout 8 bits, hidden1 as training finished them, the weights of the others rounded aft"
    )
    assert words in capsys.readouterr().out


# Fewest bits.
def test_max_drop_finds_a_smaller_network_within_its_budget(digits_file, tmp_path, capsys):
    artifact = export(digits_file, tmp_path, "--max-drop", 100, "--scale", "mse", "-v")
    search = losses_of(artifact).bits
    assert search is not None
    assert search.chosen == (2, 2)  # anything goes
    assert len(search.candidates) == 7
    assert search.best.synapse_bytes < search.found[0].synapse_bytes
    assert artifact.manifest["provenance"]["weight_bits"] == {"hidden1": 2, "readout": 2}
    assert max(int(np.abs(layer.weight).max()) for layer in artifact.graph.layers) == 1
    output = capsys.readouterr().out
    assert (
        "chosen bits, on 240 validation recordings of 4 sources (field `speaker`: 2, 12, 22, 32):" in output
    )
    assert "7 networks tried; chosen: hidden1 2, readout 2 bits" in output
    assert (
        "240 validation recordings of 4 sources (field `speaker`: 2, 12, 22, 32), by which --max-drop also "
        "chose: judge on others\n" in output
    )
    export(digits_file, tmp_path / "told", "--weight-bits", 4)
    output = capsys.readouterr().out
    assert "240 validation recordings of 4 sources (field `speaker`: 2, 12, 22, 32)\n" in output
    assert "also chose" not in output


def test_max_drop_starts_from_the_bits_that_are_named(digits_file, tmp_path):
    search = losses_of(export(digits_file, tmp_path, "--max-drop", 100, "--weight-bits", 4)).bits
    assert search.candidates[0].bits == (4, 4)


FEW_WORDS = """
bin_s = 0.02
padding_steps = 6
hidden = [16]
kernel_size = 9
tau = 2.0
epochs = 8
finetune_epochs = 1
quantise_epochs = 1
batch_size = 16
lr_weights = 2e-2
"""


def test_a_trained_network_becomes_smaller_than_int8(tmp_path):
    """Three words, a small network, one point of accuracy."""
    digits = load_digits()
    few = digits.select(np.flatnonzero(digits.labels < 3))
    save_events_npz(few, tmp_path / "few.npz")
    (tmp_path / "few.toml").write_text(f'dataset = "{tmp_path / "few.npz"}"\n{FEW_WORDS}')
    assert main(["train", str(tmp_path / "few.toml"), "-o", str(tmp_path / "model.pt")]) == 0
    artifact = export(tmp_path / "model.pt", tmp_path, "--max-drop", 1, "--scale", "mse")
    search, loss = losses_of(artifact).bits, losses_of(artifact).loss
    assert search.found[0].bits == (8, 8)
    assert sum(search.best.synapse_bytes) < sum(search.found[0].synapse_bytes)
    assert search.best.correct >= search.reference - 0.01 * search.recordings.used
    assert search.reference > 0.8 * search.recordings.used  # it learned its words
    # All recordings fit both measures: the budget ends where the search did.
    assert loss.recordings == search.recordings
    assert loss.stages[-1].correct == search.best.correct
